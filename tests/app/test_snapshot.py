"""A picture of now: the larger of two, masked, honest about its time; nothing when there is none of the last minute."""

import threading
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import cv2
import numpy as np
import pytest

from agent.app.glance import Glance
from agent.app.seen import Seen
from agent.app.snapshot import OLDEST_S, Snapshots, last_key_frame
from agent.clock import NS, Moment
from agent.config.model import Config
from agent.values import Frame, Segment, StreamFormat
from tests.app.test_attend import analysis
from tests.spool.support import T0, StillClock, open_spool

MASK = [[0.5, 0.0], [1.0, 0.0], [1.0, 1.0], [0.5, 1.0]]


def film(path: Path, size: tuple[int, int] = (320, 240), seconds: int = 4) -> Segment:
    """One key frame a second, each brighter than the one before."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", 10, options={"g": "10"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for number in range(seconds * 10):
            picture = np.full((size[1] * 3 // 2, size[0]), 128, np.uint8)
            picture[: size[1]] = 60 + number // 10 * 40
            frame = av.VideoFrame.from_ndarray(picture, "yuv420p")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    form = StreamFormat("mpeg4", *size, stream.time_base, b"")
    return Segment(1, "gate", 1, path, Moment(1000 * NS, T0, True, "boot-a"), float(seconds), 1, form)


def small(at: Moment) -> Frame:
    grey = np.full((120, 160), 200, np.uint8)
    colour = np.full((60, 80), 128, np.uint8)
    return Frame("gate", 1, 1, at, grey, colour, colour.copy())


@dataclass
class Node:
    """What a snapshot needs of a node. `frame`: what the camera gives whenever somebody asks."""

    directory: Path
    clock: StillClock
    segments: list[Segment] = field(default_factory=list)
    frame: Frame | None = None

    def __post_init__(self) -> None:
        self.spool = open_spool(self.directory, self.clock)
        self.glance: Any = SimpleNamespace(ask=lambda cam, patience_s: self.frame)
        library = SimpleNamespace(find=lambda cam, start, end: tuple(self.segments))
        self.footage: Any = SimpleNamespace(library=library)
        self.pause: Any = SimpleNamespace(active=False)

    def snapshots(self, **camera: Any) -> Snapshots:
        document = {
            "node": {"id": "node-7", "ward": "ward-1", "data_dir": str(self.directory)},
            "mqtt": {"url": "mqtts://ward.example"},
            "retention": {"max_days": 30},
            "cameras": [{"id": "gate", "source": "/dev/video0"} | camera],
        }
        return Snapshots(self, Config.model_validate(document), self.clock)  # type: ignore[arg-type]


@pytest.fixture
def node(tmp_path: Path) -> Node:
    clock = StillClock()
    node = Node(tmp_path, clock)
    node.segments = [film(tmp_path / "a.mp4")]
    clock.pass_s(10)
    node.frame = small(clock.now())
    return node


def shown(path: Path) -> np.ndarray[Any, Any]:
    picture = cv2.imread(str(path))
    assert picture is not None
    return picture


def test_the_larger_picture_with_its_own_time(node: Node) -> None:
    clip = node.snapshots().take("gate", "01JZ0000000000000000000001", 10)
    assert clip is not None and clip.path.suffix == ".jpg"
    assert shown(clip.path).shape == (240, 320, 3)
    assert clip.start_ns == clip.end_ns == T0 + 3 * NS, "the last key frame's, not now"
    assert 170 <= shown(clip.path).mean() <= 210, "it is the last one"
    waiting = node.spool.next_clip()
    assert waiting is not None and (waiting.id, waiting.sha256) == (clip.id, clip.sha256)
    assert waiting.manifest is None


def test_old_footage_is_none_of_now(node: Node) -> None:
    node.clock.pass_s(OLDEST_S)
    clip = node.snapshots().take("gate", "01JZ0000000000000000000001", 10)
    assert clip is not None and shown(clip.path).shape == (120, 160, 3)
    assert node.frame is not None and clip.start_ns == node.frame.at.wall_ns
    node.frame = None
    assert node.snapshots().take("gate", "01JZ0000000000000000000002", 10) is None
    node.segments = [replace(node.segments[0], start=Moment(1000 * NS, T0, True, "boot-b"))]
    assert node.snapshots().newest("gate") is None, "of another boot nobody can tell how old it is"


def test_footage_that_cannot_be_read_leaves_the_small_picture(node: Node) -> None:
    node.segments[0].path.write_bytes(b"nothing")
    shot = node.snapshots().newest("gate")
    assert shot is not None and shot.frame is node.frame
    node.segments[0].path.unlink()
    assert node.snapshots().newest("gate") is not None


def test_none_while_the_household_has_stopped_recording(node: Node) -> None:
    node.pause.active = True
    assert node.snapshots().newest("gate") is None
    assert node.snapshots().take("gate", "01JZ0000000000000000000001", 10) is None
    assert node.spool.next_clip() is None


@pytest.mark.parametrize("footage", [True, False])
def test_masks_are_painted_whatever_it_came_from(node: Node, footage: bool) -> None:
    if not footage:
        node.segments = []
    clip = node.snapshots(privacy_masks={"window": MASK}).take("gate", "01JZ0000000000000000000001", 10)
    assert clip is not None
    picture = shown(clip.path)
    half = picture.shape[1] // 2
    assert picture[:, half + 8 :].max() < 20, "black"
    assert picture[:, : half - 40].min() > 100


def test_the_newest_frame_is_copied_only_when_somebody_asks(tmp_path: Path) -> None:
    glance, clock = Glance(), StillClock()
    frame = small(clock.now())
    glance.seen(frame)
    assert glance.ask("gate", 0.0) is None, "what came before was not kept"
    found: list[Frame | None] = []
    asker = threading.Thread(target=lambda: found.append(glance.ask("gate", 30.0)))
    asker.start()
    while asker.is_alive():
        glance.seen(frame)
        glance.seen(replace(frame, cam="yard"))
    assert found[0] is not None and found[0].luma is not frame.luma
    assert (found[0].luma == frame.luma).all()


def test_a_file_without_pictures(tmp_path: Path) -> None:
    segment = film(tmp_path / "a.mp4", seconds=1)
    shot = last_key_frame(segment)
    assert shot is not None and shot.at == segment.start


def test_a_glance_gets_the_next_frame_that_vision_has_seen(node: Node) -> None:
    seen = Seen(lambda event, thumb: None, None, lambda: 0.0)
    assert node.frame is not None
    before = small(node.clock.now())
    seen.seen(analysis(0), before)  # nobody asks: nothing is kept
    found: list[Frame | None] = []
    asker = threading.Thread(target=lambda: found.append(seen.glance.ask("gate", 60.0)))
    asker.start()
    while asker.is_alive():
        seen.seen(analysis(0), node.frame)
        asker.join(0.01)
    assert found[0] is not None and found[0] is not node.frame
    assert (found[0].luma == node.frame.luma).all()
