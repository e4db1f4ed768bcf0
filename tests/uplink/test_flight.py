"""How much may be on the line to the broker at once."""

from agent.uplink.mqtt import FLIGHT_BYTES
from deploy.ward import Ward
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
