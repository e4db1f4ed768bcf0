"""Scripted walks that a tracker loses people in: crossings, a pole, few pictures, a model that looks now and then."""

import random
from collections.abc import Callable

import pytest

from agent.values import Box
from tests.tracking.walks import Scene, person, seen

Way = Callable[[float], Box]
LEFT: Way = lambda second: person(0.15 + 0.09 * second, 0.52, 0.25)  # noqa: E731
RIGHT: Way = lambda second: person(0.87 - 0.09 * second, 0.56, 0.25)  # noqa: E731
ALONG: Way = lambda second: person(0.1 + 0.06 * second, 0.30, 0.2)  # noqa: E731


def numbers(ways: dict[str, Way], fps: float, looks: int = 1, hidden: Callable[[Box], bool] = lambda _: False) -> Scene:
    """Eight seconds of these walks; the model jitters, and looks at every `looks`-th frame."""
    source, scene = random.Random(4), Scene(fps=fps)
    for frame in range(round(8 * fps)):
        boxes = [way(frame / fps) for way in ways.values()]
        there = [box for box in boxes if not hidden(box) and source.random() > 0.05]
        detections = [seen(_jittered(box, source), source.uniform(0.45, 0.9)) for box in there]
        if frame % looks:
            scene.feed(regions=())
        else:
            scene.feed(*detections)
    return scene


def _jittered(box: Box, source: random.Random) -> Box:
    x, y = source.gauss(0, 0.03) * box.height, source.gauss(0, 0.03) * box.height
    return Box(box.left + x, box.top + y, box.right + x, box.bottom + y)


@pytest.mark.parametrize(
    ("fps", "looks"),
    [(10, 1), (5, 1), (2, 1), (15, 3), (10, 3)],
    ids=["10 fps", "5 fps", "2 fps", "15 fps, every third looked at", "10 fps, every third looked at"],
)
def test_two_who_meet_and_one_beyond_keep_their_numbers(fps: float, looks: int) -> None:
    scene = numbers({"left": LEFT, "right": RIGHT, "along": ALONG}, fps, looks)
    last = (round(8 * fps) - 1) / fps
    for way in (LEFT, RIGHT, ALONG):
        first = scene.number_near(way(1.0), 1.0)
        assert first is not None
        assert first == scene.number_near(way(last), last)
    assert scene.tracker.next_id == 4


@pytest.mark.parametrize(("fps", "looks"), [(10, 1), (5, 1), (10, 3)])
def test_a_pole_hides_a_walker_for_a_second_and_a_half(fps: float, looks: int) -> None:
    # 0.06 of the picture a second: behind 0.09 of it for 1.5 s.
    def behind(box: Box) -> bool:
        return 0.33 <= box.centre.x <= 0.42

    scene = numbers({"along": ALONG}, fps, looks, behind)
    assert scene.number_near(ALONG(7.5), 7.5) == scene.number_near(ALONG(2.0), 2.0) == 1
    assert scene.tracker.next_id == 2


def test_who_comes_long_after_another_has_left_is_somebody_else() -> None:
    scene = numbers({"along": lambda second: person(0.4)}, 10, hidden=lambda _: False)
    for _ in range(40):
        scene.feed()
    for _ in range(5):
        (track,) = scene.feed(seen(person(0.4))) or (None,)
    assert track is not None
    assert track.id == 2
