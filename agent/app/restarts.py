"""When a command may start the agent anew, and what is owed to whoever asked: kept in memory over the start, no longer.

`exec` keeps the process and the boot, so the monotonic clock tells how long ago the last one was.
"""

import contextlib
import json
from pathlib import Path

from agent.clock import Clock
from agent.commands.inbox import ANSWER_PRIORITY
from agent.config.model import Config
from agent.contract.commands import ResponseMessage
from agent.contract.topics import Topics
from agent.durable import disk_error, write_durably
from agent.health.status import runtime_file
from agent.values import Draft

EVERY_S = 600.0


class Restarts:
    """`path`: a small file, best in the runtime directory. Raises StorageError."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock

    def wait_s(self) -> float:
        """Until the next restart may be asked for; 0: now."""
        told = self._read()
        if told is None or told.get("boot_id") != self._clock.boot_id:
            return 0.0
        at_s = told.get("mono_s")
        return max(0.0, EVERY_S - (self._clock.mono_s() - at_s)) if isinstance(at_s, int | float) else 0.0

    def begin(self, request_id: str) -> None:
        """One is about to happen; durable on return."""
        self._write({"boot_id": self._clock.boot_id, "mono_s": self._clock.mono_s(), "request_id": request_id})

    def done(self, topics: Topics) -> Draft | None:
        """At a start: the answer to whoever asked for it. Given until `told` is called."""
        told = self._read()
        request_id = told.get("request_id") if told else None
        if not isinstance(request_id, str):
            return None
        message = ResponseMessage(request_id=request_id, command="restart", result="done")
        return Draft(topics.response(request_id), message.body(), self._clock.now(), ANSWER_PRIORITY)

    def told(self) -> None:
        """The answer is in the spool."""
        told = self._read()
        if told is not None:
            told.pop("request_id", None)
            self._write(told)

    def _read(self) -> dict[str, object] | None:
        with contextlib.suppress(OSError, ValueError):
            told = json.loads(self._path.read_bytes())
            return told if isinstance(told, dict) else None
        return None

    def _write(self, told: dict[str, object]) -> None:
        try:
            self._path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            write_durably(self._path, json.dumps(told).encode())
        except OSError as error:
            raise disk_error(error, self._path) from error


def restarts_of(config: Config, clock: Clock) -> Restarts:
    """This node's."""
    data = config.node.data_dir
    return Restarts(runtime_file(f"restart-{config.node.id}.json", data) or data / "restart.json", clock)
