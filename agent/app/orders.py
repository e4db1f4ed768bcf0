"""What the ward's commands do to the rooms of this node, and what their jobs tell of themselves afterwards.

The commands themselves are made by theme, one file each: `orders_footage.py`, `orders_node.py` and so on.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.access import AccessLog
from agent.app.command_keys import read_command_keys
from agent.app.jobs import Jobs
from agent.app.restarts import restarts_of
from agent.clock import Clock
from agent.commands import Command, Inbox, SeenRequests, Shelf, TimeFloor, Trust, job_done
from agent.config.model import Config
from agent.contract.topics import COMMANDS, Topics
from agent.errors import StorageError
from agent.footage.doors import AnyFootage
from agent.spool import Spool
from agent.values import OutgoingClip

if TYPE_CHECKING:
    from agent.app.node import Node


LIVE = "live."  # commands of nodes that have a media server; the others do not claim that they can


@dataclass(frozen=True, slots=True)
class Stores:
    """What commands reach."""

    spool: Spool
    footage: AnyFootage
    access: AccessLog


class Orders:
    """One for the life of the process. Raises StorageError where the spool does, ConfigError when a key is unusable."""

    def __init__(self, config: Config, topics: Topics, stores: Stores, clock: Clock) -> None:
        self._config = config
        self._topics = topics
        self._spool = stores.spool
        self._clock = clock
        self._access = stores.access
        self._verifies = read_command_keys(config.commands.key)
        self._seen = SeenRequests(config.node.data_dir / "commands.db")
        self.floor = TimeFloor(config.node.data_dir / "time-floor", clock)
        self.jobs = Jobs(topics, self._spool, self._seen, clock)

    def inbox(self, node: "Node") -> Inbox:
        """Where commands arrive. Made last: commands reach everything that a node is made of."""
        self.jobs.kbps = lambda: node.line.stats.state().uplink_kbps
        self._tell_restart()

        def make() -> tuple[Command, ...]:
            from agent.app.orders_all import all_commands  # noqa: PLC0415  # a megabyte that is seldom needed

            return all_commands(node, self._config, self._clock)

        shelf = Shelf([name for name in COMMANDS if node.live or not name.startswith(LIVE)], make)
        trust = Trust(self._seen, self._verifies, self.floor.ns, self._access.write)
        return Inbox(self._topics, shelf.commands(), trust, self._spool.put, self._clock)

    def _tell_restart(self) -> None:
        """After a start that was asked for: it is done."""
        restarts = restarts_of(self._config, self._clock)
        owed = restarts.done(self._topics)
        if owed is not None:
            try:
                self._spool.put(owed)
                restarts.told()
            except StorageError:  # a full disk: told at the next start
                pass

    def clip_uploaded(self, clip: OutgoingClip) -> None:
        """A clip is at the ward; if it was a job's, the job is done."""
        if self._seen.knows(clip.id):
            self._spool.put(job_done(self._topics, clip, self._clock.now()))

    def close(self) -> None:
        """Close the table of requests."""
        self.floor.keep(now_at_once=True)
        self._seen.close()
