"""200 nodes on one broker: the power of a quarter comes back, and then the broker restarts. With FAULTS=1: 60 s."""

import collections
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.clock import Clock
from agent.uplink import Patience
from agent.worker import Worker
from deploy.ward import Ward, WardError, WardOptions
from tests.uplink.station import Station

NODES = 200
SPREAD_S = 30.0  # as by default
MOST_AT_ONCE = 50  # connections in one second
PATIENCE_S = 120.0

pytestmark = [
    pytest.mark.skipif(os.environ.get("FAULTS") != "1", reason="the first connections take 30 s; set FAULTS=1"),
    pytest.mark.timeout(400),
]


class JustBooted(Clock):
    """Real time, of a boot half a minute ago."""

    def __init__(self) -> None:
        super().__init__()
        self._begin_s = time.monotonic() - 30.0

    def mono_s(self) -> float:
        return time.monotonic() - self._begin_s


class Node:
    """A station with the worker that the agent has; notes when its connections began."""

    def __init__(self, url: str, number: int) -> None:
        self.station = Station(url, f"crowd-{number:03d}")
        self.station.memory.clock = JustBooted()
        self.connected_s: list[float] = []
        self.station.memory.connected = self._connected  # type: ignore[method-assign]
        patience = Patience(self.station.memory, SPREAD_S)
        self.worker = Worker("mqtt", lambda stop: self.station.fresh(), self.station, patience, Clock())

    def _connected(self) -> None:
        self.connected_s.append(time.monotonic())

    def stop(self) -> None:
        self.station.stop.set()
        self.worker.stop()


@pytest.fixture
def own_ward(tmp_path: Path) -> Iterator[Ward]:
    try:
        running = Ward.start(tmp_path / "ward", WardOptions(upload=False))
    except WardError as error:
        pytest.skip(str(error))
    with running:
        yield running


def per_second(times_s: list[float]) -> list[int]:
    counts = collections.Counter(int(at_s - min(times_s)) for at_s in times_s)
    return [counts[second] for second in range(max(counts) + 1)]


def until(what: Callable[[], bool]) -> bool:
    deadline_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline_s:
        if what():
            return True
        time.sleep(0.1)
    return False


@pytest.mark.fault("B27", "200 agents after a power cut, then the broker restarts under all of them")
def test_two_hundred_nodes(own_ward: Ward, record_property: Callable[[str, object], None]) -> None:
    nodes = [Node(own_ward.mqtt_url, number) for number in range(NODES)]
    try:
        for node in nodes:
            node.worker.start()
        assert until(lambda: all(node.connected_s for node in nodes)), "nobody starves"
        first = per_second([node.connected_s[0] for node in nodes])
        own_ward.kill_broker()
        own_ward.start_broker()
        for node in nodes:
            node.station.put(1, node.station.topics.event("gate", "crowd"), {})
        assert until(lambda: all(node.station.acked == [1] for node in nodes)), "nobody starves after the restart"
        again = per_second([node.connected_s[-1] for node in nodes])
    finally:
        for node in nodes:
            node.stop()
        for node in nodes:
            node.worker.join(10)
    assert len(first) >= 0.8 * SPREAD_S, first
    assert max(first) <= MOST_AT_ONCE, first
    assert max(again) <= 2 * MOST_AT_ONCE and len(again) >= 3, again
    record_property("seen", f"first connections per second {first}; after the broker's restart {again}")
