"""Cases whose answer is a figure: their benches, quickly, held against what must be reached. With FAULTS=1: minutes."""

import os
from collections.abc import Callable

import pytest

from bench import backlog, outage, slowlink
from bench.truth import Absent

pytestmark = [
    pytest.mark.skipif(os.environ.get("FAULTS") != "1", reason="benches take most of a minute each; set FAULTS=1"),
    pytest.mark.timeout(600),
]
Seen = Callable[[str, object], None]


def measured(run: Callable[[bool], dict[str, object]], seen: Seen, *names: str) -> dict[str, float]:
    try:
        figures = run(True)
    except Absent as error:
        pytest.skip(str(error))
    seen("seen", ", ".join(f"{name} {figures[name]}" for name in names))
    return {name: float(str(figures[name])) for name in names}


@pytest.mark.fault("A17", "100,000 messages and 5,000 clips wait")
def test_a_long_queue(record_property: Seen) -> None:
    found = measured(backlog.run, record_property, "start_s", "extra_mb", "drain_per_s", "overtake_s")
    assert found["start_s"] <= 10 and found["extra_mb"] < 100
    assert found["drain_per_s"] >= 200 and found["overtake_s"] <= 5


@pytest.mark.fault("B18", "an hour without a broker, compressed")
@pytest.mark.fault("B19", "an hour on a half-open line, compressed")
def test_an_hour_without_a_line(record_property: Seen) -> None:
    found = measured(outage.run, record_property, "health_s", "events_s", "lost", "out_of_order", "live_wait_s")
    assert (found["lost"], found["out_of_order"]) == (0, 0)
    assert found["health_s"] <= 30 and found["events_s"] <= 120 and found["live_wait_s"] <= 5


@pytest.mark.fault("B20", "20 kB/s: events while a clip goes up, cut three times")
@pytest.mark.fault("B21", "20 kB/s: the upload is cut three times")
def test_a_slow_line(record_property: Seen) -> None:
    found = measured(slowlink.run, record_property, "event_p95_s", "events_missing", "resent_pct", "cuts")
    assert found["events_missing"] == 0 and found["cuts"] == 3
    assert found["event_p95_s"] <= 5
