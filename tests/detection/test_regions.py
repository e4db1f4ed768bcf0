import itertools

import pytest

from agent.clock import MediaClock
from agent.detection.barren import FIRST_S, LONGEST_S
from agent.detection.joined import joined
from agent.detection.lens import Lens
from agent.detection.regions import RELOOK_S, UNWANTED_S, WHOLE, RegionChooser
from agent.values import Box, Detection, Motion, Track

SHAPE = (576, 768)
STILL = Motion((), 0.0)
PLACES = tuple(
    Box(0.02 + 0.24 * i, 0.02 + 0.44 * j, 0.06 + 0.24 * i, 0.12 + 0.44 * j) for i in range(4) for j in range(2)
)


class Looks:
    """A chooser and its clock."""

    def __init__(self, limit: int = 4) -> None:
        self.chooser = RegionChooser(limit)
        self.clock = MediaClock()

    def at(self, at_s: float, motion: Motion, *tracks: Box, confirmed: bool = True) -> tuple[Box, ...]:
        self.clock.advance(at_s)
        now = self.clock.now()
        known = tuple(
            Track(number, "person", 0.8, box, now, now, 1.0, 0.0, confirmed=confirmed)
            for number, box in enumerate(tracks, 1)
        )
        return self.chooser.choose(now, motion, known, SHAPE).regions


def moving(*boxes: Box) -> Motion:
    return Motion(boxes, sum(box.area for box in boxes))


def covered(box: Box, regions: tuple[Box, ...]) -> bool:
    return any(box.overlap(region) >= 0.99 * box.area for region in regions)


def test_no_motion_and_no_tracks_is_no_inference() -> None:
    looks = Looks()
    assert [looks.at(step / 10, STILL) for step in range(50)] == [()] * 50


def test_a_small_movement_gets_a_square_crop_around_it_inside_the_picture() -> None:
    for box in (Box(0.4, 0.4, 0.45, 0.5), Box(0.0, 0.0, 0.05, 0.1), Box(0.95, 0.9, 1.0, 1.0)):
        (region,) = Looks().at(0.0, moving(box))
        assert covered(box, (region,))
        assert region.width * 768 == pytest.approx(region.height * 576, abs=2)
        assert 255 <= region.height * 576 <= 265
        assert 0 <= region.left < region.right <= 1
        assert 0 <= region.top < region.bottom <= 1


def test_neighbours_share_a_crop_and_strangers_do_not() -> None:
    near = moving(Box(0.4, 0.4, 0.45, 0.5), Box(0.5, 0.42, 0.55, 0.52))
    far = moving(Box(0.1, 0.1, 0.15, 0.2), Box(0.8, 0.8, 0.85, 0.9))
    assert len(Looks().at(0.0, near)) == 1
    assert len(Looks().at(0.0, far)) == 2


def test_a_small_thing_is_not_swallowed_by_the_crop_of_a_large_one() -> None:
    small, large = Box(0.45, 0.02, 0.48, 0.12), Box(0.0, 0.15, 1.0, 1.0)
    regions = Looks().at(0.0, moving(large, small))
    assert len(regions) == 2
    assert any(covered(small, (region,)) and region.height < 0.5 for region in regions)


def test_never_more_than_the_limit_and_everybody_gets_a_turn() -> None:
    looks, last_s = Looks(limit=2), dict.fromkeys(PLACES, -1.0)
    for step in range(40):
        regions = looks.at(step / 10, moving(*PLACES), *PLACES)
        assert len(regions) <= 2
        for place in PLACES:
            if covered(place, regions):
                last_s[place] = step / 10
            assert step / 10 - last_s[place] <= 0.5 + (1.0 if last_s[place] < 0 else 0.0)
    assert min(last_s.values()) > 3.4


def test_a_confirmed_track_that_stands_still_is_looked_at_now_and_then() -> None:
    looks, person = Looks(), Box(0.5, 0.5, 0.55, 0.7)
    times = [step / 10 for step in range(60) if looks.at(step / 10, STILL, person)]
    assert all(RELOOK_S <= later - earlier <= RELOOK_S + 0.11 for earlier, later in itertools.pairwise(times))
    assert len(times) >= 5


def test_a_track_that_moves_or_is_not_sure_yet_is_looked_at_each_time() -> None:
    person = Box(0.5, 0.5, 0.55, 0.7)
    looks = Looks()
    assert all(looks.at(step / 10, moving(person), person) for step in range(10))
    looks = Looks()
    assert all(looks.at(step / 10, STILL, person, confirmed=False) for step in range(10))


def test_movement_in_which_nobody_is_found_is_looked_at_less() -> None:
    looks, branch = Looks(), Box(0.5, 0.1, 0.6, 0.2)
    times = [step / 10 for step in range(600) if looks.at(step / 10, moving(branch))]
    waits = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert times[0] == 0.0
    assert waits[0] < 2 * FIRST_S + 0.1
    assert waits[-1] == pytest.approx(LONGEST_S, abs=0.11)
    assert all(wait <= LONGEST_S + 0.11 for wait in waits)


def test_somebody_larger_who_walks_where_a_branch_waves_is_looked_at_at_once() -> None:
    looks, branch, person = Looks(), Box(0.5, 0.1, 0.55, 0.15), Box(0.45, 0.1, 0.6, 0.5)
    for step in range(600):
        looks.at(step / 10, moving(branch))
    assert covered(person, looks.at(60.0, moving(person)))


def test_where_somebody_sure_was_found_movement_is_looked_at_closely_again() -> None:
    looks, place = Looks(), Box(0.5, 0.1, 0.6, 0.3)
    for step in range(600):
        looks.at(step / 10, moving(place))
    before = looks.chooser._barren.rest_s(60.0, place)
    while not looks.at(looks.clock.now().mono_s + 0.1, moving(place)):
        pass
    looks.at(looks.clock.now().mono_s + 0.1, moving(place), place)
    assert looks.chooser._barren.rest_s(looks.clock.now().mono_s, place) < before


def test_a_track_that_no_rule_asks_for_is_looked_at_seldom() -> None:
    looks, phone = Looks(), Box(0.5, 0.5, 0.55, 0.7)
    looks.chooser = RegionChooser(4, wanted=lambda label: label != "person")
    times = [step / 10 for step in range(300) if looks.at(step / 10, moving(phone), phone)]
    assert 2 <= len(times) <= 300 / 10 / UNWANTED_S + 1


def test_a_model_that_sees_small_things_gets_the_whole_picture_and_another_one_gets_crops() -> None:
    people = (Box(0.1, 0.1, 0.15, 0.25), Box(0.8, 0.7, 0.85, 0.85))
    keen = RegionChooser(4, Lens(416, 416, enough_px=10.0, stretched=False))
    plain = RegionChooser(4, Lens(300, 300, enough_px=40.0))
    now = MediaClock().now()
    assert keen.choose(now, moving(*people), (), SHAPE).regions == (WHOLE,)
    assert len(plain.choose(now, moving(*people), (), SHAPE).regions) == 2


def test_what_the_budget_refuses_is_told_and_waits_for_its_turn() -> None:
    chooser, clock = RegionChooser(4), MediaClock()
    one, other = Box(0.1, 0.1, 0.15, 0.2), Box(0.8, 0.8, 0.85, 0.9)
    first = chooser.choose(clock.now(), moving(one, other), (), SHAPE, 1)
    assert (len(first.regions), first.refused) == (1, 1)
    clock.advance(0.1)
    second = chooser.choose(clock.now(), moving(one, other), (), SHAPE, 1)
    assert len(second.regions) == 1
    assert all(covered(box, first.regions + second.regions) for box in (one, other))
    assert chooser.choose(clock.now(), moving(one, other), (), SHAPE, 0).regions == ()


def test_a_huge_track_does_not_explain_a_small_movement() -> None:
    phantom, person = Box(0.0, 0.1, 1.0, 0.9), Box(0.4, 0.4, 0.45, 0.5)
    looks = Looks()
    looks.at(0.0, moving(person), phantom)
    regions = looks.at(0.3, moving(person), phantom)
    assert any(region.height < 0.6 and covered(person, (region,)) for region in regions)


def test_while_the_scene_is_learnt_the_whole_picture_is_looked_at() -> None:
    assert Looks().at(0.0, Motion((), 0.0, ready=False)) == (Box(0.0, 0.0, 1.0, 1.0),)
    assert len(Looks(limit=1).at(0.0, Motion(PLACES, 0.5, ready=False))) == 1


@pytest.mark.parametrize("shape", [(1, 1), (8, 6), (90, 160), (1080, 1920), (1920, 1080), (2160, 3840)])
def test_any_picture_size_goes(shape: tuple[int, int]) -> None:
    clock = MediaClock()
    for region in RegionChooser(4).choose(clock.now(), moving(*PLACES), (), shape).regions:
        assert 0 <= region.left < region.right <= 1
        assert 0 <= region.top < region.bottom <= 1


def test_tracks_outside_the_picture_are_not_looked_for() -> None:
    assert Looks().at(0.0, STILL, Box(1.1, 0.2, 1.2, 0.5)) == ()


def test_reset_forgets_the_looks() -> None:
    looks, branch = Looks(), Box(0.5, 0.1, 0.6, 0.2)
    assert looks.at(0.0, moving(branch))
    assert not looks.at(0.1, moving(branch))
    looks.chooser.reset()
    assert looks.at(0.2, moving(branch))


LEFT, RIGHT = Box(0.0, 0.0, 0.5, 0.5), Box(0.4, 0.0, 0.9, 0.5)


def test_an_object_seen_in_two_crops_counts_once() -> None:
    box = Box(0.42, 0.1, 0.48, 0.3)
    again = Box(0.421, 0.1, 0.481, 0.3)
    found = joined([(LEFT, [Detection(box, "person", 0.6)]), (RIGHT, [Detection(again, "person", 0.7)])])
    assert found == (Detection(again, "person", 0.7),)


def test_what_an_edge_cut_off_yields_to_the_whole_even_if_it_scores_more() -> None:
    whole, part = Box(0.44, 0.1, 0.54, 0.4), Box(0.44, 0.1, 0.499, 0.4)
    found = joined([(LEFT, [Detection(part, "person", 0.9)]), (RIGHT, [Detection(whole, "person", 0.6)])])
    assert found == (Detection(whole, "person", 0.6),)


def test_the_pictures_own_edge_cuts_nobody_off() -> None:
    box = Box(0.0, 0.1, 0.05, 0.3)
    assert joined([(LEFT, [Detection(box, "person", 0.9)])]) == (Detection(box, "person", 0.9),)


def test_different_things_in_one_place_both_stay_best_first() -> None:
    box = Box(0.1, 0.1, 0.2, 0.3)
    found = joined([(LEFT, [Detection(box, "bicycle", 0.5), Detection(box, "person", 0.8)])])
    assert [each.label for each in found] == ["person", "bicycle"]
    assert joined([]) == ()


@pytest.mark.parametrize(("shift", "left"), [(0.0, ["car"]), (0.01, ["car"]), (0.02, ["car", "truck"])])
def test_a_van_that_is_called_car_and_truck_is_one_vehicle_and_a_lorry_behind_a_car_is_another(
    shift: float, left: list[str]
) -> None:
    van, again = Box(0.1, 0.1, 0.2, 0.3), Box(0.1 + shift, 0.1, 0.2 + shift, 0.3)
    found = joined([(LEFT, [Detection(again, "truck", 0.7), Detection(van, "car", 0.8)])])
    assert [each.label for each in found] == left
    people = joined([(LEFT, [Detection(van, "car", 0.8), Detection(van, "person", 0.7)])])
    assert len(people) == 2, "who gets out is no vehicle"


def test_a_large_thing_gets_a_smaller_input_and_the_smallest_in_the_look_decides() -> None:
    now = MediaClock().now()
    lens = Lens(416, 416, enough_px=20.0, stretched=False, any_size=True)

    def shares(*boxes: Box, motion: Motion | None = None) -> list[float]:
        plan = RegionChooser(1, lens).choose(now, motion or moving(*boxes), (), SHAPE)
        return [look.share for look in plan.looks]

    large, small = Box(0.1, 0.1, 0.5, 0.9), Box(0.8, 0.8, 0.85, 0.88)
    assert shares(large) == [0.6]
    assert shares(large, small) == [1.0]
    assert shares(large, motion=Motion((large,), 0.5, ready=False)) == [1.0]
    known = Track(1, "person", 0.8, small, now, now, 1.0, 0.0)
    both = RegionChooser(1, lens).choose(now, moving(large), (known,), SHAPE)
    assert [(look.region, look.share) for look in both.looks] == [(WHOLE, 1.0)]
