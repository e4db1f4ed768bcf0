"""Numbers of a camera as health wants them."""

from agent.capture.counts import Counts
from agent.capture.stats import CaptureStats
from agent.clock import Clock


def test_pictures_are_counted_however_many_a_child_claims() -> None:
    stats = CaptureStats("gate", Clock())
    stats.count(Counts(pictures=2**61), Counts())
    stats.count(Counts(pictures=5), Counts(pictures=7))
    assert stats.state().frames == 2**61


def test_the_view_is_told_only_while_pictures_come() -> None:
    stats = CaptureStats("gate", Clock())
    stats.condition("capture-gate", "ok")
    assert stats.state().view is None
    stats.sees("covered")
    assert stats.state().view == "covered"
    stats.condition("capture-gate", "lost", "camera_silent")
    assert stats.state().view is None
