"""The pace of uploads, on a clock that tests turn."""

import pytest

from agent.clock import MediaClock
from agent.uplink.limiter import TokenBucket


@pytest.mark.parametrize("kbps", [8, 160, 10_000])
def test_the_average_pace_is_the_limit(kbps: int) -> None:
    clock = MediaClock()
    bucket = TokenBucket(kbps, clock)
    sent, now_s = 0, 0.0
    while now_s < 60:
        now_s += bucket.take(bucket.piece_bytes)
        clock.advance(now_s)
        sent += bucket.piece_bytes
    assert sent / 60 == pytest.approx(kbps * 125, rel=0.02)


def test_a_pause_does_not_save_up_a_burst() -> None:
    clock = MediaClock()
    bucket = TokenBucket(80, clock)
    clock.advance(3600.0)
    assert bucket.take(10_000) == pytest.approx(0.75)


def test_pieces_are_small_enough_for_a_slow_line() -> None:
    assert TokenBucket(80, MediaClock()).piece_bytes == 2500
    assert TokenBucket(0, MediaClock()).piece_bytes == 16_384


def test_no_limit_never_waits() -> None:
    assert TokenBucket(0, MediaClock()).take(10**9) == 0.0
