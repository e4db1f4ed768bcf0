import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.health.notify import Notifier


@pytest.fixture(params=["path", "abstract"])
def ear(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    abstract = request.param == "abstract"
    name = f"camera-agent-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind("\0" + name if abstract else name)
        server.settimeout(60)
        yield server, "@" + name if abstract else name


def test_what_systemd_hears(ear: tuple[socket.socket, str]) -> None:
    server, address = ear
    notifier = Notifier({"NOTIFY_SOCKET": address})
    assert notifier.ready("2 cameras")
    assert server.recv(4096) == b"READY=1\nSTATUS=2 cameras"
    assert notifier.status("two\nlines")
    assert server.recv(4096) == b"STATUS=two lines"
    assert notifier.starting("1 of 9", 120.0)
    assert server.recv(4096) == b"EXTEND_TIMEOUT_USEC=120000000\nSTATUS=1 of 9"
    assert notifier.watchdog()
    assert server.recv(4096) == b"WATCHDOG=1"
    assert notifier.stopping()
    assert server.recv(4096) == b"STOPPING=1"


def test_without_systemd_nothing_happens() -> None:
    notifier = Notifier({})
    assert not notifier.ready()
    assert notifier.watchdog_s is None


def test_a_deaf_systemd_does_no_harm(tmp_path: Path) -> None:
    assert not Notifier({"NOTIFY_SOCKET": str(tmp_path / "nobody")}).watchdog()


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [
        ({"WATCHDOG_USEC": "60000000"}, 60.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(os.getpid())}, 60.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({}, None),
    ],
)
def test_the_watchdog_interval(environ: dict[str, str], seconds: float | None) -> None:
    assert Notifier(environ).watchdog_s == seconds
