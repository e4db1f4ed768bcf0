from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from agent.config.camera import CameraSection
from agent.config.rules import RULES
from agent.values import Picture
from tests import scenes
from tests.scenes import film, sources
from tests.scenes.disturb import KINDS, disturber
from tests.scenes.looks import LOOKS, look
from tests.scenes.plates import CUTS, plate
from tests.scenes.values import HEIGHT, WIDTH, Actor, Disturbance, Scene, Way

WALK = (Way(0.0, 0.3, 0.5), Way(2.0, 0.5, 0.5), Way(3.0, 0.5, 0.5))


def walk(kind: str = "none", seed: int = 1, actor_look: str = "person-jeans") -> Scene:
    """A person walks for two seconds and stands for one."""
    return Scene("walk", "test", seed, 3.0, actors=(Actor("p", actor_look, WALK),), disturbance=Disturbance(kind))


def pictures(scene: Scene, count: int) -> list[Picture]:
    return [picture for picture, _ in islice(scenes.render(scene), count)]


@pytest.fixture
def without_clips(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As on a machine that has none of the real clips."""
    caches = (plate, look, scenes.truth, disturber)
    monkeypatch.setattr(sources, "find", lambda name: None)
    for each in caches:
        each.cache_clear()
    yield
    for each in caches:
        each.cache_clear()


@pytest.mark.parametrize("kind", ["none", "rain", "exposure"])
def test_the_same_seed_gives_the_same_pictures_and_another_seed_others(kind: str) -> None:
    first, again, other = (pictures(walk(kind, seed), 8) for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not any(np.array_equal(a, b) for a, b in zip(first, other, strict=True))


@pytest.mark.parametrize("actor_look", ["person-jeans", "person-red", "car-white", "box"])
def test_true_boxes_are_where_the_picture_differs_from_the_empty_plate(actor_look: str) -> None:
    empty = plate("yard").picture
    for picture, frame in islice(scenes.render(walk(actor_look=actor_look)), 0, 30, 6):
        away = cv2.GaussianBlur(cv2.absdiff(picture, empty), (5, 5), 0).max(axis=2) > 24
        (true,) = frame.boxes
        columns, rows = np.flatnonzero(away.any(axis=0)), np.flatnonzero(away.any(axis=1))
        reach = 0.1 * true.box.height * HEIGHT + 3  # the shadow on the ground belongs to nobody ...
        shadow = 0.13 * true.box.width * WIDTH  # ... and is as deep as the thing is wide
        assert abs(columns[0] - true.box.left * WIDTH) < reach
        assert abs(columns[-1] + 1 - true.box.right * WIDTH) < reach
        assert abs(rows[0] - true.box.top * HEIGHT) < reach
        assert abs(rows[-1] + 1 - true.box.bottom * HEIGHT) < max(reach, shadow)


def test_who_stands_does_not_move() -> None:
    moving = [frame.moving for frame in scenes.truth(walk()).frames]
    assert moving == [False] + [True] * 20 + [False] * 9  # the first picture has none before it


def test_a_nearer_actor_hides_a_farther_one() -> None:
    behind = Actor("behind", "person-red", (Way(0.0, 0.5, 0.5), Way(9.0, 0.5, 0.5)))
    before = Actor("before", "car-white", (Way(0.0, 0.5, 0.52), Way(9.0, 0.5, 0.52)))
    boxes = scenes.truth(replace(walk(), actors=(before, behind))).frames[0].boxes
    assert {each.actor: each.visible for each in boxes} == {"behind": pytest.approx(0.1, abs=0.1), "before": 1.0}


def test_a_thing_that_stays_is_a_change_and_one_that_is_taken_away_another() -> None:
    stays = Actor("stays", "bag", (Way(1.0, 0.4, 0.6), Way(99.0, 0.4, 0.6)))
    taken = Actor("taken", "box", (Way(0.0, 0.7, 0.6), Way(20.0, 0.7, 0.6), Way(22.0, 1.2, 0.6)))
    waits = Actor("waits", "person-red", (Way(0.0, 0.2, 0.6), Way(99.0, 0.2, 0.6)))
    scene = Scene("things", "test", 1, 30.0, actors=(stays, taken, waits))
    found = {(each.actor, each.kind.value, each.from_s, each.to_s) for each in scenes.truth(scene).changes}
    assert found == {("stays", "appeared", 1.0, 30.0), ("taken", "vanished", 20.0, 30.0)}


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"none"}))
def test_each_disturbance_disturbs_the_picture(kind: str) -> None:
    scene = Scene(
        "quiet", "test", 3, 60.0, light="night" if "light" in kind else "day", disturbance=Disturbance(kind, 1.0)
    )
    weather, empty = disturber(scene), plate("yard", scene.light).picture
    changed = weather.noise != 1 or any(
        weather.gain(at_s) != 1 or not np.array_equal(weather.lens(weather.ground(empty.copy(), at_s), at_s), empty)
        for at_s in range(1, 30)
    )
    assert changed


@pytest.mark.parametrize("kind", ["cover-bag", "cover-slow", "turn", "defocus", "blind", "dark", "ir-switch"])
def test_what_is_done_to_a_camera_begins_and_ends_with_its_span(kind: str) -> None:
    scene = Scene("tamper", "test", 3, 20.0, disturbance=Disturbance(kind, 5.0, 15.0))
    weather, empty = disturber(scene), plate("yard").picture
    for at_s, disturbed in ((4.9, False), (12.0, True), (17.0, False)):
        seen = weather.lens(weather.ground(empty.copy(), at_s), at_s) * weather.gain(at_s)
        assert (float(np.abs(seen - empty.astype(float)).mean()) > 5) == disturbed, at_s


def test_every_look_is_to_be_had_and_of_a_sensible_size() -> None:
    for name in LOOKS:
        shape = look(name)
        heights = [bottom - top for _, top, _, bottom in shape.inner]
        assert min(heights) > 4, name
        if shape.label == "person":
            units = [sprite.unit for sprite in shape.sprites]
            assert all(0.85 < height / unit < 1.15 for height, unit in zip(heights, units, strict=True)), name


def test_people_are_as_large_as_detectors_like_them() -> None:
    ground = plate("yard")
    assert 80 < ground.unit(0.3) < ground.unit(0.95) < 160


def test_names_and_seeds_are_unique() -> None:
    assert len({scene.name for scene in scenes.SCENES}) == len(scenes.SCENES)
    assert len({scene.seed for scene in scenes.SCENES}) == len(scenes.SCENES)


@pytest.mark.parametrize("scene", scenes.SCENES, ids=lambda scene: scene.name)
def test_a_scene_makes_sense(scene: Scene) -> None:
    assert scene.disturbance.kind in KINDS
    assert scene.plate in CUTS
    told = scenes.truth(scene)
    assert len(told.frames) == scene.frames
    assert any(frame.moving for frame in told.frames) == bool(scene.actors)
    assert all(0 <= span.from_s < span.to_s <= scene.seconds for span in told.view)
    camera = CameraSection.model_validate({"id": "cam", "source": "scene.mp4", **scene.camera})
    rules = {rule.rule for rule in camera.rules}
    assert {event.rule for event in scene.events} <= rules
    names = {actor.id for actor in scene.actors}
    for event in scene.events:
        assert 0 <= event.began_s <= event.from_s <= event.to_s <= scene.seconds
        assert set(event.actors) <= names


def test_each_rule_has_a_scene_in_which_it_must_fire() -> None:
    assert {event.rule for scene in scenes.group("rules") for event in scene.events} == set(RULES)


def test_a_film_has_all_pictures_a_key_frame_each_second_and_is_made_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(film, "folder", lambda: tmp_path)
    path = scenes.video(walk())
    with av.open(str(path)) as container:
        keys = [bool(frame.key_frame) for frame in container.decode(video=0)]
    assert keys == [index % 10 == 0 for index in range(30)]
    written = path.stat().st_mtime_ns
    assert scenes.video(walk()) == path
    assert path.stat().st_mtime_ns == written
    assert scenes.video(walk(seed=2)) != path


def test_without_the_clips_a_drawn_street_stands_in_and_says_so(without_clips: None) -> None:
    assert plate("yard").drawn
    assert look("person-jeans").drawn
    picture, frame = next(scenes.render(walk(seed=77)))
    (true,) = frame.boxes
    inside = np.s_[
        round(true.box.top * HEIGHT) : round(true.box.bottom * HEIGHT),
        round(true.box.left * WIDTH) : round(true.box.right * WIDTH),
    ]
    assert (cv2.absdiff(picture, plate("yard").picture)[inside].max(axis=2) > 24).mean() > 0.3
    assert scenes.clips() == ()
