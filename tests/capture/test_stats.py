"""Numbers of a camera as health wants them."""

from agent.capture.counts import Counts
from agent.capture.stats import CaptureStats
from agent.clock import Clock


def test_pictures_are_counted_however_many_a_child_claims() -> None:
    stats = CaptureStats("gate", Clock())
    stats.count(Counts(pictures=2**61), Counts())
    stats.count(Counts(pictures=5), Counts(pictures=7))
    assert stats.state().frames == 2**61
