"""A server of updates, and a line to it."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from agent.config.model import TlsSection
from agent.uplink.fetch import Channel, FetchDoors, FetchJob
from tests.update.bundles import FakeClock


class Line:
    """A governor that lets everything through and counts."""

    def __init__(self) -> None:
        self.taken = 0
        self.shut = False

    def rests(self) -> bool:
        return self.shut

    def others_first(self) -> bool:
        return False

    def share(self, _kbps: float) -> Any:
        def take(count: int) -> float:
            self.taken += count
            return 0.0

        return SimpleNamespace(take=take, close=lambda: None)


class Server:
    def __init__(self, content: bytes, channel: dict[str, Any]) -> None:
        self.content, self.channel = content, channel
        self.fails = 0
        self.ranges: list[str] = []

    @contextmanager
    def stream(self, _method: str, url: str, headers: Mapping[str, str]) -> Iterator[Any]:
        if urlsplit(url).path == "/channel.json":
            yield answer(200, json.dumps(self.channel).encode())
            return
        if self.fails:
            self.fails -= 1
            raise ConnectionResetError("gone")
        self.ranges.append(headers["Range"])
        first, last = (int(each) for each in headers["Range"].removeprefix("bytes=").split("-"))
        yield answer(206, self.content[first : last + 1])


def answer(status: int, body: bytes) -> Any:
    return SimpleNamespace(status=status, pieces=lambda _size: iter([body]))


def fetch_job(
    tmp_path: Path, server: Server, line: Line, clock: FakeClock, wants: bool = True
) -> tuple[FetchJob, list[Path]]:
    got: list[Path] = []
    doors = FetchDoors(tmp_path / "update", lambda _version: wants, lambda _version, path: got.append(path))
    channel = Channel("https://ward.invalid/channel.json", TlsSection())
    job = FetchJob(channel, doors, line, clock, threading.Event())  # type: ignore[arg-type]
    job._http = server  # type: ignore[assignment]
    clock.at_s += 10_000
    return job, got
