"""Idling costs no event: people who stand still for long are still there, and leave when they leave.

What happens while the camera is looked at in full is told at the very same moment. What only the passing of time
decides, while everybody stands still, is told with the next glance. When life goes on, the tracker may give somebody
another number in one of the runs, and what was told of the old number ends there; the person must be in its picture all
the same.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import pytest

from agent.capture.attention import STANDING_S, STOOD_S
from agent.config.model import Config
from agent.detection.detector import Detector
from agent.pipeline import Analysis, load_eyes
from agent.rules import RuleState
from agent.tools.replay import Replay, ReplayOptions
from agent.values import Box, Event, Frame, Phase
from deploy import assets
from tests.capture.videos import Recipe, encode, street

FPS = 10
BEFORE, STILL, AFTER = 100, 350, 60  # pictures
SAME_PLACE = 0.5  # intersection over union
IDLE_S = (BEFORE / FPS + STANDING_S, (BEFORE + STILL) / FPS)  # from the first to the last it may be idle


def stands_still(source: Path) -> Iterator[av.VideoFrame]:
    """Ten seconds of the street; then everybody stands still, but for the sensor's noise; then life goes on."""
    noise = np.random.default_rng(1)
    for number, picture in enumerate(street(source, BEFORE + AFTER)):
        yield picture
        if number == BEFORE - 1:
            scene = picture.to_ndarray(format="rgb24").astype(np.int16)
            for _ in range(STILL):
                pixels = np.clip(scene + noise.integers(-2, 3, scene.shape), 0, 255).astype(np.uint8)
                yield av.VideoFrame.from_ndarray(pixels, format="rgb24")


@pytest.fixture(scope="module", params=[1.0, pytest.param(2.0, marks=pytest.mark.long("two replays of a minute"))])
def gop_s(request: pytest.FixtureRequest) -> float:
    seconds: float = request.param
    return seconds


@pytest.fixture(scope="module")
def video(gop_s: float, tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = assets.find_street_video()
    if found is None or found.rendered:
        pytest.skip("the real street video is not here (make assets)")
    target = tmp_path_factory.mktemp("idle") / "still.mp4"
    return encode(stands_still(found.path), target, Recipe(gop=round(gop_s * FPS)))


def settings(model: Path, *, idle: bool) -> Config:
    return Config.model_validate(
        {
            "node": {"ward": "ward", "id": "node"},
            "mqtt": {"url": "mqtts://localhost"},
            "retention": {"max_days": 30},
            "detection": {"model": str(model)},
            "cameras": [
                {
                    "id": "street",
                    "source": "street.mp4",
                    "idle": {"enabled": idle, "after": "5s"},
                    "zones": {"all": [[0, 0], [1, 0], [1, 1], [0, 1]]},
                    "rules": [
                        {"rule": "intrusion", "zone": "all"},
                        {"rule": "loitering", "zone": "all", "after": "15s"},
                    ],
                }
            ],
        }
    )


@dataclass(frozen=True, slots=True)
class Told:
    """One event from start to end: when it was told, and of whom."""

    rule: str
    began_s: float
    box: Box  # of the first it names, as it began
    ended_s: float  # told
    left_s: float  # what it told
    track: int


@dataclass(frozen=True, slots=True)
class Run:
    """What one replay came to: the events as they began, and who was seen in each analysed picture."""

    told: Sequence[Told]
    people: Mapping[float, Mapping[int, Box]]


def watched(video: Path, config: Config, eyes: Detector) -> Run:
    people: dict[float, dict[int, Box]] = {}

    def watch(frame: Frame, analysis: Analysis, states: tuple[RuleState, ...]) -> None:
        people[frame.at.mono_s] = {track.id: track.box for track in analysis.tracks if track.label == "person"}

    starts: dict[str, Event] = {}
    told: dict[str, Told] = {}
    for event in Replay(ReplayOptions(video, config, watch=watch), eyes):
        first = starts.setdefault(event.id, event)
        if event.phase is Phase.END:
            assert event.ended is not None
            who, left_s = first.objects[0], event.ended.mono_s
            told[event.id] = Told(event.rule, first.at.mono_s, who.box, event.at.mono_s, left_s, who.track)
    assert told.keys() == starts.keys()
    return Run([told[each] for each in starts], people)


@pytest.fixture(scope="module")
def runs(video: Path) -> tuple[Run, Run]:
    """In full, and idling."""
    model = assets.find_ssd_model()
    if model is None:
        pytest.skip("no model is here (make assets)")
    eyes = load_eyes(settings(model, idle=True).detection)
    full, idle = (watched(video, settings(model, idle=idle), eyes) for idle in (False, True))
    return full, idle


def pairs(full: Run, idle: Run) -> Iterator[tuple[Told, Told]]:
    """Each event in full with the idling run's of the same rule at the same place; none is left over."""
    left = list(idle.told)
    for one in full.told:
        alike = [other for other in left if other.rule == one.rule and is_there(one.box, [other.box])]
        assert alike, one
        nearest = min(alike, key=lambda other: abs(other.began_s - one.began_s))
        left.remove(nearest)
        yield one, nearest
    assert not left


def standing(run: Run) -> Collection[Box]:
    """Who is in the last picture in which everybody stands still."""
    return run.people[max(at_s for at_s in run.people if at_s < IDLE_S[1])].values()


def is_there(box: Box, people: Iterable[Box]) -> bool:
    return any(box.iou(each) > SAME_PLACE for each in people)


def late_at_most_s(at_s: float, gop_s: float) -> float:
    """By how much what a full run tells at a moment may be told later by an idling one."""
    # Vision sees who stands still in the first key frame that is STOOD_S after the one before.
    return STOOD_S + gop_s if IDLE_S[0] <= at_s <= IDLE_S[1] else 0.0


def test_the_same_begins_at_the_same_place_with_fewer_looks(runs: tuple[Run, Run], gop_s: float) -> None:
    full, idle = runs
    assert {one.rule for one in full.told} == {"intrusion", "loitering"}
    for one, other in pairs(full, idle):
        assert 0.0 <= other.began_s - one.began_s <= late_at_most_s(one.began_s, gop_s), one
    assert len(idle.people) < 0.75 * len(full.people)


def test_who_stands_still_is_still_there(runs: tuple[Run, Run]) -> None:
    full, idle = runs
    loitering = [(one, other) for one, other in pairs(full, idle) if one.rule == "loitering"]
    assert len(loitering) > 3
    for one, other in loitering:
        assert is_there(one.box, standing(idle))
        assert is_there(other.box, standing(full))


def test_who_leaves_leaves_at_the_same_moment_and_who_does_not_is_seen_on(runs: tuple[Run, Run], gop_s: float) -> None:
    full, idle = runs
    ended = 0
    for one, other in pairs(full, idle):
        if 0.0 <= other.ended_s - one.ended_s <= late_at_most_s(one.ended_s, gop_s):
            ended += 1
            continue
        assert one.left_s != other.left_s
        longer, told, shorter = (idle, other, full) if one.left_s < other.left_s else (full, one, idle)
        since_s = min(one.left_s, other.left_s)
        shown = [at_s for at_s in longer.people if at_s > since_s and told.track in longer.people[at_s]]
        assert shown
        for at_s in shown:
            assert is_there(longer.people[at_s][told.track], shorter.people[at_s].values()), (one, other, at_s)
    assert 2 * ended > len(full.told)
