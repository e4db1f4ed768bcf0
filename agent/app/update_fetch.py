"""Which new version is for this node, and what happens when it is here: root is asked to try it."""

import hashlib
import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from agent.clock import Clock
from agent.config.model import Config
from agent.health.status import runtime_file
from agent.update.place import newer
from agent.update.wanted import NAME, ask
from agent.uplink.fetch import Channel, FetchDoors, FetchJob

if TYPE_CHECKING:
    from agent.app.node import Node

log = logging.getLogger(__name__)
FOLDER = "update"


def is_chosen(node: str, version: str, stage: int) -> bool:
    """Does this node belong to the first `stage` percent for `version`? The same for ever, another share each time."""
    digest = hashlib.sha256(f"{node} {version}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % 100 < stage


class Fetching:
    """Of one node with an `update` section."""

    def __init__(self, node: "Node", config: Config, clock: Clock) -> None:
        self._node = node
        self._config = config
        self._clock = clock

    def job(self, stop: threading.Event) -> FetchJob:
        """For the worker. Raises LinkError."""
        section = self._config.update
        assert section is not None
        doors = FetchDoors(self._config.node.data_dir / FOLDER, self.wants, self.fetched)
        channel = Channel(section.url, self._config.tls)
        return FetchJob(channel, doors, self._node.line.governor, self._clock, stop)

    def wants(self, version: str) -> bool:
        """Newer than all that was here, not given up before, nothing on trial, and this node's turn."""
        word, section = self._node.word, self._config.update
        runs = word.version
        if section is None or runs is None or word.hinders() is not None:
            return False
        history = word.history()
        above = all(newer(version, other) for other in (runs, history.highest) if other is not None)
        tried = any(name.startswith(f"{version}-") for name in history.failed)
        return above and not tried and is_chosen(self._config.node.id, version, section.stage)

    def fetched(self, version: str, bundle: Path) -> None:
        """Root looks at it next. Raises OSError."""
        request = runtime_file(NAME, self._config.node.data_dir)
        if request is None:
            log.warning("version %s is here, but there is no place to ask for it", version)
            return
        ask(request.parent, bundle)
        log.info("version %s is here; it is tried next", version)
