"""A live picture's part of the line: messages before it, clips after it, and never all of the household's cap."""

import pytest

from agent.clock import MediaClock
from agent.config.model import UplinkSection
from agent.uplink.governor import Governor
from agent.uplink.share import SHORT_S
from agent.uplink.stats import LinkStats
from tests.uplink.shelf import make_governor


def governor(clock: MediaClock, stats: LinkStats | None = None, **section: object) -> Governor:
    return make_governor(UplinkSection.model_validate(section), stats or LinkStats(), clock)


def test_a_fifth_of_the_cap_is_never_taken() -> None:
    clock = MediaClock()
    line = governor(clock, max_kbps=1000, yields=False)
    assert line.live_kbps() == pytest.approx(800)
    first, second = line.share(300), line.share(200)
    assert line.live_kbps() == pytest.approx(300)
    sent = 0
    while clock.mono_s() < 20.0:  # both send as much as they may
        for share in (first, second):
            clock.advance(clock.mono_s() + share.take(2000))
            sent += 2000
    assert sent * 8 / 1000 / clock.mono_s() == pytest.approx(800, rel=0.05)
    first.close()
    second.close()
    assert line.live_kbps() == pytest.approx(800)


def test_what_uploads_have_measured_limits_it_unless_the_line_is_ours_alone() -> None:
    stats = LinkStats()
    stats.uploaded(125_000, 1.0)  # 1000 kbit/s
    assert governor(MediaClock(), stats).live_kbps() == pytest.approx(800)
    assert governor(MediaClock(), stats, yields=False).live_kbps() is None
    assert governor(MediaClock()).live_kbps() is None


def test_clips_wait_while_a_live_picture_waits_for_its_turn_and_no_longer() -> None:
    clock = MediaClock()
    line = governor(clock)
    share = line.share(400)
    assert not line.others_first()
    while share.take(20_000) <= 0:
        assert clock.mono_s() < 1.0
    assert line.others_first()
    clock.advance(clock.mono_s() + SHORT_S + 0.01)
    assert not line.others_first()


def test_the_cap_alone_makes_no_clip_wait() -> None:
    clock = MediaClock()
    line = governor(clock, max_kbps=100, yields=False)
    share = line.share(80)
    for _ in range(20):
        share.take(10_000)
    assert not line.others_first()


def test_a_message_that_waits_is_seen() -> None:
    stats = LinkStats()
    share = governor(MediaClock(), stats).share(400)
    assert not share.messages_first
    stats.in_flight = 300
    assert share.messages_first


@pytest.mark.parametrize(("kbps", "bytes_per_s"), [(100, 18_750), (50_000, 250_000)])
def test_it_begins_at_its_own_rate_and_on_an_unknown_line_no_faster_than_two_megabits(
    kbps: int, bytes_per_s: int
) -> None:
    share = governor(MediaClock()).share(kbps)
    share.take(bytes_per_s)
    assert share.take(bytes_per_s) == pytest.approx(2 - 0.25, abs=0.01)
