"""`replay --draw`: a film that plays, a picture for each analysed frame, and in it what was found there."""

import itertools
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from agent.clock import MediaClock
from agent.config.model import Config
from agent.errors import StorageError
from agent.installer.doors import CameraView, LiveView
from agent.installer.legend import OPEN, RESTS, Legend, Marked, Page, clock_words
from agent.installer.letters import Letters
from agent.installer.overlay import OTHER
from agent.pipeline import Analysis
from agent.rules import RuleState
from agent.tools.film import Film
from agent.tools.replay import Replay, ReplayOptions
from agent.values import Box, Frame, Motion, Picture, View

FPS, STILL_FROM_S, LENGTH_S = 10, 4, 34
SIDE = 40


def config(**camera: object) -> Config:
    return Config.model_validate(
        {
            "node": {"ward": "w", "id": "n"},
            "mqtt": {"url": "mqtts://h"},
            "retention": {"max_days": 30},
            "cameras": [
                {
                    "id": "gate",
                    "source": "street.mp4",
                    "zones": {"yard": [[0.02, 0.1], [0.98, 0.1], [0.98, 0.98], [0.02, 0.98]]},
                    "rules": [{"rule": "intrusion", "zone": "yard"}, {"rule": "tamper"}],
                    **camera,
                }
            ],
        }
    )


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bright square crosses a rough ground, then nothing moves for half a minute."""
    path = tmp_path_factory.mktemp("film") / "walk.mp4"
    ground = np.random.default_rng(3).integers(60, 110, (90, 160), dtype=np.uint8).repeat(2, 0).repeat(2, 1)
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=Fraction(FPS), options={"preset": "ultrafast", "g": "10"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for number in range(FPS * LENGTH_S):
            picture = np.repeat(ground[:, :, None], 3, axis=2)
            if 10 <= number < FPS * STILL_FROM_S:
                left = 8 * (number - 10)
                picture[70 : 70 + SIDE, left : left + SIDE] = 240
            output.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        output.mux(stream.encode(None))
    return path


def film_of(video: Path, out: Path, settings: Config) -> list[Analysis]:
    """Draw it, and give what was found beside."""
    found: list[Analysis] = []
    camera = settings.cameras[0]
    with Film(out, camera, "vi") as film:

        def watch(frame: Frame, analysis: Analysis, states: tuple[RuleState, ...]) -> None:
            found.append(analysis)
            film.seen(frame, analysis, states)

        assert list(Replay(ReplayOptions(video, settings, watch=watch), None)) != []
    return found


def pictures(path: Path) -> dict[float, Picture]:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        return {
            round(frame.time or 0.0, 2): np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
            for frame in container.decode(video=0)
        }


def test_each_analysed_frame_is_a_picture_at_its_own_time_with_its_boxes(walk: Path, tmp_path: Path) -> None:
    settings = config(idle={"enabled": False})
    found = film_of(walk, tmp_path / "film.mp4", settings)
    drawn = pictures(tmp_path / "film.mp4")
    assert len(found) == pytest.approx(LENGTH_S * settings.cameras[0].analysis_fps, abs=2)
    assert list(drawn) == [round(each.at.mono_s, 2) for each in found]
    boxed = 0
    for each in found:
        picture = drawn[round(each.at.mono_s, 2)]
        assert picture.shape[1] == 640 and picture.shape[0] % 2 == 0 and picture.shape[0] > 360, "a legend below"
        for track in each.tracks:
            row = round((track.box.top + track.box.bottom) / 2 * 360)
            column = round(track.box.left * 640)
            patch = picture[row - 3 : row + 4, max(0, column - 4) : column + 5].astype(int)
            # Chroma is halved and coded, so that a thin line keeps its colour only roughly.
            near = [np.abs(patch - np.array(colour)).sum(axis=2).min() < 150 for colour in (OTHER, OPEN)]
            boxed += any(near)
    assert boxed >= 0.9 * sum(len(each.tracks) for each in found) > 5


def test_where_the_agent_rests_the_film_stands_and_says_so(walk: Path, tmp_path: Path) -> None:
    found = film_of(walk, tmp_path / "film.mp4", config())
    drawn = pictures(tmp_path / "film.mp4")
    times = [each.at.mono_s for each in found]
    pauses = [(one, other) for one, other in itertools.pairwise(times) if other - one > 1.0]
    assert pauses, "the camera idled"
    assert len(drawn) == len(found) + len(pauses)
    before, after = drawn[round(pauses[0][0], 2)], drawn[round(pauses[0][0] + 0.4, 2)]
    height = 360
    changed = np.abs(before[height:].astype(int) - after[height:]).max(axis=2) > 60
    assert changed.sum() > 200, RESTS.vi
    assert max(drawn) == pytest.approx(times[-1], abs=0.01), "as long as the video"


def test_an_open_event_is_marked_in_the_picture_and_in_the_legend(walk: Path, tmp_path: Path) -> None:
    drawn = pictures((film_of(walk, tmp_path / "film.mp4", config()), tmp_path / "film.mp4")[1])

    def red(picture: Picture) -> int:
        return int((np.abs(picture.astype(int) - np.array(OPEN)).sum(axis=2) < 90).sum())

    quiet, busy = drawn[min(drawn)], max(drawn.values(), key=lambda picture: red(picture[:360]))
    assert red(quiet) == 0
    assert red(busy[:360]) > 100 and red(busy[360:]) > 20


def red_rows(marked: tuple[Marked, ...]) -> list[int]:
    """Rows of the picture that a plate begins in: red from the box's left edge far beyond its right one."""
    still = MediaClock().now()
    planes = np.full((360, 640), 90, np.uint8), np.full((180, 320), 128, np.uint8), np.full((180, 320), 128, np.uint8)
    view = LiveView(Frame("gate", 0, 0, still, *planes), (), Motion((), 0.0))
    page = Page(at_s=0.0, live=view, view=View(), marked=marked)
    drawn = Legend("vi", CameraView("gate", "Cổng")).draw(page)[:360]
    red = (np.abs(drawn.astype(int) - np.array(OPEN)).max(axis=2) < 40)[:, 330:340].all(axis=1)
    return [int(row) for row in np.flatnonzero(red)]


@pytest.mark.parametrize("bottom", [0.5, 1.0])
def test_a_box_that_several_rules_tell_of_names_each_of_them(bottom: float) -> None:
    box = Box(0.48, bottom - 0.3, 0.5, bottom)
    one = red_rows((Marked(box, "intrusion-yard"),))
    both = red_rows((Marked(box, "intrusion-yard"), Marked(box, "crowd-at-the-gate"), Marked(box, "intrusion-yard")))
    assert len(one) > 5
    assert len(both) >= 1.8 * len(one), "one below the other, each once, within the picture"


def test_nothing_half_drawn_stays_behind(walk: Path, tmp_path: Path) -> None:
    out = tmp_path / "film.mp4"
    with pytest.raises(KeyboardInterrupt), Film(out, config().cameras[0], "en"):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(StorageError, match="nowhere"), Film(tmp_path / "nowhere" / "a.mp4", config().cameras[0], "en"):
        pass


def test_words_fit_their_room_and_times_are_read_as_clocks() -> None:
    letters = Letters()
    long = "Người trong vùng cấm 'vỉa hè' (camera Cổng số 1), 1 người"
    cut = letters.fitted(long, 16, 200)
    assert cut.endswith("...") and letters.width(cut, 16) <= 200 < letters.width(long, 16)
    assert letters.fitted("ngắn", 16, 200) == "ngắn"
    assert [clock_words(s) for s in (0.04, 61.25, 3725.9)] == ["0:00:00.0", "0:01:01.2", "1:02:05.9"]


def test_the_node_does_not_load_it() -> None:
    code = "import sys, agent.app.run, agent.cli.replay; sys.exit('agent.tools.film' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_what_is_no_ordinary_file_is_not_replaced(tmp_path: Path) -> None:
    pipe, link, target = tmp_path / "pipe.mp4", tmp_path / "link.mp4", tmp_path / "target.mp4"
    os.mkfifo(pipe)
    target.write_bytes(b"precious")
    link.symlink_to(target)
    for path in (pipe, link):
        with pytest.raises(StorageError, match="not an ordinary file"), Film(path, config().cameras[0], "en"):
            pass
    assert pipe.is_fifo() and link.is_symlink() and target.read_bytes() == b"precious"
