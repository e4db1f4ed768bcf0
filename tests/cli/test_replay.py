"""`camera-agent replay`: a video in, a table of events out, the same bytes every time, each as the contract says."""

import json
import signal
from pathlib import Path

import av
import pytest
from jsonschema import Draft202012Validator

from agent.cli import main
from agent.cli.replay import unwound, write_text
from agent.errors import StorageError
from deploy import assets
from tests.cli.saying import ROOT, said
from tests.cli.test_main import agent

CONFIG = """
node: {ward: w, id: n}
mqtt: {url: 'mqtts://h'}
retention: {max_days: 30}
cameras:
  - id: gate
    source: street.mp4
    lines: {gate: [[0.5, 0.0], [0.5, 1.0]]}
    rules: [{rule: line_crossing, line: gate, classes: [person]}]
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    model = assets.find_ssd_model()
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG + (f"detection: {{model: {model}}}\n" if model else ""), encoding="utf-8")
    return path


def beginning(video: Path, target: Path, seconds: float) -> Path:
    """The first seconds of `video`, as they are."""
    with av.open(str(video)) as source, av.open(str(target), "w") as cut:
        stream = cut.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None and packet.time_base and packet.dts * packet.time_base < seconds:
                packet.stream = stream
                cut.mux(packet)
    return target


def test_the_table_of_events_is_the_same_twice_and_speaks_the_contract(config: Path, tmp_path: Path) -> None:
    video = assets.find_street_video()
    if video is None or assets.find_ssd_model() is None:
        pytest.skip("the street video and the model are not here (make assets)")
    street = beginning(video.path, tmp_path / "street.mp4", 18)
    first, second = tmp_path / "first", tmp_path / "second"
    for out in (first, second):
        done = agent("replay", str(street), "--config", str(config), "--json", "--out", str(out))
        assert done.returncode == 0, done.stderr
    for name in ("events.jsonl", "tracks.txt"):
        assert (first / name).read_bytes() == (second / name).read_bytes() != b""
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines[-1]["events"]["line-crossing-gate"] == len(lines) - 1 >= 3
    assert [line["seq"] for line in lines[:-1]] == list(range(1, len(lines)))
    schema = json.loads((ROOT / "docs/reference/mqtt/event.schema.json").read_text(encoding="utf-8"))
    contract = Draft202012Validator(schema)
    assert [error.message for line in lines[:-1] for error in contract.iter_errors(line)] == []
    frame, track, left, top, width, height, score, label = (first / "tracks.txt").read_text().split()[0].split(",")
    assert int(frame) >= 1 and int(track) >= 1 and label == "1"
    assert 0 <= float(left) < 768 and 0 <= float(top) < 576 and float(width) > 0 and float(height) > 0
    assert 0 < float(score) <= 1
    trace = json.loads((first / "trace.jsonl").read_text().splitlines()[-1])
    assert {"media_s", "motion", "inferences", "timings_us"} <= trace.keys()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("/nowhere/street.mp4",), 1, "/nowhere/street.mp4"),
        (("README.md",), 1, "README.md"),
        (("README.md", "--camera", "other"), 78, "'other'"),
    ],
    ids=["missing", "no video", "no such camera"],
)
def test_bad_input_is_one_clear_line(config: Path, arguments: tuple[str, ...], code: int, words: str) -> None:
    done = said("replay", *arguments, "--config", str(config))
    assert done.returncode == code
    assert words in done.stderr


def test_a_film_is_not_drawn_over_the_video_by_its_other_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    video, other, path = tmp_path / "street.mp4", tmp_path / "other.mp4", tmp_path / "config.yaml"
    video.write_bytes(b"precious")
    other.hardlink_to(video)
    path.write_text(CONFIG, encoding="utf-8")
    assert main(["replay", str(video), "--config", str(path), "--draw", str(other)]) == 78
    assert "street.mp4" in capsys.readouterr().err


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot write"):
        write_text(tmp_path / "no" / "events.jsonl", "")


def test_an_empty_name_is_no_film(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    video, path = tmp_path / "street.mp4", tmp_path / "config.yaml"
    video.write_bytes(b"precious")
    path.write_text(CONFIG, encoding="utf-8")
    assert main(["replay", str(video), "--config", str(path), "--draw", ""]) == 1
    assert "not an ordinary file" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_an_end_from_outside_unwinds_and_is_taken_back_afterwards(number: signal.Signals) -> None:
    left: list[str] = []
    before = signal.signal(number, signal.SIG_DFL)  # under `nohup` it is ignored
    with pytest.raises(SystemExit) as ended, unwound():
        try:
            signal.raise_signal(number)
        finally:
            left.append("unwound")
    assert (ended.value.code, left) == (128 + number, ["unwound"])
    assert signal.signal(number, before) is signal.SIG_DFL


def test_who_does_not_listen_to_a_closed_terminal_goes_on() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with unwound():
            signal.raise_signal(signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
