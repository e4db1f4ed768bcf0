import numpy as np
import pytest

from agent.motion import MotionDetector
from agent.motion.boxes import merged
from agent.motion.detector import MAX_BOXES
from agent.shrink import shrink
from agent.values import Box, Motion, Picture
from tests.motion.pictures import noisy, scene, small, walker, with_person

FPS = 10


def learnt(still: Picture, seconds: float = 3.0) -> tuple[MotionDetector, float]:
    """A detector that has watched a still scene, and the time of its next frame."""
    detector = MotionDetector()
    for step in range(round(seconds * FPS)):
        detector.update(small(noisy(still, step), step / FPS))
    return detector, seconds


def test_is_ready_within_a_second_and_sees_nothing_in_noise() -> None:
    detector = MotionDetector()
    seen = [detector.update(small(noisy(scene(), step), step / FPS)) for step in range(60)]
    assert not seen[0].ready
    assert all(motion.ready for motion in seen[FPS:])
    assert all(motion.boxes == () and motion.share == 0.0 for motion in seen[FPS:])


def test_a_walker_is_boxed_wherever_he_goes() -> None:
    detector, start_s = learnt(scene())
    for step in range(30):
        picture = noisy(with_person(scene(), walker(step)), step)
        motion = detector.update(small(picture, start_s + step / FPS))
        if step >= 5:  # half a second: movement is to be seen twice
            assert any(box.overlap(walker(step)) > 0.9 * walker(step).area for box in motion.boxes)
            assert 0.0 < motion.share < 0.2


def test_who_walks_from_the_first_frame_on_is_seen_within_a_second() -> None:
    detector = MotionDetector()
    motion = Motion((), 0.0)
    for step in range(FPS):
        motion = detector.update(small(with_person(scene(), walker(step, 0.03)), step / FPS))
    assert motion.ready
    assert any(box.overlap(walker(9, 0.03)) > 0.9 * walker(9, 0.03).area for box in motion.boxes)


def test_the_ghost_of_who_stood_there_is_no_motion_and_dissolves() -> None:
    detector = MotionDetector()
    person = walker(0)
    for step in range(20):
        detector.update(small(with_person(scene(), person), step / FPS))
    after = [detector.update(small(scene(), 2 + step / FPS)) for step in range(150)]
    assert all(motion.boxes == () for motion in after[10:])
    assert any(motion.stirred for motion in after[:10])
    assert not after[-1].stirred


def test_a_passing_even_surface_leaves_no_trail() -> None:
    detector, start_s = learnt(scene())
    for step in range(40):
        van = Box(min(0.02 * step, 0.7), 0.3, min(0.02 * step, 0.7) + 0.3, 0.8)
        detector.update(small(with_person(scene(), van, 230), start_s + step / FPS))
    for step in range(3):
        motion = detector.update(small(scene(), start_s + 4 + step / FPS))
    assert not any(box.left < 0.4 for box in motion.boxes)


def test_slow_light_and_a_new_exposure_are_followed() -> None:
    detector, start_s = learnt(scene(level=60))
    for step in range(100):
        level = 60 + step // 2
        motion = detector.update(small(noisy(scene(level=level), step), start_s + step / FPS))
        assert motion.boxes == ()
    darker = np.clip(scene(level=109).astype(np.int16) - 40, 0, 255).astype(np.uint8)
    seen = [detector.update(small(noisy(darker, step), start_s + 10 + step / FPS)) for step in range(20)]
    assert not any(motion.boxes for motion in seen if motion.ready)


def test_a_light_switch_is_not_a_crowd() -> None:
    dark, bright = scene(level=20), noisy(scene(level=120)[::-1].copy(), 1, 30.0)
    detector, start_s = learnt(dark)
    seen = [detector.update(small(bright, start_s + step / FPS)) for step in range(20)]
    assert all(motion.boxes == () for motion in seen)
    assert not all(motion.ready for motion in seen[:3])  # two pictures may be left out
    assert max(motion.share for motion in seen) > 0.5
    assert seen[-1].ready


def test_a_dark_noisy_camera_raises_its_own_threshold() -> None:
    detector = MotionDetector()
    seen = [detector.update(small(noisy(scene(level=30), step, 25.0), step / FPS)) for step in range(150)]
    assert sum(len(motion.boxes) for motion in seen[100:]) == 0


def test_what_always_flickers_is_given_up_and_a_walker_elsewhere_is_not() -> None:
    detector, lamp = MotionDetector(), Box(0.8, 0.1, 0.9, 0.3)
    for step in range(400):
        picture = with_person(scene(), lamp, 112 if step % 2 else 90)
        if step >= 380:
            picture = with_person(picture, walker(step - 380))
        motion = detector.update(small(picture, step / FPS))
    assert not any(box.overlap(lamp) > 0 for box in motion.boxes)
    assert any(box.overlap(walker(19)) > 0 for box in motion.boxes)


@pytest.mark.parametrize("level", [0, 255])
def test_all_black_and_all_white_are_quiet(level: int) -> None:
    detector = MotionDetector()
    for step in range(20):
        motion = detector.update(small(np.full((360, 640), level, np.uint8), step / FPS))
    assert motion == Motion((), 0.0, True)


@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (3, 7), (16, 16), (1, 640), (2160, 3840)])
def test_any_size_goes(shape: tuple[int, int]) -> None:
    detector = MotionDetector()
    for step in range(8):
        picture = np.zeros(shape, np.uint8)
        picture[:, : shape[1] // 2] = 200 * (step % 2)
        for box in detector.update(small(picture, step / FPS)).boxes:
            assert 0 <= box.left < box.right <= 1
            assert 0 <= box.top < box.bottom <= 1


def test_padded_rows_are_read_as_they_are() -> None:
    padded, tight = MotionDetector(), MotionDetector()
    for step in range(20):
        picture = noisy(with_person(scene(), walker(step)), step)
        memory = np.full((360, 704), 255, np.uint8)
        memory[:, :640] = picture
        assert padded.update(small(memory[:, :640], step / FPS)) == tight.update(small(picture, step / FPS))


def test_does_not_keep_the_decoders_memory() -> None:
    memory = scene(160, 90)  # small enough not to be shrunk
    detector = MotionDetector()
    for step in range(10):
        detector.update(small(memory, step / FPS))
    memory[:] = 255
    memory[:] = scene(160, 90)
    assert detector.update(small(memory, 1.0)).boxes == ()
    assert not np.shares_memory(shrink(memory), memory)


@pytest.mark.parametrize("change", ["run", "size", "time"])
def test_begins_anew(change: str) -> None:
    detector, start_s = learnt(scene())
    other = scene(level=160)
    changed = {
        "run": small(other, start_s, run=1),
        "size": small(scene(320, 180), start_s),
        "time": small(other, start_s - 1.0),
    }[change]
    assert detector.update(changed) == Motion((), 0.0, False)


def test_boxes_are_bounded_and_the_largest_come_first() -> None:
    detector, start_s = learnt(scene())
    for step in range(8):
        picture = scene()
        for row in range(6):
            for column in range(10):
                left = column / 10 + 0.006 * step
                box = Box(left, row / 6, left + 0.03 + 0.002 * column, row / 6 + 0.05)
                picture = with_person(picture, box, 250)
        motion = detector.update(small(picture, start_s + step / FPS))
    areas = [box.area for box in motion.boxes]
    assert len(areas) == MAX_BOXES
    assert areas == sorted(areas, reverse=True)


def test_merged_joins_head_and_legs_but_not_two_corners() -> None:
    head, legs = Box(0.5, 0.40, 0.53, 0.45), Box(0.5, 0.46, 0.53, 0.55)
    far = Box(0.53, 0.55, 0.8, 0.9)
    assert merged([head, legs]) == [Box(0.5, 0.40, 0.53, 0.55)]
    assert len(merged([Box(0.0, 0.0, 0.3, 0.02), Box(0.3, 0.02, 0.31, 0.6)])) == 2
    assert merged([far]) == [far]


def test_what_moves_is_boxed_in_every_picture_at_any_rate() -> None:
    # Between two judgements it is only followed: its box must keep up, and nobody else's appear.
    for fps in (5, 15, 25):
        detector, start_s = learnt(scene())
        for step in range(2 * fps):
            person = walker(step, 0.2 / fps)
            motion = detector.update(small(noisy(with_person(scene(), person), step), start_s + step / fps))
            if step > 0.7 * fps:
                assert [box.overlap(person) > 0.8 * person.area for box in motion.boxes] == [True]
                assert motion.boxes[0].area < 2.0 * person.area


def test_who_comes_while_somebody_moves_is_found_in_less_than_a_second() -> None:
    detector, start_s = learnt(scene())
    for step in range(20):
        picture = with_person(scene(), walker(step))
        second = Box(0.8 - 0.02 * (step - 10), 0.3, 0.86 - 0.02 * (step - 10), 0.6)
        if step >= 10:
            picture = with_person(picture, second)
        motion = detector.update(small(noisy(picture, step), start_s + step / FPS))
        if step >= 17:
            assert any(box.overlap(second) > 0.8 * second.area for box in motion.boxes)


def test_a_picture_is_made_small_only_when_it_is_looked_at() -> None:
    detector, start_s = learnt(scene())
    still, walked = [], []
    for step in range(30):
        picture = small(noisy(scene(), step), start_s + step / FPS)
        detector.update(picture)
        still.append("luma" in vars(picture))
    for step in range(30):
        picture = small(noisy(with_person(scene(), walker(step)), step), start_s + 3 + step / FPS)
        assert (len(detector.update(picture).boxes) == 1) or step < 5
        walked.append("luma" in vars(picture))
    assert sum(still) == 10
    assert 7 <= sum(walked) <= 12


def test_two_pictures_a_second_are_all_judged() -> None:
    detector = MotionDetector()
    for step in range(40):
        picture = small(noisy(with_person(scene(), walker(step)), step), step / 2)
        detector.update(picture)
        assert "luma" in vars(picture)
