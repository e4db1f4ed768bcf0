"""How much may be on the line to the broker at once."""

import pytest

from agent.errors import LinkError
from agent.uplink.mqtt import FLIGHT_BYTES, PUBACK_S
from deploy.ward import Ward
from tests.uplink.mute import PUBLISH, mute_broker
from tests.uplink.station import Station

SIZE = 5_000


def test_a_live_message_waits_behind_little(ward: Ward) -> None:
    station = Station(ward.mqtt_url, "flight-1")
    topic = "camera/v1/ward-1/flight-1/cam/gate/thumb/x"
    seen: list[int] = []
    try:
        station.until(lambda: station.job._greeted)
        for row in range(1, 41):
            station.put(row, topic, b"x" * SIZE)

        def empty() -> bool:
            seen.append(station.memory.stats.in_flight)
            return station.empty()

        station.until(empty, turns=200)
        assert FLIGHT_BYTES <= max(seen) < FLIGHT_BYTES + SIZE + 200
        assert station.acked == list(range(1, 41))
        assert station.memory.stats.take_published() >= 40 * SIZE
    finally:
        station.close()
    assert station.memory.stats.in_flight == 0


@pytest.mark.fault("B23", "the broker answers pings and never acknowledges a message")
def test_a_broker_that_acknowledges_nothing_does_not_hold_the_line_for_ever() -> None:
    with mute_broker() as (url, heard):
        station = Station(url, "mute-1", protocol="3.1.1", keepalive="5m")
        try:
            station.until(lambda: PUBLISH in heard)
            assert station.memory.stats.in_flight > 0  # clips make room
            station.clock.skipped_s += PUBACK_S - 5
            station.job.run_once()
            station.clock.skipped_s += 10
            with pytest.raises(LinkError) as caught:
                station.until(lambda: False, turns=10)
            assert caught.value.silent
        finally:
            station.close()
        assert station.memory.stats.in_flight == 0
