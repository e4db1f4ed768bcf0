import json
import shutil
from pathlib import Path

import pytest

from agent.config.model import Config
from agent.detection.detector import Detector
from agent.errors import CameraError, ConfigError, StorageError
from agent.pipeline import load_eyes
from agent.tools.replay import Replay, ReplayOptions, numbered, seeded_ids
from agent.values import EndReason, Event, Phase
from deploy import assets
from tests.motion.pictures import frame, scene

TEN_S = 10.0


@pytest.fixture(scope="module")
def video() -> Path:
    found = assets.find_street_video()
    if found is None or found.rendered:
        pytest.skip("the real street video is not here (make assets)")
    return found.path


@pytest.fixture(scope="module")
def config() -> Config:
    model = assets.yolox_model() or assets.find_ssd_model()
    if model is None:
        pytest.skip("no model is here (make assets)")
    return settings(model)


@pytest.fixture(scope="module")
def eyes(config: Config) -> Detector:
    return load_eyes(config.detection)


def settings(model: Path | None) -> Config:
    return Config.model_validate(
        {
            "node": {"ward": "ward", "id": "node"},
            "mqtt": {"url": "mqtts://localhost"},
            "retention": {"max_days": 30},
            "detection": {"model": str(model) if model else None},
            "cameras": [
                {
                    "id": "street",
                    "source": "street.mp4",
                    "analysis_fps": 5,
                    "lines": {"across": [[0.5, 1.0], [0.5, 0.0]]},
                    "rules": [
                        {"rule": "line_crossing", "line": "across"},
                        {"rule": "intrusion", "cooldown": "1s"},
                    ],
                }
            ],
        }
    )


def told(event: Event, revision: int) -> str:
    """A stand-in for the contract's JSON that leaves nothing of an event out."""
    return f"{revision} {event!r}"


def replayed(options: ReplayOptions, eyes: Detector | None, out: Path) -> Replay:
    replay = Replay(options, eyes)
    with out.open("w", encoding="utf-8") as stream:
        stream.writelines(told(event, revision) + "\n" for event, revision in numbered(replay))
    return replay


def test_twice_the_same_bytes(video: Path, config: Config, eyes: Detector, tmp_path: Path) -> None:
    found = []
    for name in ("first", "second"):
        tracks, events = tmp_path / f"{name}.tracks", tmp_path / f"{name}.events"
        replay = replayed(ReplayOptions(video, config, tracks=tracks, until_s=TEN_S), eyes, events)
        found.append((events.read_bytes(), tracks.read_bytes(), replay.summary.events, replay.summary.inferences))
    assert found[0] == found[1]
    assert len(found[0][0]) > 0
    assert len(found[0][1]) > 0


def test_summary_tracks_and_trace_agree(video: Path, config: Config, eyes: Detector, tmp_path: Path) -> None:
    tracks, trace, events = tmp_path / "tracks", tmp_path / "trace", tmp_path / "events"
    options = ReplayOptions(video, config, "street", tracks, trace, until_s=5.0)
    summary = replayed(options, eyes, events).summary
    lines = [json.loads(line) for line in trace.read_text().splitlines()]
    assert summary.analysed == len(lines) == 25
    assert summary.frames == 49  # every second of ten pictures per second, from the first on
    assert summary.inferences == sum(line["inferences"] for line in lines) > 0
    assert [line["media_s"] for line in lines] == pytest.approx([step / 5 for step in range(25)])
    assert set(lines[0]["timings_us"]) == {
        "motion",
        "view",
        "regions",
        "detection",
        "tracking",
        "change",
        "rules",
    }
    assert summary.cpu_s > 0
    rows = [line.split(",") for line in tracks.read_text().splitlines()]
    assert sum(line["tracks"] for line in lines) == len(rows) > 0
    assert all(len(row) == 8 for row in rows)
    assert {int(row[0]) % 2 for row in rows} == {1}
    people = [row for row in rows if row[7] == "1"]
    assert all(0 < float(row[6]) <= 1 and 20 < float(row[5]) <= 576 for row in people)


def test_the_end_of_the_film_ends_every_event(video: Path, config: Config, eyes: Detector) -> None:
    events = list(Replay(ReplayOptions(video, config, until_s=TEN_S), eyes))
    opened = {event.id for event in events if event.phase is Phase.START}
    ended = {event.id: event.end_reason for event in events if event.phase is Phase.END}
    assert opened
    assert opened <= ended.keys()
    assert EndReason.OVER in ended.values()


def test_without_a_model_what_moves_is_the_object(video: Path, tmp_path: Path) -> None:
    tracks = tmp_path / "tracks"
    replay = Replay(ReplayOptions(video, settings(None), tracks=tracks, until_s=10.0), None)
    events = list(replay)
    assert replay.summary.inferences == 0
    assert {event.rule for event in events} <= {"intrusion", "line_crossing"}
    assert events and {item.label for event in events for item in event.objects} == {"motion"}
    assert {line.rsplit(",", 1)[1] for line in tracks.read_text().split()} == {"0"}


def test_ids_are_ulids_of_the_moment_and_repeat_with_the_seed() -> None:
    early, late = frame(scene(), 1.0).at, frame(scene(), 2.0).at
    first, again, other = seeded_ids("a"), seeded_ids("a"), seeded_ids("b")
    ids = [first(early), first(early), first(late)]
    assert ids == [again(early), again(early), again(late)]
    assert len(set(ids)) == 3
    assert all(len(each) == 26 for each in ids)
    assert max(ids[:2]) < ids[2]
    assert other(early) not in ids


def test_what_cannot_be_used_is_told(tmp_path: Path) -> None:
    nothing = tmp_path / "nothing.mp4"
    with pytest.raises(ConfigError, match="street"):
        Replay(ReplayOptions(nothing, settings(None), camera="gate"), None)
    with pytest.raises(CameraError):
        list(Replay(ReplayOptions(nothing, settings(None)), None))
    with pytest.raises(StorageError, match=r"cannot write|không ghi được"):
        list(Replay(ReplayOptions(nothing, settings(None), tracks=tmp_path / "absent" / "tracks"), None))


def test_the_name_of_the_file_does_not_matter(video: Path, config: Config, eyes: Detector, tmp_path: Path) -> None:
    copy = tmp_path / "copy.mp4"
    shutil.copyfile(video, copy)
    assert list(Replay(ReplayOptions(video, config, until_s=3.0), eyes)) == list(
        Replay(ReplayOptions(copy, config, until_s=3.0), eyes)
    )
