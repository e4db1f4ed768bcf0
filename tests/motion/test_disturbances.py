"""What differs and is nobody: each with a person in it too, who is still found."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from agent.motion import MotionDetector
from agent.motion.evidence import Evidence, likeness
from agent.values import Box, Motion, Picture
from tests.motion.pictures import noisy, scene, small, walker, with_person

FPS = 10
Disturbance = Callable[[Picture, int], Picture]


def textured(level: int = 90) -> Picture:
    """A street with a drawing all over: paving stones and a wall."""
    rough = np.random.default_rng(7).normal(0, 30, (360, 640)).astype(np.float32)
    grain = cv2.GaussianBlur(rough, (0, 0), 4)
    return np.asarray(np.clip(scene(level=level) + 4 * grain, 0, 255), np.uint8)


def rain(picture: Picture, step: int) -> Picture:
    chance, drops = np.random.default_rng(step), np.zeros_like(picture)
    for _ in range(100):
        x, y = int(chance.integers(0, 640)), int(chance.integers(0, 360))
        cv2.line(drops, (x, y), (x + 3, y + 24), 60, 2)
    return np.asarray(cv2.add(picture, drops), np.uint8)


def headlights(picture: Picture, step: int) -> Picture:
    rows, columns = np.mgrid[0:360, 0:640].astype(np.float32)
    x = -200 + 35 * (step % 40)
    beam = 1 + 1.6 * np.exp(-(((columns - x) / 150) ** 2) - ((rows - 200) / 70) ** 2)
    return np.asarray(np.clip(picture * beam, 0, 255), np.uint8)


def shake(picture: Picture, step: int) -> Picture:
    matrix = np.array([[1, 0, 3 * np.sin(1.7 * step)], [0, 1, 2 * np.sin(2.3 * step)]], np.float32)
    return np.asarray(cv2.warpAffine(picture, matrix, (640, 360), borderMode=cv2.BORDER_REPLICATE), np.uint8)


def lamp(picture: Picture, step: int) -> Picture:
    rows, columns = np.mgrid[0:360, 0:640].astype(np.float32)
    pool = 1 + 0.8 * np.exp(-(((columns - 450) / 200) ** 2) - ((rows - 180) / 120) ** 2)
    return np.asarray(np.clip(picture * pool, 0, 255), np.uint8) if step // 30 % 2 else picture


DISTURBANCES: list[Disturbance] = [rain, headlights, shake, lamp]


def watched(change: Disturbance, people: bool, steps: int = 200) -> list[Motion]:
    detector, found = MotionDetector(), []
    for step in range(steps):
        picture = textured(60)
        if people and step >= 140:
            picture = with_person(picture, walker(step - 140, 0.012), 230)
        found.append(detector.update(small(noisy(change(picture, step), step), step / FPS)))
    return found


@pytest.mark.parametrize("change", DISTURBANCES)
def test_a_disturbance_alone_is_hardly_ever_motion(change: Disturbance) -> None:
    found = watched(change, people=False)[50:]
    assert sum(bool(motion.boxes) for motion in found if motion.ready) <= 3


@pytest.mark.parametrize("change", DISTURBANCES)
def test_who_walks_through_it_is_found(change: Disturbance) -> None:
    found = watched(change, people=True)
    truth = {step: walker(step - 140, 0.012) for step in range(150, 200)}
    hits = sum(
        any(box.overlap(person) > 0.5 * person.area for box in found[step].boxes) for step, person in truth.items()
    )
    assert hits >= 0.7 * len(truth)


def test_what_flies_past_the_lens_is_no_motion() -> None:
    detector, seen = MotionDetector(), []
    for step in range(120):
        picture = textured()
        if step % 15 < 4 and step >= 30:  # four pictures, each time at another place
            left = 0.05 + 0.2 * (step % 15)
            picture = with_person(picture, Box(left, 0.3, left + 0.04, 0.36), 240)
        seen.append(detector.update(small(picture, step / FPS)))
    assert not any(motion.boxes for motion in seen)


def test_a_person_in_the_next_glance_stirs_even_in_rain() -> None:
    detector = MotionDetector()
    for step in range(60):
        detector.update(small(rain(textured(), step), step / FPS))
    seen = []
    for glance in range(4):
        picture = with_person(textured(), Box(0.2 + 0.15 * glance, 0.3, 0.27 + 0.15 * glance, 0.7), 230)
        seen.append(detector.update(small(picture, 8.0 + 2.0 * glance)))
    assert all(motion.stirred for motion in seen)


def test_a_glance_at_an_empty_scene_does_not_stir() -> None:
    detector = MotionDetector()
    for step in range(40):
        detector.update(small(noisy(textured(), step), step / FPS))
    seen = [detector.update(small(noisy(textured(), step), 4.0 + 2.0 * step)) for step in range(20)]
    assert not any(motion.stirred or motion.boxes for motion in seen)


def test_the_same_frames_give_the_same_motion() -> None:
    assert watched(rain, people=True, steps=160) == watched(rain, people=True, steps=160)


def test_light_is_no_evidence_and_a_thing_is() -> None:
    street = textured()[::4, ::4].copy()
    limit = np.full_like(street, 11)
    whole = np.full_like(street, 255)
    rows, columns = np.mgrid[0:90, 0:160].astype(np.float32)
    beam = 1 + 0.8 * np.exp(-(((columns - 80) / 40) ** 2) - ((rows - 45) / 20) ** 2)
    lit = np.asarray(np.clip(street * beam, 0, 255), np.uint8)
    person = with_person(street, Box(0.4, 0.3, 0.5, 0.8), 230)
    asked = Evidence(street, limit)
    assert cv2.countNonZero(asked.of(lit, whole)) < 0.1 * cv2.countNonZero(asked.of(person, whole))
    assert likeness(lit, street) > 0.9
    assert likeness(person[27:72, 64:80], street[27:72, 64:80]) < 0.3


def test_what_lies_a_pixel_aside_is_no_evidence() -> None:
    street = textured()[::4, ::4].copy()
    limit, whole = np.full_like(street, 11), np.full_like(street, 255)
    assert cv2.countNonZero(Evidence(street, limit).of(np.roll(street, 1, axis=1), whole)) < 0.01 * street.size
