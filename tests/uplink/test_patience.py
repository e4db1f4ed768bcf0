"""When a node tries its brokers again: spread, capped, remembered over a crash, and the next address soon."""

import random
from pathlib import Path

import pytest

from agent.errors import LinkError
from agent.uplink import LinkMemory, LinkStats, Patience
from agent.uplink.patience import CAP_S, FIRST_S, JUST_BOOTED_S, SILENT_CAP_S
from deploy.ward import Ward
from tests.proxy import Proxy
from tests.uplink.station import Ear, SkippingClock, Station

ONE, TWO = ("mqtts://a",), ("mqtts://a", "mqtts://b")


class Uptime(SkippingClock):
    """The machine has run for so long."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds

    def mono_s(self) -> float:
        return self.seconds


def memory(uptime_s: float = 9999.0) -> LinkMemory:
    return LinkMemory(Uptime(uptime_s), LinkStats())


def delays(link: LinkMemory, patience: Patience, silent: bool, count: int) -> list[float]:
    found = []
    for _ in range(count):
        link.failed(ONE, silent)
        found.append(patience.delay_s())
    return found


@pytest.mark.parametrize(("silent", "cap_s"), [(True, SILENT_CAP_S), (False, CAP_S)])
@pytest.mark.fault("B18", "the delays are jittered and capped")
def test_delays_grow_to_their_cap_and_are_drawn_from_nothing_to_all_of_it(silent: bool, cap_s: float) -> None:
    link = memory()
    late = [delays(link, Patience(link, 30, rng=random.Random(seed)), silent, 12)[-1] for seed in range(400)]
    assert max(late) <= cap_s
    assert max(late) > 0.95 * cap_s and min(late) < 0.05 * cap_s
    assert sum(late) / len(late) == pytest.approx(cap_s / 2, rel=0.1)


@pytest.mark.fault("B27", "the first connection after a boot is spread")
def test_right_after_a_boot_the_first_connection_is_spread() -> None:
    waits, link = [], memory(40.0)
    for seed in range(300):
        Patience(link, 30.0, rng=random.Random(seed))
        waits.append(link.wait_s())
    assert 0 <= min(waits) < 2 and 28 < max(waits) <= 30
    link = memory(JUST_BOOTED_S + 1)
    Patience(link, 30.0)
    assert link.wait_s() <= 0


@pytest.mark.parametrize(
    ("spread_s", "silent", "first_s"), [(30, False, 5), (0, False, 5), (240, False, 40), (240, True, 5)]
)
@pytest.mark.fault("B27", "the more nodes a broker has, the longer they take to come back to it")
def test_a_broker_of_a_city_gets_its_nodes_back_more_slowly(spread_s: float, silent: bool, first_s: float) -> None:
    waits, link = [], memory()
    for seed in range(400):
        link.connected()
        link.failed(ONE, silent)  # a connection that worked
        waits.append(Patience(link, spread_s, rng=random.Random(seed)).delay_s())
    assert 0.95 * first_s < max(waits) <= first_s
    assert sum(waits) / len(waits) == pytest.approx(first_s / 2, rel=0.1)


@pytest.mark.fault("B18", "a crash loop is no storm")
def test_a_crash_loop_goes_on_where_it_was(tmp_path: Path) -> None:
    kept = tmp_path / "link.json"
    link = memory()
    before = Patience(link, 30, kept, random.Random(1))
    delays(link, before, False, 6)
    again = memory()
    after = Patience(again, 30, kept, random.Random(2))
    assert 0 < again.wait_s() <= CAP_S
    again.failed(ONE, silent=False)
    assert after._count == 6
    after.delay_s()
    another_boot = memory()
    another_boot.clock.boot_id = "another"
    assert Patience(another_boot, 30, kept)._count == 0


@pytest.mark.parametrize("text", ["", "{", "[]", '{"boot_id": 1}', '{"failures": "many"}'])
def test_a_spoilt_file_is_no_memory(tmp_path: Path, text: str) -> None:
    kept = tmp_path / "link.json"
    kept.write_text(text)
    link = memory()
    assert Patience(link, 30, kept).delay_s() >= 0
    assert link.wait_s() <= 0


def test_all_addresses_are_tried_before_a_long_rest_and_the_first_is_preferred() -> None:
    link = memory()
    patience = Patience(link, 30, rng=random.Random(3))
    tried, waits = [], []
    for _ in range(20):
        tried.append(link.address(TWO))
        link.failed(TWO, silent=False)
        waits.append(patience.delay_s())
    assert tried == [*TWO] * 10
    assert all(wait <= FIRST_S for wait in waits[::2])
    assert max(waits[1::2]) > 20
    link.connected()
    link.failed(TWO, silent=False)
    assert link.address(TWO) == TWO[0]


@pytest.mark.fault("B18", "the next broker takes over")
def test_a_node_goes_over_to_the_next_broker_and_loses_nothing(ward: Ward) -> None:
    with Proxy(ward.mqtt_port) as first:
        urls = [f"mqtt://127.0.0.1:{first.port}", ward.mqtt_url]
        station = Station(urls, "failover")
        with Ear(ward.mqtt_port, station) as ear:
            topic = station.topics.state("gate", "crowd")
            station.put(1, topic, {"row": 1})
            station.until(station.empty)
            assert first.accepted == 1
            first.target = 1  # nobody listens there any more
            first.reset()
            station.put(2, topic, {"row": 2})
            tries = 0
            while not station.empty():  # what was lost is tried again first, then the next
                try:
                    station.until(station.empty)
                except LinkError:
                    tries += 1
                    station.job.close()
                    station.fresh()
            assert tries == 2
            ear.wait_rows(topic, {1, 2})
        station.close()
