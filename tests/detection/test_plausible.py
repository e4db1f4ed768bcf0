"""Boxes around the whole picture."""

import pytest

from agent.detection.plausible import plausible
from agent.values import Box, Detection, Motion

WHOLE = Detection(Box(0.01, 0.01, 0.97, 0.99), "bus", 0.6)
CAR = Detection(Box(0.4, 0.4, 0.5, 0.5), "car", 0.6)
STILL = Motion((), 0.0)


def moving(*boxes: Box) -> Motion:
    """Motion in these boxes, which do not overlap."""
    return Motion(boxes, sum(box.area for box in boxes))


def test_a_whole_street_is_no_train() -> None:
    assert plausible((WHOLE, CAR), STILL) == (CAR,)


def test_cars_that_move_about_do_not_make_a_bus() -> None:
    cars = moving(Box(0.1, 0.1, 0.4, 0.4), Box(0.6, 0.6, 0.8, 0.9))
    assert plausible((WHOLE, CAR), cars) == (CAR,)


def test_a_bus_that_passes_before_the_lens_counts() -> None:
    assert plausible((WHOLE,), moving(Box(0.0, 0.0, 0.6, 1.0))) == (WHOLE,)


def test_before_motion_is_known_it_does_not_count() -> None:
    assert plausible((WHOLE, CAR), Motion((), 0.0, ready=False)) == (CAR,)


@pytest.mark.parametrize("box", [Box(0.0, 0.5, 1.0, 1.0), Box(0.3, 0.0, 0.7, 1.0), Box(0.1, 0.1, 0.8, 0.8)])
def test_what_is_merely_large_counts_also_when_it_stands(box: Box) -> None:
    large = Detection(box, "truck", 0.5)
    assert plausible((large,), STILL) == (large,)
