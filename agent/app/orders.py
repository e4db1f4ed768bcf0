"""What the ward's commands do to the rooms of this node, and what their jobs tell of themselves afterwards."""

from dataclasses import dataclass

from agent.access import AccessLog
from agent.app.jobs import Jobs
from agent.clock import Clock, Moment
from agent.commands import (
    ClipRequestCommand,
    FootageDoors,
    Inbox,
    RebirthCommand,
    SeenRequests,
    job_done,
)
from agent.config.model import Config
from agent.contract.topics import Topics
from agent.footage.doors import AnyFootage
from agent.spool import Spool
from agent.uplink import LinkMemory
from agent.values import FootageFound, OutgoingClip


@dataclass(frozen=True, slots=True)
class Stores:
    """What commands reach."""

    spool: Spool
    footage: AnyFootage
    access: AccessLog


class Orders:
    """One for the life of the process. Raises StorageError where the spool does."""

    def __init__(self, config: Config, topics: Topics, stores: Stores, clock: Clock) -> None:
        self._topics = topics
        self._spool = stores.spool
        self._footage = stores.footage
        self._access = stores.access
        self._clock = clock
        self._cams = frozenset(camera.id for camera in config.cameras)
        self._seen = SeenRequests(config.node.data_dir / "commands.db", clock)
        self.jobs = Jobs(topics, self._spool, self._seen, clock)

    def inbox(self, memory: LinkMemory) -> Inbox:
        """Where commands arrive."""
        doors = FootageDoors(self._plan, self._spool.want, self._spool.put, self._access.write)
        commands = (
            RebirthCommand(memory.ask_rebirth),
            ClipRequestCommand(self._topics, self._cams, doors, self._clock),
        )
        return Inbox(self._topics, commands, self._seen, self._spool.put, self._clock)

    def clip_uploaded(self, clip: OutgoingClip) -> None:
        """A clip is at the ward; if it was a job's, the job is done."""
        if self._seen.knows(clip.id):
            self._spool.put(job_done(self._topics, clip, self._clock.now()))

    def close(self) -> None:
        """Close the table of requests."""
        self._seen.close()

    def _plan(self, cam: str, start: Moment, end: Moment) -> FootageFound:
        # Asked each time: a damaged index is replaced while the node runs.
        return self._footage.library.plan(cam, start, end)
