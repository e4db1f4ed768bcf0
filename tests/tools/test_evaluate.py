"""`camera-agent eval`: true boxes in, tables out; the truth is exact because the film is drawn here."""

import json
import math
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from agent.cli.eval import as_json
from agent.clock import MediaClock
from agent.config.model import Config
from agent.errors import ConfigError
from agent.tools.average_precision import Scored, precision_recall
from agent.tools.evaluate import Evaluation, Tracking, evaluate, rule_scores
from agent.tools.replay import ReplayOptions
from agent.tools.truth import TruePath, read_truth
from agent.values import Box, Detection, Event, Frame, Phase, Severity

WIDTH, HEIGHT, SIDE, FPS, PICTURES = 320, 180, 40, 10, 80


def left_of(picture: int) -> int:
    """Where the square is: it comes after two seconds."""
    return 5 * (picture - 20)


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("eval") / "walk.mp4"
    ground = np.random.default_rng(3).integers(60, 110, (90, 160), dtype=np.uint8).repeat(2, 0).repeat(2, 1)
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=Fraction(FPS), options={"preset": "ultrafast", "g": "10"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(PICTURES):
            picture = np.repeat(ground[:, :, None], 3, axis=2)
            if number >= 20:
                picture[70 : 70 + SIDE, left_of(number) : left_of(number) + SIDE] = 250
            output.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        output.mux(stream.encode(None))
    return path


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    path = tmp_path / "gt.txt"
    path.write_text(
        "".join(
            f"{number + 1},7,{left_of(number)},70,{min(SIDE, WIDTH - left_of(number))},{SIDE},1,0,0,0\n"
            for number in range(20, PICTURES)
        )
    )
    return path


class Bright:
    """A model that finds what is bright, and calls it a person."""

    def __init__(self, label: str = "person") -> None:
        self._label = label

    def detect(self, frame: Frame, region: Box, share: float = 1.0) -> tuple[Detection, ...]:
        bright = frame.luma > 190
        columns, rows = np.flatnonzero(bright.any(axis=0)), np.flatnonzero(bright.any(axis=1))
        if not len(columns):
            return ()
        box = Box(columns[0] / WIDTH, rows[0] / HEIGHT, (columns[-1] + 1) / WIDTH, (rows[-1] + 1) / HEIGHT)
        return (Detection(box, self._label, 0.9),) if box.overlap(region) >= 0.9 * box.area else ()


def options(video: Path) -> ReplayOptions:
    config = Config.model_validate(
        {
            "node": {"ward": "w", "id": "n"},
            "mqtt": {"url": "mqtts://h"},
            "retention": {"max_days": 30},
            "cameras": [
                {
                    "id": "gate",
                    "source": "walk.mp4",
                    "analysis_fps": FPS,
                    "lines": {"middle": [[0.5, 1.0], [0.5, 0.0]]},
                    "rules": [{"rule": "line_crossing", "line": "middle"}, {"rule": "tamper"}, {"rule": "parking"}],
                }
            ],
        }
    )
    return ReplayOptions(video, config)


def test_a_good_model_scores_high_in_everything(walk: Path, truth: Path) -> None:
    found = evaluate(options(walk), truth, "person", Bright())
    assert found.frames == PICTURES and found.marked == PICTURES - 20
    assert found.ap50 > 0.9 and found.precision > 0.95 and found.recall > 0.9
    assert found.tracking is not None
    assert found.tracking.mota > 0.85 and found.tracking.idf1 > 0.9 and found.tracking.switches == 0
    assert list(found.rules) == ["line-crossing-middle"], "tamper and parking cannot be judged by people's boxes"
    crossing = found.rules["line-crossing-middle"]
    assert (crossing.true, crossing.told, crossing.matched) == (1, 1, 1)
    assert crossing.mean_error_s is not None and crossing.mean_error_s < 0.5


def test_a_model_that_calls_it_otherwise_finds_nobody(walk: Path, truth: Path) -> None:
    found: Evaluation = evaluate(options(walk), truth, "person", Bright("dog"))
    assert (found.claimed, found.ap50, found.recall, found.precision) == (0, 0.0, 0.0, 1.0)
    assert found.rules["line-crossing-middle"].recall == 0.0


def test_without_motmetrics_the_rest_is_told(walk: Path, truth: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "motmetrics", None)
    found = evaluate(options(walk), truth, "person", Bright())
    assert found.tracking is None and found.ap50 > 0.9


def test_each_format_of_truth_has_its_classes(tmp_path: Path) -> None:
    path = tmp_path / "gt.txt"
    path.write_text("1,1,0,0,10,20,1,-1,-1,-1\n1,2,0,0,10,20,0,-1,-1,-1\n\n")
    assert [mark.id for mark in read_truth(path, "dog")[1]] == [1], "ten columns: all of one class; 0: not counted"
    path.write_text("2,1,0,0,10,20,1,1,0.5\n2,2,0,0,10,20,1,3,1\n2,3,0,0,10,20,1,12,1\n")
    assert [mark.id for mark in read_truth(path, "car")[2]] == [2]
    path.write_text("3,1,0,0,10,20,0.9,1\n3,2,0,0,10,20,0.8,3\n3,4,0,0,10,20,0.8,0\n")
    assert [mark.id for mark in read_truth(path, "car")[3]] == [2]
    (mark,) = read_truth(path, "person")[3]
    assert mark.box((100, 40)) == Box(0.0, 0.0, 0.1, 0.5)


@pytest.mark.parametrize("text", ["1,2,3\n", "frame,id\n", "0,1,0,0,5,5,1\n", "1,1,0,0,-5,5,1\n", "Ngôn ngữ"])
def test_what_is_no_truth_is_refused_with_its_line(text: str, tmp_path: Path) -> None:
    path = tmp_path / "gt.txt"
    path.write_text("1,1,0,0,10,20,1,-1,-1,-1\n" + text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"gt\.txt"):
        read_truth(path, "person")
    with pytest.raises(ConfigError, match="No such file"):
        read_truth(tmp_path / "none.txt", "person")


@pytest.mark.parametrize(
    "line",
    [
        "inf,1,0,0,5,5,1",
        "1,nan,0,0,5,5,1",
        "1,inf,0,0,5,5,1",
        "1,1,nan,0,5,5,1",
        "1,1,0,-inf,5,5,1",
        "1,1,0,0,inf,5,1",
        "1,1,0,0,5,5,nan",
        "1,1,0,0,5,5,1,nan,1",
        "1,1,0,0,5,5,1,inf",
        "1,1,1e308,0,1e308,5,1",
    ],
)
def test_a_number_that_is_none_is_refused_with_its_line(line: str, tmp_path: Path) -> None:
    path = tmp_path / "gt.txt"
    path.write_text(f"1,1,0,0,5,5,1\n{line}\n")
    with pytest.raises(ConfigError, match=r"gt\.txt:2: no ground truth"):
        read_truth(path, "person")


def test_a_refused_line_cannot_write_on_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "gt.txt"
    path.write_text("\x1b[31mred\x1b[2J,1\n")
    with pytest.raises(ConfigError, match="red") as refused:
        read_truth(path, "person")
    assert "\x1b" not in str(refused.value)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    code = (
        "import sys; from pathlib import Path; from agent.tools.truth import read_truth; "
        "from agent.errors import ConfigError\n"
        "try: read_truth(Path(sys.argv[1]), 'person')\n"
        "except ConfigError as error: sys.exit('ordinary file' in str(error))"
    )
    assert subprocess.run([sys.executable, "-c", code, str(path)], check=False, timeout=30).returncode == 1


def test_a_byte_order_mark_is_no_part_of_the_first_number(tmp_path: Path) -> None:
    path = tmp_path / "gt.txt"
    path.write_bytes(b"\xef\xbb\xbf1,7,0,0,5,5,1\r\n")
    assert [mark.id for mark in read_truth(path, "person")[1]] == [7]


def test_one_object_is_marked_once_in_a_picture(tmp_path: Path) -> None:
    path = tmp_path / "gt.txt"
    path.write_text("1,7,0,0,5,5,1\n2,7,0,0,5,5,1\n1,7,9,9,5,5,0\n1,7,9,9,5,5,1\n")
    with pytest.raises(ConfigError, match=r"gt\.txt:4: .* 7 is marked twice in picture 1"):
        read_truth(path, "person")


@pytest.mark.parametrize(("text", "said"), [("", "marks no person"), ("999,1,0,0,5,5,1\n", "in the 80 pictures")])
def test_nothing_marked_is_told_and_not_scored(text: str, said: str, walk: Path, tmp_path: Path) -> None:
    path = tmp_path / "gt.txt"
    path.write_text(text)
    with pytest.raises(ConfigError, match=said):
        evaluate(options(walk), path, "person", Bright())


def test_true_tracks_have_age_way_and_travel(tmp_path: Path) -> None:
    path = tmp_path / "gt.txt"
    path.write_text("1,1,0,0,10,20,1,0,0,0\n2,1,30,40,10,20,1,0,0,0\n")
    marks, clock, paths = read_truth(path, "person"), MediaClock(), TruePath("person")
    tuple(paths.tracks(clock.now(), marks[1], (200, 100)))
    clock.advance(2.0)
    (track,) = paths.tracks(clock.now(), marks[2], (200, 100))
    assert (track.age_s, len(track.path)) == (2.0, 2)
    assert track.travel == pytest.approx(0.5), "30 to the right and 40 down are half of 100 rows"


def event(at_s: float, direction: str = "in") -> Event:
    clock = MediaClock()
    clock.advance(at_s)
    at = clock.now()
    return Event(f"{at_s}{direction}", Phase.START, "line_crossing", "gate", Severity.INFO, "c", at, at,
                 direction=direction)  # fmt: skip


def test_events_are_paired_by_time_and_direction_once_each() -> None:
    told = (event(1.0), event(1.5), event(9.0), event(20.0, "out"))
    true = (event(1.2), event(8.0), event(20.0, "in"), event(40.0))
    (score,) = rule_scores(told, true).values()
    assert (score.told, score.true, score.matched) == (4, 4, 2)
    assert score.mean_error_s == pytest.approx(0.6)
    (score,) = rule_scores((event(1.0),), (event(9.0),)).values()
    assert (score.matched, score.mean_error_s) == (0, None)
    assert rule_scores(told, None) == {}


def test_the_curve_ends_where_all_claims_stand() -> None:
    box, other = Box(0.1, 0.1, 0.3, 0.3), Box(0.6, 0.6, 0.8, 0.8)
    claims = [Scored(1, box, 0.9), Scored(1, other, 0.8), Scored(2, box, 0.7)]
    curve = precision_recall(claims, {1: [box], 2: [box], 3: [box]})
    assert curve.recall.tolist() == pytest.approx([1 / 3, 1 / 3, 2 / 3])
    assert curve.precision.tolist() == pytest.approx([1.0, 1 / 2, 2 / 3])
    assert curve.area == pytest.approx(1 / 3 + 2 / 9)
    assert precision_recall([], {1: [box]}).area == 0.0


def test_a_figure_that_there_is_none_of_is_null() -> None:
    none = Evaluation(1, 0, 2, 0.0, 0.0, 1.0, Tracking(-math.inf, math.nan, 0, 0))
    told = json.loads(json.dumps(as_json(none), allow_nan=False))
    assert told["tracking"]["mota"] is None and told["tracking"]["idf1"] is None
