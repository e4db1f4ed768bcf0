import numpy as np
import pytest

from agent.change.jolt import Jolts
from agent.values import Motion, Picture
from tests.motion.pictures import noisy, scene, walker, with_person

QUIET = Motion((), 0.0)


def watched(seconds: int, spread: float = 2.0) -> Jolts:
    """A still scene, a look a second."""
    jolts = Jolts()
    for step in range(seconds):
        jolts.look(noisy(scene(160, 90), step, spread), float(step))
    return jolts


def brighter(picture: Picture, levels: int) -> Picture:
    return np.clip(picture.astype(np.int16) + levels, 0, 255).astype(np.uint8)


def test_a_still_scene_has_no_jolt() -> None:
    jolts = watched(60)
    assert not any(jolts.near(float(second)) for second in range(60))


@pytest.mark.parametrize(
    "after", [brighter(noisy(scene(160, 90), 99, 2.0), 8), noisy(scene(160, 90), 99, 12.0)], ids=["exposure", "noise"]
)
def test_what_begins_as_the_whole_picture_jumps_is_near_a_jolt(after: Picture) -> None:
    jolts = watched(30)
    jolts.look(after, 30.0)
    assert jolts.near(30.0)
    assert jolts.near(32.0)
    assert not jolts.near(20.0)


def test_who_passes_near_by_is_no_jolt() -> None:
    jolts = watched(30)
    jolts.look(with_person(noisy(scene(160, 90), 99, 2.0), walker(5)), 30.0)
    assert not jolts.near(30.0)


def test_rain_that_goes_on_is_no_jolt_for_long() -> None:
    jolts = watched(30)
    for step in range(30, 90):
        jolts.look(noisy(scene(160, 90), step, 12.0), float(step))
    assert jolts.near(30.0)
    assert not jolts.near(80.0)


def test_motion_that_learns_anew_is_one() -> None:
    jolts = watched(5)
    jolts.see(QUIET, 5.0)
    assert not jolts.near(5.5)
    jolts.see(Motion((), 0.0, ready=False), 5.2)
    assert jolts.near(5.5)
