import numpy as np
import pytest

from agent.change.finder import ACCEPTED_S, MOST
from agent.values import Box, ChangeKind
from tests.change.stage import SPOT, Stage, drift, place, thing


def brought() -> Stage:
    """A crate that has stood for ten seconds."""
    stage = Stage()
    assert stage.show(place(), 20) == ()
    stage.put(place(), thing(place()))
    stage.show(thing(place()), 10)
    return stage


def test_what_is_put_down_has_appeared_and_ends_when_it_is_fetched() -> None:
    stage = brought()
    (change,) = stage.changes
    assert change.kind is ChangeKind.APPEARED
    assert change.box.iou(SPOT) > 0.7
    assert 21 <= change.since.mono_s <= 24
    assert change.stood_s == pytest.approx(stage.now_s - 0.5 - change.since.mono_s, abs=1.0)
    stage.put(thing(place()), place())
    assert stage.show(place(), 5) == ()


def test_the_same_id_comes_again_and_the_ground_does_not_take_it_in() -> None:
    stage = brought()
    first = stage.changes[0]
    (last,) = stage.show(thing(place()), 3600, every_s=10)
    assert (last.id, last.since) == (first.id, first.since)
    assert stage.show(place(), 6) == ()


def test_what_is_taken_away_has_vanished_and_ends_when_it_is_back() -> None:
    stage = Stage()
    stage.show(thing(place()), 20)
    stage.put(thing(place()), place())
    (change,) = stage.show(place(), 8)
    assert change.kind is ChangeKind.VANISHED
    assert change.box.iou(SPOT) > 0.7
    stage.put(place(), thing(place()))
    assert stage.show(thing(place()), 5) == ()


def test_who_walks_past_is_no_change_and_hides_none() -> None:
    stage = brought()
    first = stage.changes[0].id
    for step in range(12):
        walker = Box(0.2 + 0.04 * step, 0.45, 0.3 + 0.04 * step, 0.8)
        changes = stage.show(thing(thing(place()), walker, level=30), 1, (walker,))
        assert [change.id for change in changes] == [first]


def test_the_track_that_stands_there_names_it_and_its_going_takes_the_name() -> None:
    stage = Stage()
    stage.show(place(), 20)
    stage.put(place(), thing(place()))
    car = stage.track(7, "car", SPOT)
    (change,) = stage.show(thing(place()), 8, tracks=(car,))
    assert (change.label, change.track) == ("car", 7)
    (lost,) = stage.show(thing(place()), 100)
    assert lost.label == "car"  # the detector lost it; it still stands


def test_the_track_that_stood_there_names_what_vanished() -> None:
    stage = Stage()
    stage.show(thing(place()), 20, tracks=(stage.track(7, "motorcycle", SPOT),))
    stage.put(thing(place()), place())
    (change,) = stage.show(place(), 8)
    assert (change.kind, change.label, change.track) == (ChangeKind.VANISHED, "motorcycle", 7)


@pytest.mark.parametrize(("gain", "offset"), [(0.6, 0.0), (1.3, 0.0), (0.8, 40.0), (0.5, 10.0)])
def test_another_light_makes_no_change_and_ends_none(gain: float, offset: float) -> None:
    stage = brought()
    first = stage.changes[0].id
    (change,) = stage.show(drift(thing(place()), gain, offset), 30)
    assert change.id == first
    assert stage.show(drift(place(), gain, offset), 6) == ()


def test_dusk_makes_no_change_and_ends_none() -> None:
    stage = brought()
    for step in range(60):
        changes = stage.show(drift(thing(place()), 1.0 - 0.01 * step), 5)
        assert len(changes) == 1
    assert stage.show(drift(place(), 0.4), 8) == ()


def test_a_shadow_that_stays_is_no_change() -> None:
    stage = Stage()
    stage.show(place(), 20)
    shaded = place()
    shaded[:160, :300] = (shaded[:160, :300] * 0.6).astype(np.uint8)
    shaded[200:260, 200:300] = (shaded[200:260, 200:300] * 0.6).astype(np.uint8)
    assert stage.show(shaded, 30) == ()


def test_a_switch_to_infrared_keeps_what_stands_until_it_goes() -> None:
    stage = brought()
    first = stage.changes[0].id
    (kept,) = stage.show(255 - thing(place()), 30)
    assert kept.id == first
    stage.put(255 - thing(place()), 255 - place())
    assert stage.show(255 - place(), 10) == ()


def test_a_camera_that_was_turned_drops_everything() -> None:
    stage = brought()
    assert stage.show(np.bitwise_xor(thing(place())[:, ::-1], np.uint8(96)), 30) == ()


def test_too_small_is_not_seen() -> None:
    stage = Stage()
    stage.show(place(), 20)
    tiny = Box(0.5, 0.6, 0.515, 0.625)
    stage.put(place(), thing(place(), tiny), tiny)
    assert stage.show(thing(place(), tiny), 15) == ()


def test_an_idle_camera_needs_three_looks() -> None:
    stage = Stage()
    stage.show(place(), 20)
    stage.put(place(), thing(place()))
    assert len(stage.show(thing(place()), 40, every_s=10)) == 1


def test_a_break_keeps_what_stands() -> None:
    stage = brought()
    first = stage.changes[0].id
    stage.finder.reset()
    stage.now_s += 600
    assert [change.id for change in stage.show(thing(place()), 5)] == [first]
    assert stage.show(place(), 8) == ()


def test_after_a_day_it_belongs_to_the_place() -> None:
    stage = brought()
    stage.now_s += ACCEPTED_S
    assert stage.show(thing(place()), 10) == ()
    assert stage.finder.accepted == 1


def test_open_changes_are_bounded() -> None:
    stage = Stage()
    stage.show(place(), 20)
    full = place()
    boxes = [Box(0.2 + 0.05 * (i % 16), 0.5 + 0.15 * (i // 16), 0.225 + 0.05 * (i % 16), 0.58 + 0.15 * (i // 16))
             for i in range(MOST + 8)]  # fmt: skip
    for box in boxes:
        full = thing(full, box)
    stage.show(full, 2, tuple(boxes))
    assert 20 < len(stage.show(full, 12)) <= MOST


def test_a_cloud_that_was_learnt_bit_by_bit_leaves_no_vanished_things() -> None:
    stage = Stage()
    stage.show(place(), 20)
    for step in range(20):  # its shadow grows and shrinks, and people walk where it is
        soft = np.clip((np.arange(640) - 20.0 * step) / 150.0, 0.4, 1.0)  # no picture has an edge at its rim
        stage.show(np.asarray(place() * soft, dtype=np.uint8), 2, (Box(0.2, 0.4, 1.0, 1.0),))
    for _ in range(10):
        assert not [one for one in stage.show(place(), 3) if one.kind is ChangeKind.VANISHED]


def test_the_same_surface_in_another_light_is_no_thing() -> None:
    stage = Stage()
    lawn = place()
    lawn[200:300:4, 120:500] = 60
    stage.show(lawn, 20)
    lit = lawn.copy()
    lit[180:320, 150:400] = np.minimum(lit[180:320, 150:400].astype(np.float32) * 1.6, 255).astype(np.uint8)
    stage.show(lit, 2, (Box(0.2, 0.4, 1.0, 1.0),))
    assert stage.show(lit, 10) == ()


def test_what_a_person_left_where_he_stood_is_not_that_person() -> None:
    stage = Stage()
    stage.show(place(), 20)
    stage.put(place(), thing(place()))
    stage.show(thing(place()), 8, tracks=(stage.track(7, "person", SPOT),))
    assert stage.changes[0].label == "person"
    away = stage.track(7, "person", Box(0.8, 0.5, 0.9, 0.7))
    (change,) = stage.show(thing(place()), 3, tracks=(away,))
    assert (change.label, change.track) == (None, None)


def test_what_a_person_left_who_is_not_seen_any_more_is_not_that_person() -> None:
    stage = Stage()
    stage.show(place(), 10)
    stage.put(place(), thing(place()))
    stage.show(thing(place()), 8, tracks=(stage.track(7, "person", SPOT),))
    assert stage.changes[0].label == "person"
    stage.show(thing(place()), 5)
    assert stage.changes[0].label == "person"  # the model may have lost him for a moment
    stage.show(thing(place()), 5)
    (left,) = stage.changes
    assert (left.label, left.track) == (None, None)
