"""Our side of the consumer's process: started with the run, asked for figures, gone when the run is."""

import json
import selectors
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from agent.errors import LinkError
from agent.i18n import Text
from agent.tools.fleet.heard import Heard, Listening
from agent.tools.fleet.measures import Delays

START_S = 30.0
ANSWER_S = 10.0
KEY_BYTES = 8


class Ear:
    """Use as a context manager. Raises LinkError when it cannot hear the broker."""

    def __init__(self, listening: Listening) -> None:
        self._keys = Path(listening.keys)
        self._process = subprocess.Popen(
            (sys.executable, "-m", "agent.tools.fleet.consumer"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for us; it ends when its input does
        )
        self._say(json.dumps(asdict(listening)))

    def __enter__(self) -> "Ear":
        try:
            self._await_subscription()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def heard(self) -> Heard:
        """Its figures now. Raises LinkError when it does not answer."""
        return _heard(self._ask())

    def keys(self) -> list[bytes]:
        """Every revision it accepted, in its order; ends it."""
        self._stop()
        return [each.tobytes() for each in _parts(self._keys)]

    def _await_subscription(self) -> None:
        for _ in range(round(START_S / 0.1)):
            if self._ask().get("subscribed"):
                return
            try:
                self._process.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
            break
        raise _deaf()

    def _ask(self) -> dict[str, Any]:
        self._say("?")
        assert self._process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            line = self._process.stdout.readline() if selector.select(ANSWER_S) else b""
        if not line:
            raise _deaf()
        figures: dict[str, Any] = json.loads(line)
        return figures

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line.encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise _deaf() from None

    def _stop(self) -> None:
        for pipe in (self._process.stdin,):
            if pipe is not None and not pipe.closed:
                pipe.close()
        try:
            self._process.wait(ANSWER_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _parts(file: Path) -> list[memoryview]:
    data = memoryview(file.read_bytes()) if file.exists() else memoryview(b"")
    return [data[start : start + KEY_BYTES] for start in range(0, len(data), KEY_BYTES)]


def _heard(figures: dict[str, Any]) -> Heard:
    known = {name: figures[name] for name in Heard.__dataclass_fields__}
    return Heard(**{**known, "lag_ms": Delays(**figures["lag_ms"])})


def _deaf() -> LinkError:
    return LinkError(
        Text(en="the consumer cannot hear the broker", vi="chương trình nhận tin không nghe được máy chủ MQTT"),
        Text(
            en="check --broker, the login and what the broker lets it read; or --no-consumer",
            vi="hãy kiểm tra --broker, tên đăng nhập và quyền đọc; hoặc dùng --no-consumer",
        ),
        code="broker_unreachable",
    )
