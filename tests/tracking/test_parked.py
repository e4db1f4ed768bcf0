"""A parked car keeps its number: through headlights, passers-by, lorries, a lost camera and a restart."""

import dataclasses
from functools import partial

import pytest

from agent.clock import Moment
from agent.tracking import Sighting, Tracker
from agent.tracking.look import likeness, look_at, packed, unpacked
from agent.tracking.memory import DOUBT_S, KEPT_S, MOST, UNWATCHED_S
from agent.values import Box, Detection, Motion, Picture, Remembered, Small, Track
from tests.tracking.pictures import LORRY, SPOT, lit, noisy, painted, street
from tests.tracking.walks import HEIGHT, WHOLE, WIDTH

FPS = 5
STILL = Motion((), 0.0)
LEARNING = Motion((), 0.0, ready=False)
CAR = painted(street(), SPOT, 7)
OTHER_CAR = painted(street(), SPOT, 8)
HERE = Detection(SPOT, "car", 0.7)


class Street:
    """One camera: frames five times a second from a moment of the wall clock on."""

    def __init__(self, wall_s: float = 1_800_000_000.0, boot: str = "one", trusted: bool = True) -> None:
        self.tracker = Tracker()
        self.frames = 0
        self._wall_s, self._boot, self._trusted = wall_s, boot, trusted

    @property
    def at(self) -> Moment:
        second = self.frames / FPS
        return Moment(round(second * 1e9), round((self._wall_s + second) * 1e9), self._trusted, self._boot)

    def show(
        self,
        seconds: float,
        picture: Picture,
        *found: Detection,
        motion: Motion = STILL,
        regions: tuple[Box, ...] = (WHOLE,),
    ) -> tuple[Track, ...]:
        """This for so long; the tracks of the last frame."""
        tracks: tuple[Track, ...] = ()
        for _ in range(max(round(seconds * FPS), 1)):
            small = Small(self.at, 0, WIDTH, HEIGHT, partial(noisy, picture, self.frames))
            tracks = self.tracker.update(Sighting(small, found, regions, motion))
            self.frames += 1
        return tracks

    def parks(self, seconds: float = 20.0, picture: Picture = CAR) -> Track:
        """The car is there from the first frame on, and after two seconds the background is known."""
        self.show(2.0, picture, HERE, motion=LEARNING)
        (track,) = self.show(seconds - 2.0, picture, HERE)
        return track


def test_the_look_of_a_car_in_other_light_is_its_look_and_that_of_another_car_is_not() -> None:
    look = look_at(CAR, SPOT)
    assert look is not None
    for light in (noisy(CAR, 3, 8.0), lit(CAR, 0.4, 0.0), lit(CAR, 1.3, 60.0), lit(CAR, 0.6, -50.0)):
        now = look_at(light, SPOT)
        assert now is not None
        assert likeness(look, now) > 0.75
    for seed in range(20, 40):
        other = look_at(painted(street(), SPOT, seed), SPOT)
        assert other is not None
        assert likeness(look, other) < 0.5
    again = unpacked(packed(look))
    assert again is not None
    assert likeness(look, again) > 0.99
    assert unpacked(b"short") is None


@pytest.mark.parametrize("box", [Box(0.5, 0.5, 0.51, 0.51), Box(1.1, 0.2, 1.3, 0.4)])
def test_where_nothing_is_to_be_seen_there_is_no_look(box: Box) -> None:
    assert look_at(CAR, box) is None
    assert look_at(noisy(street() * 0, 1, 0.5), SPOT) is None


def test_headlights_sweep_over_a_parked_car_that_the_model_does_not_find_meanwhile() -> None:
    scene = Street()
    number = scene.parks().id
    for step in range(20):
        scene.show(0.2, lit(CAR, 1.0 + 0.04 * step, 4.0 * step), motion=Motion((SPOT,), 0.1))
    (track,) = scene.show(1.0, CAR, HERE)
    assert track.id == number
    assert scene.tracker.next_id == number + 1


def test_a_place_that_shows_another_thing_does_not_hold_the_number() -> None:
    scene = Street()
    scene.parks()
    assert scene.show(4.0, street(), motion=Motion((SPOT,), 0.1)) == ()


def test_somebody_walks_past_in_front_of_a_parked_car() -> None:
    scene = Street()
    number = scene.parks().id
    for step in range(30):
        walker = Box(0.2 + 0.02 * step, 0.35, 0.3 + 0.02 * step, 0.75)
        hidden = walker.overlap(SPOT) > 0.3 * SPOT.area
        found = [Detection(walker, "person", 0.8), *([] if hidden else [HERE])]
        scene.show(0.2, painted(CAR, walker, 99), *found, motion=Motion((walker,), 0.1))
    tracks = scene.show(1.0, CAR, HERE)
    assert {track.id for track in tracks if track.label == "car"} == {number}


@pytest.mark.parametrize("seconds", [1.0, 5.0, 60.0])
def test_a_lorry_stops_in_front_of_a_parked_car(seconds: float) -> None:
    scene = Street()
    before = scene.parks()
    lorry = Detection(LORRY, "truck", 0.8)
    scene.show(seconds, painted(CAR, LORRY, 55), lorry, motion=Motion((LORRY,), 0.2))
    for step in range(1, 6):
        away = Box(LORRY.left + 0.08 * step, LORRY.top, LORRY.right + 0.08 * step, LORRY.bottom).clipped()
        show, found = painted(CAR, away, 55), [Detection(away, "truck", 0.8)]
        scene.show(0.2, show, *found, motion=Motion((LORRY, away), 0.2))
    tracks = scene.show(2.0, CAR, HERE, motion=Motion((SPOT,), 0.2))
    (car,) = [track for track in tracks if track.label == "car"]
    assert car.id == before.id
    assert car.age_s == pytest.approx(before.age_s + seconds + 3.0, abs=0.5)


def test_a_car_that_drives_past_does_not_take_the_number_along() -> None:
    scene = Street()
    number = scene.parks().id
    for step in range(40):
        passing = Box(-0.1 + 0.025 * step, 0.56, 0.1 + 0.025 * step, 0.74)
        found = [Detection(passing.clipped(), "car", 0.8)] if passing.left < 0.98 else []
        at_rest = [] if passing.overlap(SPOT) > 0.2 * SPOT.area else [HERE]
        scene.show(0.2, painted(CAR, passing.clipped(), 66), *found, *at_rest, motion=Motion((passing,), 0.1))
    (track,) = [one for one in scene.show(2.0, CAR, HERE) if one.box.iou(SPOT) > 0.5]
    assert track.id == number


def test_a_parked_car_that_drives_off_is_followed_and_stands_anew() -> None:
    scene = Street()
    number = scene.parks().id
    for step in range(20):
        box = Box(0.4 + 0.015 * step, 0.5, 0.6 + 0.015 * step, 0.68)
        (track,) = scene.show(0.2, painted(street(), box, 7), Detection(box, "car", 0.7), motion=Motion((box,), 0.1))
    assert track.id == number
    assert scene.tracker.remembered().parked == ()


def test_a_lost_camera_does_not_make_a_stranger_of_it() -> None:
    scene = Street()
    before = scene.parks()
    scene.tracker.reset()
    scene.frames += 30 * FPS
    (track,) = scene.show(1.0, CAR, HERE, motion=LEARNING)
    assert track.id == before.id
    assert track.stood_before_s == pytest.approx(50.0, abs=1.0)


@pytest.mark.parametrize(
    ("off_s", "trusted", "counted"),
    [(600.0, True, True), (600.0, False, False), (UNWATCHED_S + 60.0, True, False), (-600.0, True, False)],
    ids=["ten minutes", "wall clock not trusted", "for too long", "wall clock went back"],
)
def test_a_restart_keeps_number_and_time(off_s: float, trusted: bool, counted: bool) -> None:
    scene = Street()
    before = scene.parks(60.0)
    known = scene.tracker.remembered()
    again = Street(1_800_000_060.0 + off_s, boot="two", trusted=trusted)
    again.tracker.restore(known)
    (track,) = again.show(1.0, lit(CAR, 0.8, 20.0), HERE, motion=LEARNING)
    assert track.id == before.id
    assert track.confirmed
    expected = 60.0 + (off_s if counted else 0.0)
    assert track.stood_before_s == pytest.approx(expected, abs=1.0)
    assert track.age_s == pytest.approx(expected + 0.8, abs=1.0)


def test_it_is_known_again_also_where_nothing_moves_and_the_model_is_unsure() -> None:
    known = _known()
    again = Street(boot="two")
    again.tracker.restore(known)
    (track,) = again.show(1.0, CAR, Detection(SPOT, "car", 0.2))
    assert track.id == known.parked[0].id


def test_another_car_at_the_place_gets_a_new_number_and_the_old_one_is_forgotten() -> None:
    known = _known()
    again = Street(boot="two")
    again.tracker.restore(known)
    (track,) = again.show(DOUBT_S + 2.0, OTHER_CAR, HERE, motion=LEARNING)
    assert track.id == known.next_id
    assert track.stood_before_s == 0.0
    assert {one.id for one in again.tracker.remembered().parked} <= {track.id}


def test_a_car_that_left_while_the_agent_was_off_is_forgotten() -> None:
    again = Street(boot="two")
    again.tracker.restore(_known())
    assert again.show(1.0, street()) == ()
    assert again.tracker.predicted(again.at)[0].label == "car"
    again.show(30.0, street())
    assert again.tracker.predicted(again.at) == ()
    again.frames += round(KEPT_S * FPS)
    again.show(1.0, street())
    assert again.tracker.remembered().parked == ()
    assert again.tracker.next_id == 2


def test_numbers_are_never_given_twice_over_a_restart() -> None:
    again = Street(boot="two")
    again.tracker.restore(Remembered(next_id=41))
    (track,) = again.show(1.0, CAR, HERE, motion=LEARNING)
    assert track.id == 41


def test_what_is_remembered_is_bounded() -> None:
    (parked,) = _known().parked
    tracker = Tracker()
    tracker.restore(Remembered(1, tuple(dataclasses.replace(parked, id=number) for number in range(1, 200))))
    assert len(tracker.remembered().parked) == MOST
    assert tracker.next_id == 200


def test_people_are_not_remembered() -> None:
    scene = Street()
    scene.show(30.0, CAR, Detection(SPOT, "person", 0.8), motion=LEARNING)
    assert scene.tracker.remembered() == Remembered(2, ())


def _known() -> Remembered:
    scene = Street()
    scene.parks()
    known = scene.tracker.remembered()
    assert len(known.parked) == 1
    return known
