import shutil
from pathlib import Path

import av
import numpy as np
import pytest

from agent.capture.file import NO_PICTURE, NOT_VIDEO
from agent.capture.replay import FrameAt, read_file
from agent.clock import MediaClock
from agent.config.camera import CameraSection
from agent.errors import CameraError
from tests.capture.videos import Recipe, drawn, encode


def frames(path: Path, fps: float = 5.0) -> list[FrameAt]:
    camera = CameraSection(id="gate", source=str(path), analysis_fps=fps)
    return list(read_file(path, camera, MediaClock()))


@pytest.mark.real
def test_the_grid_is_chosen_by_stamps_alone(street_h264: Path) -> None:
    found = frames(street_h264)
    assert [one.number for one in found] == list(range(0, 120, 2))
    assert [one.frame.at.mono_ns for one in found] == [200_000_000 * number for number in range(60)]
    assert (found[0].frame.width, found[0].frame.height) == (768, 576)
    assert found[0].frame.u.shape == found[0].frame.v.shape == (288, 384)


def test_twice_the_same(drawn_h264: Path) -> None:
    first, second = frames(drawn_h264), frames(drawn_h264)
    assert [one.frame.at for one in first] == [one.frame.at for one in second]
    assert all(np.array_equal(a.frame.luma, b.frame.luma) for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize("codec", ["drawn_h264", "drawn_hevc"])
def test_frames_hold_the_pictures_they_are_numbered_as(codec: str, request: pytest.FixtureRequest) -> None:
    found = frames(request.getfixturevalue(codec), fps=10)
    assert [one.number for one in found] == list(range(40))
    corners = [float(one.frame.luma[4:12, 4:12].mean()) for one in found]
    # Luma of a grey of value 5n in the video range.
    assert corners == pytest.approx([16 + 5 * number * 219 / 255 for number in range(40)], abs=4)


def test_frames_outlive_the_decoder_and_cannot_be_written(drawn_h264: Path) -> None:
    first = frames(drawn_h264)[0].frame
    assert first.luma[100, 300] == pytest.approx(16 + 60 * 219 / 255, abs=3)
    with pytest.raises(ValueError, match="read-only"):
        first.luma[0, 0] = 0


def test_planes_are_views_without_a_copy(drawn_h264: Path) -> None:
    luma = frames(drawn_h264)[0].frame.luma
    assert not luma.flags.owndata
    assert luma.shape == (180, 320)


@pytest.mark.parametrize(("fps", "expected"), [(1.0, 4), (3.0, 12), (10.0, 40), (30.0, 40)])
def test_the_rate_of_the_grid(drawn_h264: Path, fps: float, expected: int) -> None:
    assert len(frames(drawn_h264, fps)) == expected


def test_odd_sizes_and_other_pixel_formats(tmp_path: Path) -> None:
    # 4:2:2 with an odd width and height: planes are rounded up.
    recipe = Recipe("ffv1", pix_fmt="yuv444p", container="matroska")
    frame = frames(encode(drawn(3, 161, 91), tmp_path / "odd.mkv", recipe))[0].frame
    assert frame.luma.shape == (91, 161)
    assert frame.u.shape == (46, 81)


def test_the_clock_stands_at_each_frame(drawn_hevc: Path) -> None:
    clock = MediaClock()
    camera = CameraSection(id="gate", source=str(drawn_hevc))
    for one in read_file(drawn_hevc, camera, clock):
        assert clock.now() == one.frame.at


@pytest.mark.parametrize(
    ("content", "code"), [(None, "camera_file"), (b"", "camera_file"), (b"no video " * 999, "camera_file")]
)
def test_bad_files(tmp_path: Path, content: bytes | None, code: str) -> None:
    path = tmp_path / "bad.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CameraError) as caught:
        frames(path)
    assert caught.value.code == code
    assert str(path) in caught.value.text.en and str(path) in caught.value.text.vi
    assert caught.value.hint is not None


@pytest.mark.parametrize("name", ["notes.txt", "list.m3u8", "list.ffconcat"])
def test_what_ffmpeg_plays_but_is_no_video(drawn_h264: Path, tmp_path: Path, name: str) -> None:
    """A text as pictures of a terminal; a list as what it names, which may be anywhere."""
    content = {
        "notes.txt": "what an installer wrote down\n" * 99,
        "list.m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{drawn_h264}\n#EXT-X-ENDLIST\n",
        "list.ffconcat": f"ffconcat version 1.0\nfile {drawn_h264.name}\n",
    }
    shutil.copy(drawn_h264, tmp_path)
    path = tmp_path / name
    path.write_text(content[name], encoding="utf-8")
    with av.open(str(path)) as plain:
        assert plain.streams.video, "else the test proves nothing"
    with pytest.raises(CameraError) as caught:
        frames(path)
    assert caught.value.code == "camera_file"
    assert NOT_VIDEO.en in caught.value.text.en and NOT_VIDEO.vi in caught.value.text.vi


def test_a_file_whose_pictures_cannot_be_decoded_is_told_of_in_both_languages(tmp_path: Path) -> None:
    whole = encode(drawn(1), tmp_path / "whole.mkv", Recipe(container="matroska"))
    path = tmp_path / "cut.mkv"
    path.write_bytes(whole.read_bytes()[:1000])
    with pytest.raises(CameraError) as caught:
        frames(path)
    assert NO_PICTURE.en in caught.value.text.en and NO_PICTURE.vi in caught.value.text.vi


def test_a_truncated_file_gives_what_it_has(drawn_h264: Path, tmp_path: Path) -> None:
    recipe = Recipe(gop=10, container="mpegts")
    whole = encode(drawn(40), tmp_path / "whole.ts", recipe).read_bytes()
    path = tmp_path / "half.ts"
    path.write_bytes(whole[: len(whole) // 2])
    assert 5 <= len(frames(path, fps=10)) < 40
