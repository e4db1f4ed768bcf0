import pytest

from agent.clock import MediaClock
from agent.detection.joined import MOST, joined
from agent.detection.rider import MEMORY_S, Riders, rides
from agent.values import Box, Detection, Motion

# There is no footage of motorbikes here: these boxes are drawn from proportions (a rider's seat is at about half of the
# motorbike's height, the feet rest above its wheels' lower edge).
BIKE = Box(0.40, 0.50, 0.50, 0.66)
RIDER = Box(0.42, 0.38, 0.48, 0.62)
BEHIND = Box(0.42, 0.38, 0.48, 0.60)
IN_FRONT = Box(0.42, 0.42, 0.48, 0.72)
BESIDE = Box(0.51, 0.40, 0.56, 0.66)


def seen(label: str, box: Box, score: float = 0.7) -> Detection:
    return Detection(box, label, score)


def moving(*boxes: Box) -> Motion:
    return Motion(boxes, 0.1)


def shifted(box: Box, by: float) -> Box:
    return Box(box.left + by, box.top, box.right + by, box.bottom)


@pytest.mark.parametrize("label", ["motorcycle", "bicycle"])
def test_a_rider_and_what_is_ridden_are_one_thing(label: str) -> None:
    both = (seen("person", RIDER, 0.8), seen(label, BIKE, 0.6))
    (one,) = Riders().join(MediaClock().now(), both, moving(RIDER.union(BIKE)))
    assert one == Detection(RIDER.union(BIKE), label, 0.8)


def test_somebody_behind_a_parked_motorbike_is_somebody_else() -> None:
    both = (seen("person", BEHIND, 0.8), seen("motorcycle", BIKE, 0.6))
    # Of the walker the part above the motorbike is seen, and that moves; the wheels do not.
    walker = Box(BEHIND.left, BEHIND.top, BEHIND.right, BIKE.top + 0.04)
    assert Riders().join(MediaClock().now(), both, moving(walker)) == both


@pytest.mark.parametrize("walker", [IN_FRONT, BESIDE])
def test_somebody_in_front_of_or_beside_one_is_somebody_else(walker: Box) -> None:
    both = (seen("person", walker, 0.8), seen("motorcycle", BIKE, 0.6))
    assert not rides(walker, BIKE)
    assert Riders().join(MediaClock().now(), both, moving(walker.union(BIKE))) == both


def test_a_parked_motorbike_with_somebody_sitting_on_it_stays_two() -> None:
    both = (seen("person", RIDER, 0.8), seen("motorcycle", BIKE, 0.6))
    assert Riders().join(MediaClock().now(), both, Motion((), 0.0)) == both


def test_one_half_found_a_moment_later_is_still_the_pair_and_later_no_more() -> None:
    clock, riders = MediaClock(), Riders()
    riders.join(clock.now(), (seen("person", RIDER), seen("motorcycle", BIKE)), moving(RIDER.union(BIKE)))
    clock.advance(0.2)
    for half in (seen("person", shifted(RIDER, 0.01)), seen("motorcycle", shifted(BIKE, 0.01))):
        (one,) = riders.join(clock.now(), (half,), moving(shifted(RIDER.union(BIKE), 0.01)))
        assert one.label == "motorcycle"
        assert one.box.iou(shifted(RIDER.union(BIKE), 0.01)) > 0.95
    clock.advance(0.3 + MEMORY_S)
    alone = seen("person", RIDER)
    assert riders.join(clock.now(), (alone,), moving(RIDER)) == (alone,)


def test_two_riders_side_by_side_are_two_things() -> None:
    found = [seen("person", RIDER), seen("motorcycle", BIKE)]
    found += [seen("person", shifted(RIDER, 0.12)), seen("motorcycle", shifted(BIKE, 0.12))]
    place = moving(RIDER.union(shifted(BIKE, 0.12)))
    assert [one.label for one in Riders().join(MediaClock().now(), found, place)] == ["motorcycle"] * 2


def test_a_row_of_parked_motorbikes_stays_countable_over_two_crops() -> None:
    # Parked at an angle, neighbours share up to two thirds of their union.
    row = [shifted(Box(0.40, 0.50, 0.50, 0.66), 0.022 * number) for number in range(5)]
    assert row[0].iou(row[1]) > 0.6
    left, right = Box(0.2, 0.2, 0.7, 0.9), Box(0.3, 0.2, 0.8, 0.9)
    found = [seen("motorcycle", box, 0.9 - 0.05 * number) for number, box in enumerate(row)]
    again = [seen("motorcycle", shifted(each.box, 0.001), each.score - 0.02) for each in found]
    assert len(joined([(left, found), (right, again)])) == 5


def test_of_a_flood_of_detections_only_the_best_are_looked_at() -> None:
    whole = Box(0.0, 0.0, 1.0, 1.0)
    flood = [
        seen("person", Box(i % 20 / 20, i // 20 / 20, (i % 20 + 1) / 20, (i // 20 + 1) / 20), 0.4 + i / 1000)
        for i in range(2 * MOST)
    ]
    assert joined([(whole, flood[:MOST]), (whole, flood[MOST:])]) == tuple(reversed(flood[MOST:]))
