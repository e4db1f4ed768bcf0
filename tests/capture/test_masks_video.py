"""Real street video through every way that encodes: each stored picture is decoded and looked at."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from agent.capture.file import FileSource
from agent.capture.isolated.aside import Aside
from agent.capture.isolated.job import open_isolated
from agent.capture.masks import ENCODED
from agent.capture.replay import read_file
from agent.capture.source import plan_sources
from agent.capture.stream import Reading, StreamReader, Wants
from agent.clock import Clock, MediaClock
from agent.config.camera import CameraSection
from agent.errors import CameraError
from agent.installer.doors import CameraView, LiveView
from agent.installer.overlay import Overlay, jpeg, thumbnail
from agent.values import Frame, Motion, Packet
from deploy.stand_in.camera import RtspCamera
from tests.capture import masking
from tests.capture.clocks import HandClock, PassingStop
from tests.capture.masking import POLYGONS, TOLERANCE, decoded, far_outside, pictures_of, planes, psnr, worst
from tests.capture.videos import Recipe, encode, street

pytestmark = pytest.mark.real
BOTH = Wants(packets=True, frames=True)
AREAS = tuple(POLYGONS.values())
JPEG_TOLERANCE = 4  # of a picture of moderate quality that was made smaller


def camera(source: Path | str, **settings: object) -> CameraSection:
    masked = {"privacy_masks": POLYGONS, "transcode": True, "loop": False}
    return CameraSection.model_validate({"id": "gate", "source": str(source), **masked, **settings})


def played(section: CameraSection) -> tuple[list[Packet], list[Frame]]:
    clock = HandClock()
    source = FileSource(section, Reading(clock, BOTH, PassingStop(clock)))
    found: list[Packet | Frame] = []
    while (items := source.read()) is not None:
        found += items
    source.close()
    return [one for one in found if isinstance(one, Packet)], [one for one in found if isinstance(one, Frame)]


def shifted(pictures: Iterator[av.VideoFrame], size: tuple[int, int]) -> Iterator[av.VideoFrame]:
    # The camera shakes, so that something passes behind every mask; any size may be had.
    for number, picture in enumerate(pictures):
        pixels = np.roll(picture.to_ndarray(format="bgr24"), (number * 3, number * 7), (0, 1))
        yield av.VideoFrame.from_ndarray(cv2.resize(pixels, size).astype(np.uint8), format="bgr24")


@pytest.fixture(scope="session")
def shaking(street_h264: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file per recipe: 40 pictures of the street from a camera that shakes; `still.mp4` from one that does not."""
    folder = tmp_path_factory.mktemp("shaking")
    encode(shifted(street(street_h264, 40), (768, 576)), folder / "h264.mp4", Recipe(b_frames=2))
    encode(street(street_h264, 40), folder / "still.mp4", Recipe(gop=40))
    encode(shifted(street(street_h264, 40), (640, 358)), folder / "hevc.mp4", Recipe("libx265", b_frames=2))
    for name, form, size in (("422", "yuvj422p", (768, 576)), ("420", "yuvj420p", (500, 374))):
        recipe = Recipe("mjpeg", gop=1, pix_fmt=form, container="avi")
        encode(shifted(street(street_h264, 40), size), folder / f"{name}.avi", recipe)
    encode(shifted(street(street_h264, 12), (321, 243)), folder / "odd.mp4", Recipe("mpeg4"))
    return folder


@pytest.mark.parametrize("name", ["h264.mp4", "hevc.mp4", "422.avi", "420.avi"])
def test_nothing_behind_a_mask_is_in_any_stored_picture(shaking: Path, name: str) -> None:
    packets, frames = played(camera(shaking / name))
    pictures = decoded(packets)
    assert len(packets) == len(pictures) == 40 and len(frames) == 20
    assert packets[0].format.codec == "h264"
    # A player takes what was full range (MJPEG) as it is told: black is then a little lighter, and as constant.
    black = planes(pictures[0])[0][2, 2]
    assert black in (range(14, 19) if name != "420.avi" else range(14, 32))
    assert max(worst(planes(one), AREAS, (int(black), 128, 128)) for one in pictures) <= TOLERANCE
    assert max(worst((one.luma, one.u, one.v), AREAS) for one in frames) == 0


@pytest.mark.parametrize("name", ["h264.mp4", "hevc.mp4", "422.avi"])
def test_all_around_the_masks_the_picture_is_the_cameras(shaking: Path, name: str) -> None:
    packets, frames = played(camera(shaking / name))
    shown = [planes(one)[0] for one in decoded(packets)]
    truth = [planes(one)[0] for one in pictures_of(shaking / name)]
    outside = far_outside(AREAS, truth[0].shape[1], truth[0].shape[0])
    assert outside.mean() > 0.3
    assert min(psnr(a, b, outside) for a, b in zip(shown, truth, strict=True)) > 28
    assert min(psnr(frame.luma, truth[frame.seq], outside) for frame in frames) > 28


def test_a_mask_never_smears_through_the_decoders_references(shaking: Path) -> None:
    # Pictures of a camera that stands still lean on those before them: who leaves a mask would drag its black along.
    _, masked = played(camera(shaking / "still.mp4"))
    _, plain = played(camera(shaking / "still.mp4", privacy_masks={}, transcode=None))
    outside = far_outside(AREAS, 768, 576, 2 * ENCODED.size)
    for one, other in zip(masked, plain, strict=True):
        assert (one.luma[outside] == other.luma[outside]).all()


def test_a_replay_sees_what_the_node_saw(shaking: Path) -> None:
    _, live = played(camera(shaking / "h264.mp4"))
    again = [one.frame for one in read_file(shaking / "h264.mp4", camera(shaking / "h264.mp4"), MediaClock())]
    assert len(again) == len(live) == 20
    assert all((a.luma == b.luma).all() and (a.u == b.u).all() for a, b in zip(again, live, strict=True))


def test_a_picture_of_odd_size_is_painted_to_its_edge(shaking: Path) -> None:
    areas = (*AREAS, [[0.95, 0.95], [1.0, 0.95], [1.0, 1.0], [0.95, 1.0]])
    section = camera(shaking / "odd.mp4", privacy_masks={f"m{number}": area for number, area in enumerate(areas)})
    frames = [one.frame for one in read_file(shaking / "odd.mp4", section, MediaClock())]
    assert frames[0].luma.shape == (243, 321) and frames[0].u.shape == (122, 161)
    assert max(worst((one.luma, one.u, one.v), areas) for one in frames) == 0


def test_thumbnails_and_the_pages_pictures_are_masked(shaking: Path) -> None:
    _, frames = played(camera(shaking / "h264.mp4"))
    overlay, view = Overlay("vi"), CameraView("gate", "", (), ())
    for frame in frames[::5]:
        for data in (thumbnail(frame, ()), jpeg(overlay.draw(view, LiveView(frame, (), Motion((), 0.0))), 80)):
            pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
            assert pixels is not None
            area = masking.inside(AREAS, pixels.shape[1], pixels.shape[0])
            assert int(pixels[area].max()) <= JPEG_TOLERANCE
            assert pixels[far_outside(AREAS, pixels.shape[1], pixels.shape[0])].std() > 20


def test_masks_on_packets_as_the_camera_sent_them_are_refused(shaking: Path) -> None:
    # The configuration refuses this already; a source that got such a section by another way does, too.
    section = camera(shaking / "h264.mp4").model_copy(update={"transcode": False})
    with pytest.raises(CameraError) as caught:
        played(section)
    assert "privacy masks" in caught.value.text.en and "(h264)" in caught.value.text.en


def test_a_reader_that_forgot_to_encode_gives_no_packet(shaking: Path) -> None:
    section = camera(shaking / "h264.mp4")
    reader = StreamReader(section, section.source, Reading(HandClock(), Wants(packets=True, frames=False)))
    with av.open(section.source) as container:
        stream = reader.attach(container)
        reader.encoder = "passthrough"
        with pytest.raises(CameraError) as caught:
            for packet in container.demux(stream):
                list(reader.take(packet))
    assert caught.value.code == "camera_codec" and "privacy masks" in caught.value.text.en


@pytest.mark.parametrize("codec", ["h264", "jpeg"])
def test_a_network_camera_and_its_second_stream(rtsp: Callable[..., RtspCamera], codec: str) -> None:
    server = rtsp("--codec", codec)
    section = camera(server.address(), sub=server.address("sub"), timeout="4s")
    main, sub = (plan.open(threading.Event()) for plan in plan_sources(section, Clock(), None))
    packets: list[Packet] = []
    frames: list[Frame] = []
    while len(packets) < 20 or len(frames) < 4:
        packets += [one for one in main.read() or () if isinstance(one, Packet)]
        frames += [one for one in sub.read() or () if isinstance(one, Frame)]
    main.close()
    sub.close()
    assert main.counts().encoder == "libx264"
    pictures = [planes(one) for one in decoded(packets)]
    black = int(pictures[0][0][2, 2])
    assert max(worst(one, AREAS, (black, 128, 128)) for one in pictures) <= TOLERANCE
    assert frames[0].width == 320
    assert max(worst((one.luma, one.u, one.v), AREAS) for one in frames) == 0


def test_a_camera_in_a_child_process(shaking: Path) -> None:
    section = camera(shaking / "422.avi")
    source = open_isolated(section, Reading(Clock(), BOTH), Aside())
    packets: list[Packet] = []
    frames: list[Frame] = []
    while len(packets) < 10 or len(frames) < 4:
        items = source.read() or ()
        packets += [one for one in items if isinstance(one, Packet)]
        frames += [one for one in items if isinstance(one, Frame)]
        assert all(worst((one.luma, one.u, one.v), AREAS) == 0 for one in items if isinstance(one, Frame))
    source.close()
    assert max(worst(planes(one), AREAS) for one in decoded(packets)) <= TOLERANCE


def test_without_masks_frames_still_look_into_the_decoders_memory(street_h264: Path) -> None:
    section = CameraSection.model_validate({"id": "gate", "source": str(street_h264)})
    frame = next(read_file(street_h264, section, MediaClock())).frame
    assert not frame.luma.flags.owndata and not frame.luma.flags.writeable
