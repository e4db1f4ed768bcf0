"""Looking less while nothing moves, and going back to what led up to a waking."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from agent.capture.attention import HEEDED_S, STANDING, STILL_S, STIRRED_S, Attention, Told
from agent.capture.replay import FrameAt, read_file
from agent.capture.stream import Reading, StreamReader, Wants
from agent.clock import MediaClock, Moment
from agent.config.camera import CameraSection
from agent.config.devices import IdleSection
from agent.motion import MotionDetector
from agent.values import Box, Frame, Motion, Small
from tests.capture.videos import Recipe, encode

FPS = 10
NOTHING = Motion((), 0.0)
SOMETHING = Motion((Box(0.1, 0.1, 0.2, 0.2),), 0.01)
PERHAPS = Motion((), 0.0, stirred=True)
LEARNING = Motion((), 0.0, ready=False)
GREY = np.full((4, 4), 100, np.uint8)


def frame(at_s: float) -> Frame:
    return Frame("gate", 1, 0, Moment(round(at_s * 1e9), 0, True, "boot"), GREY, GREY[:2, :2], GREY[:2, :2])


class Script:
    """Motion as it is told."""

    def __init__(self) -> None:
        self.now = NOTHING

    def __call__(self, small: Small) -> Motion:
        return self.now


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def attention(script: Script) -> Attention:
    return Attention(IdleSection.model_validate({"after": "10s"}), script)


def looked(attention: Attention, *times_s: float) -> list[bool]:
    return [attention.look(frame(at_s)) for at_s in times_s]


def test_idle_after_a_while_without_motion(attention: Attention) -> None:
    assert looked(attention, 0.0, 5.0, 9.9) == [False] * 3 and not attention.idle
    looked(attention, 10.0)
    assert attention.idle


def test_motion_wakes_for_long_and_what_stirs_only_for_a_moment(attention: Attention, script: Script) -> None:
    looked(attention, 0.0, 10.0)
    script.now = PERHAPS
    assert looked(attention, 12.0) == [True] and not attention.idle
    script.now = NOTHING
    looked(attention, 12.0 + STIRRED_S / 2)
    assert not attention.idle
    looked(attention, 12.0 + STIRRED_S)
    assert attention.idle
    script.now = SOMETHING
    assert looked(attention, 20.0) == [True]
    script.now = NOTHING
    looked(attention, 29.9)
    assert not attention.idle
    looked(attention, 30.0)
    assert attention.idle


def test_a_scene_that_is_not_known_yet_is_watched(attention: Attention, script: Script) -> None:
    looked(attention, 0.0, 10.0)
    script.now = LEARNING
    assert looked(attention, 11.0) == [True]


def test_who_stands_still_in_view_is_watched_longer(attention: Attention) -> None:
    attention.following = True
    looked(attention, 0.0, 10.0, 10.0 * STANDING - 0.1)
    assert not attention.idle
    looked(attention, 10.0 * STANDING)
    assert attention.idle


def test_it_can_be_switched_off(script: Script) -> None:
    attention = Attention(IdleSection(enabled=False), script)
    looked(attention, 0.0, 1000.0)
    assert not attention.idle


def test_vision_that_begins_anew_wakes(attention: Attention) -> None:
    looked(attention, 0.0, 10.0)
    attention.wake()
    assert not attention.idle
    looked(attention, 10.2)
    assert not attention.idle


def test_vision_gets_a_still_picture_seldom_and_oftener_when_somebody_is_there(attention: Attention) -> None:
    looked(attention, 0.0, 10.0)
    assert attention.idle
    assert [attention.worth(at_s) for at_s in (10.0, 12.0, 14.0, 10.0 + STILL_S)] == [True, False, False, True]
    attention.following = True
    assert [attention.worth(at_s) for at_s in (22.0, 24.0, 26.0, 28.0)] == [False, True, False, True]


def in_vain(attention: Attention, script: Script, until_s: float) -> None:
    """Something moves, vision looks at each frame and follows nobody."""
    script.now = SOMETHING
    for tenth in range(round(until_s * 10)):
        looked(attention, tenth / 10)
        attention.tell(Told(tenth / 10, (), SOMETHING.boxes))


def test_motion_in_which_nobody_is_ever_found_is_looked_at_by_key_frames(attention: Attention, script: Script) -> None:
    in_vain(attention, script, 12.0)
    assert attention.idle
    assert looked(attention, 14.0, 16.0) == [False, False]
    # The model still looks there: each glance goes to vision.
    assert [attention.worth(at_s) for at_s in (16.0, 18.0, 20.0)] == [True] * 3
    script.now = Motion((Box(0.6, 0.6, 0.8, 0.9),), 0.06)
    assert looked(attention, 22.0) == [True]


def test_who_is_found_in_a_glance_ends_idling_with_the_next(attention: Attention, script: Script) -> None:
    in_vain(attention, script, 12.0)
    assert looked(attention, 14.0) == [False]
    attention.tell(Told(14.0, SOMETHING.boxes, SOMETHING.boxes))
    assert looked(attention, 16.0) == [True]
    assert attention.following


def test_what_vision_tells_counts_from_a_later_frame_on(attention: Attention) -> None:
    looked(attention, 0.0)
    attention.tell(Told(0.0, SOMETHING.boxes, ()))
    looked(attention, HEEDED_S - 0.05)
    assert not attention.following
    looked(attention, HEEDED_S + 0.05)
    assert attention.following


def test_what_vision_does_not_see_move_at_all_is_in_vain_too(attention: Attention, script: Script) -> None:
    """Each has a background of its own; the model cannot look at what only this one takes for motion."""
    script.now = SOMETHING
    for tenth in range(150):
        looked(attention, tenth / 10)
        if tenth % 2:  # vision may leave out frames
            attention.tell(Told(tenth / 10, (), (), still=True))
    assert attention.idle
    attention.tell(Told(14.95, (), (), still=True))  # of no frame that was seen here
    assert looked(attention, 17.0) == [False]


def test_without_a_model_motion_is_never_in_vain(attention: Attention, script: Script) -> None:
    script.now = SOMETHING
    for tenth in range(300):
        looked(attention, tenth / 10)
        attention.tell(Told(tenth / 10, (), ()))
    assert not attention.idle


def test_what_stirs_while_all_is_looked_at_puts_off_idling_by_a_frame_only(
    attention: Attention, script: Script
) -> None:
    looked(attention, 0.0)
    script.now = PERHAPS
    looked(attention, 10.0)
    assert not attention.idle
    script.now = NOTHING
    looked(attention, 10.2)
    assert attention.idle


def scene(quiet_s: float, walk_s: float) -> Iterator[av.VideoFrame]:
    """A still street with a little noise; after `quiet_s` a square walks through from left to right."""
    generator = np.random.default_rng(5)
    street = generator.integers(60, 180, (45, 80, 3), np.uint8).repeat(4, axis=0).repeat(4, axis=1)
    for number in range(round((quiet_s + walk_s) * FPS)):
        noise = generator.integers(0, 3, street.shape, np.uint8)
        picture = street + noise
        gone = (number / FPS - quiet_s) / walk_s
        if gone >= 0:
            left = round(gone * 260)
            picture[60:130, left : left + 40] = (20, 20, 220)
        yield av.VideoFrame.from_ndarray(picture, format="bgr24")


QUIET_S, WALK_S, GOP_S = 9.3, 4.0, 2.0


@pytest.fixture(scope="module", params=["h264", "h264 with B pictures", "hevc"])
def recipe(request: pytest.FixtureRequest) -> Recipe:
    codec = "libx265" if request.param == "hevc" else "libx264"
    return Recipe(codec, gop=round(GOP_S * FPS), b_frames=0 if request.param == "h264" else 2)


@pytest.fixture(scope="module")
def video(recipe: Recipe, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return encode(scene(QUIET_S, WALK_S), tmp_path_factory.mktemp("idle") / "walk.mp4", recipe)


def read(path: Path, **idle: object) -> list[FrameAt]:
    section = {"after": "3s", "every": "1s", **idle}
    camera = CameraSection.model_validate({"id": "gate", "source": str(path), "idle": section})
    attention = Attention(camera.idle, MotionDetector().update)
    return [
        replace(at, frame=replace(at.frame, luma=at.frame.luma.copy()))
        for at in read_file(path, camera, MediaClock(), attention)
    ]


def test_only_key_frames_while_idle_and_everything_that_led_up_to_the_waking(video: Path) -> None:
    full, sparse = read(video, enabled=False), read(video)
    times = [round(at.frame.at.mono_s, 1) for at in sparse]
    assert times == sorted(times) and len(set(times)) == len(times)
    # In full until the scene was still for 3 s, then key frames: that of 4 s is given, as the first; that of 6 s shows
    # nothing new; that of 10 s shows somebody, and gives back what came since 8 s.
    begins_s = times[times.index(4.0) - 1]
    assert 3.0 <= begins_s <= 3.6
    in_full = [number / 5 for number in range(round(begins_s * 5) + 1)]
    assert [at_s for at_s in times if at_s < 8.0] == [*in_full, 4.0]
    whole = [at for at in full if at.frame.at.mono_s >= 8.0]
    again = [at for at in sparse if at.frame.at.mono_s >= 8.0]
    assert [at.frame.at.mono_ns for at in again] == [at.frame.at.mono_ns for at in whole]
    for one, other in zip(again, whole, strict=True):
        assert np.array_equal(one.frame.luma, other.frame.luma), one.number
    rewound = [at.frame.at.mono_s for at in again if at.frame.rewound]
    assert rewound == [at.frame.at.mono_s for at in whole if at.frame.at.mono_s <= 10.0]


def test_idling_that_begins_between_key_frames_gives_back_what_came_since(recipe: Recipe, tmp_path: Path) -> None:
    # Still until 5.2 s; idle from a little after 4 s on; the walker is there in the key frame of 6 s.
    path = encode(scene(5.2, 3.0), tmp_path / "soon.mp4", recipe)
    full, sparse = read(path, enabled=False), read(path, after="4s")
    given = [at.frame.at.mono_ns for at in sparse]
    assert given == sorted(set(given))
    rewound = [at for at in sparse if at.frame.rewound]
    first_s = rewound[0].frame.at.mono_s
    assert 4.0 < first_s < 5.2  # not from the key frame of 4 s on: that was looked at in full
    whole = [at for at in full if at.frame.at.mono_s >= first_s]
    again = [at for at in sparse if at.frame.at.mono_s >= first_s]
    assert [at.frame.at.mono_ns for at in again] == [at.frame.at.mono_ns for at in whole]
    for one, other in zip(again, whole, strict=True):
        assert np.array_equal(one.frame.luma, other.frame.luma), one.number
    assert [at.frame.at.mono_ns for at in sparse] == [at.frame.at.mono_ns for at in full]


def test_a_camera_with_rare_key_frames_is_always_decoded(video: Path) -> None:
    full, sparse = read(video, enabled=False), read(video, max_gop="1s")
    assert [at.number for at in sparse] == [at.number for at in full]


def test_footage_is_the_same_while_idle(video: Path) -> None:
    camera = CameraSection.model_validate({"id": "gate", "source": str(video), "idle": {"after": "1s"}})
    attention = Attention(camera.idle, MotionDetector().update)
    reader = StreamReader(camera, "x", Reading(MediaClock(), Wants(packets=True, frames=True), attention=attention))
    with av.open(str(video)) as container:
        stream = reader.attach(container)
        count = sum(
            1 for packet in container.demux(stream) for item in reader.take(packet) if not isinstance(item, Frame)
        )
    assert count == reader.counts().pictures == round((QUIET_S + WALK_S) * FPS)
    assert reader.counts().decoded < count and reader.counts().errors == 0
    assert Fraction(reader.counts().decoded, count) < 1
