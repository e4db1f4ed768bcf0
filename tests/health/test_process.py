from agent.health.process import ProcessCheck
from tests.health.hands import HandClock


def test_this_process() -> None:
    clock = HandClock()
    check = ProcessCheck(clock)
    clock.go(12.5)
    process = check.read()
    assert process.uptime_s == 12.5
    assert process.rss_mb > 1
    assert process.threads >= 1


def test_the_processor_share_is_kept_for_a_while() -> None:
    clock = HandClock()
    check = ProcessCheck(clock)
    check._cpu_pct = 55.0
    clock.go(1)
    assert check.read().cpu_pct == 55.0
    clock.go(20)
    assert check.read().cpu_pct != 55.0
