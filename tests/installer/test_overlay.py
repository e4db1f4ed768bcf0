"""What is drawn stands where it should, fits, and never touches the frame itself."""

from pathlib import Path

import av
import numpy as np
import pytest

from agent.clock import Clock
from agent.installer.doors import LiveView
from agent.installer.letters import INK
from agent.installer.overlay import LINE, PERSON, ZONE, Overlay, bgr, jpeg, thumbnail
from agent.values import Box, Frame, Motion, Picture, Point, Track
from tests.installer import scene
from tests.installer.node import GATE

NOW = Clock().now()
VTEST = Path(__file__).parents[2] / ".." / "shared" / "data" / "video" / "vtest.avi"


def plain(height: int, width: int, luma: int = 128) -> Frame:
    chroma = np.full(((height + 1) // 2, (width + 1) // 2), 128, np.uint8)
    return Frame("gate", 1, 1, NOW, np.full((height, width), luma, np.uint8), chroma, chroma.copy())


def noise(height: int, width: int) -> Frame:
    rng = np.random.default_rng(7)

    def plane(*shape: int) -> Picture:
        return rng.integers(0, 256, shape, dtype=np.uint8)

    return Frame(
        "gate", 1, 1, NOW, plane(height, width), plane(height // 2, width // 2), plane(height // 2, width // 2)
    )


def track(box: Box) -> Track:
    return Track(4, "person", 0.9, box, NOW, NOW, 1.0, 0.1, (Point(0.1, 0.1), Point(0.2, 0.2)))


def near(picture: Picture, x: float, y: float, colour: tuple[int, int, int]) -> bool:
    """Is a pixel of about this colour within two pixels of the point?"""
    height, width = picture.shape[:2]
    column, row = round(x * width), round(y * height)
    patch = picture[max(0, row - 2) : row + 3, max(0, column - 2) : column + 3].astype(int)
    return bool((np.abs(patch - np.array(colour)).max(axis=2) < 40).any())


@pytest.mark.parametrize(("height", "width"), [(1080, 1920), (359, 641), (2, 2), (1920, 1080), (720, 960)])
def test_a_picture_keeps_its_shape_and_is_never_wider_than_960(height: int, width: int) -> None:
    picture = bgr(plain(height, width))
    assert picture.shape[1] <= min(960, width)
    assert picture.shape[0] % 2 == picture.shape[1] % 2 == 0
    assert picture.shape[1] / picture.shape[0] == pytest.approx(width / height, rel=0.02)


def test_colours_survive_the_planes() -> None:
    red = np.zeros((120, 160, 3), np.uint8)
    red[:] = (30, 40, 200)
    frame = scene.frame_of(red, NOW, 1)
    assert np.abs(bgr(frame).astype(int) - red).max() <= 6


def test_zones_lines_and_boxes_stand_where_they_should() -> None:
    frame = plain(540, 960)
    before = frame.luma.copy()
    box = Box(0.1, 0.2, 0.2, 0.5)
    drawn = Overlay("vi").draw(GATE, LiveView(frame, (track(box),), Motion((Box(0.8, 0.1, 0.9, 0.2),), 0.01)))
    assert near(drawn, 0.1, 0.4, PERSON)
    assert near(drawn, 0.2, 0.4, PERSON)
    assert near(drawn, 0.40, 0.80, ZONE)
    assert near(drawn, 0.26, 0.95, LINE)
    assert near(drawn, 0.8, 0.15, (235, 235, 235))
    inside, outside = drawn[round(0.75 * 540), round(0.5 * 960)], drawn[round(0.3 * 540), round(0.6 * 960)]
    assert not np.array_equal(inside, outside), "a zone is tinted"
    assert outside.tolist() == bgr(frame)[0, 0].tolist(), "what is outside stays as it is"
    assert np.array_equal(frame.luma, before), "the frame itself is never drawn on"


def test_labels_are_written_in_both_languages_and_stay_inside() -> None:
    view = LiveView(plain(540, 960), (track(Box(-0.05, -0.1, 0.3, 0.4)),), Motion((), 0.0))
    vietnamese, english = (Overlay(language).draw(GATE, view) for language in ("vi", "en"))
    assert not np.array_equal(vietnamese, english)
    plate = vietnamese[:30, :120].astype(int)
    assert (np.abs(plate - np.array(PERSON)).max(axis=2) < 10).sum() > 300
    assert (np.abs(plate - np.array(INK)).max(axis=2) < 60).sum() > 20


@pytest.mark.parametrize("limit", [40_000, 12_000, 3_000])
def test_a_thumbnail_of_the_worst_picture_fits(limit: int) -> None:
    data = thumbnail(noise(1080, 1920), [Box(0.2, 0.2, 0.5, 0.9)], max_bytes=limit)
    assert len(data) <= limit
    decoded = scene.decoded(data)
    assert decoded.shape[1] / decoded.shape[0] == pytest.approx(16 / 9, rel=0.05)


def test_a_thumbnail_shows_the_box() -> None:
    shown = scene.decoded(thumbnail(plain(720, 1280), [Box(0.25, 0.25, 0.75, 0.75)]))
    assert near(shown, 0.25, 0.5, PERSON)
    assert len(jpeg(bgr(plain(720, 1280)), 80)) > 500


@pytest.mark.real
def test_thumbnail_of_real_video() -> None:
    if not VTEST.exists():
        pytest.skip("vtest.avi is not here")
    with av.open(str(VTEST)) as container:
        decoded = next(container.decode(video=0)).reformat(format="yuv420p")
    planes = decoded.to_ndarray()
    height, width = decoded.height, decoded.width
    chroma = planes[height:].reshape(2, height // 2, width // 2)
    frame = Frame("gate", 1, 0, NOW, planes[:height], chroma[0], chroma[1])
    data = thumbnail(frame, [Box(0.4, 0.2, 0.5, 0.5)])
    assert 5_000 < len(data) <= 40_000
    shown = scene.decoded(data)
    expected = decoded.reformat(width=640, height=480, format="bgr24").to_ndarray()
    assert np.abs(shown.astype(int) - expected).mean() < 12
