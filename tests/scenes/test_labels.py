from pathlib import Path

import pytest

from tests.scenes import sources
from tests.scenes.labels import Clip, Interval, Labels, labels


@pytest.mark.parametrize("name", sources.CLIPS)
def test_labels_say_who_made_them_and_lie_within_the_clip(name: str) -> None:
    told = labels(name)
    assert told.by.startswith("by eye")
    for each in (*told.moving, *told.unsure):
        assert 0 <= each.from_s < each.to_s <= told.seconds
    assert list(told.moving) == sorted(told.moving, key=lambda each: each.from_s)
    for passing in told.passings:
        assert (passing.enters_s or 0.0) < passing.crosses_s <= told.seconds
        assert name == "carpark" or passing.lane.split("-")[0] in told.lines


def test_what_is_neither_moving_nor_unsure_is_still() -> None:
    told = Labels("clip", "by eye", 0.1, 10.0, 10.0, (Interval(2, 4), Interval(3, 5)), (Interval(5, 5.5),))
    assert Clip("clip", Path("clip.mp4"), told).still == (Interval(0.0, 2), Interval(5.5, 10.0))


def test_something_passes_in_each_stretch_of_motion_in_the_car_park() -> None:
    told = labels("carpark")
    for each in told.moving:
        assert any(each.from_s < passing.crosses_s < each.to_s for passing in told.passings)
