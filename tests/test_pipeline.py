from collections.abc import Callable

import pytest

from agent.change import ChangeFinder
from agent.clock import Moment
from agent.config.model import Config
from agent.detection.regions import RegionChooser
from agent.errors import ModelError
from agent.i18n import Text
from agent.motion import MotionDetector
from agent.pipeline import Parts, Pipeline, SeesObjects, build
from agent.rules import RuleState
from agent.tools.replay import seeded_ids
from agent.tracking import Tracker
from agent.values import Box, Detection, EndReason, Event, Frame, Motion, Phase, Scene, Small
from agent.view import ViewCheck
from tests.motion.pictures import frame, scene, walker, with_person

FPS = 10


class SeesTheWalker:
    """A detector that knows where the scripted walker is, but only sees him in regions that hold him."""

    def __init__(self) -> None:
        self.where: Box | None = None
        self.regions: list[Box] = []

    def detect(self, frame: Frame, region: Box, share: float = 1.0) -> tuple[Detection, ...]:
        self.regions.append(region)
        if self.where is None or self.where.overlap(region) < 0.9 * self.where.area:
            return ()
        return (Detection(self.where, "person", 0.8),)


class Broken:
    def detect(self, frame: Frame, region: Box, share: float = 1.0) -> tuple[Detection, ...]:
        raise ModelError(Text(en="broken", vi="hỏng"), code="model_broken")


class Written:
    """Rules that only write down what they are told."""

    def __init__(self) -> None:
        self.closed: list[tuple[float, EndReason]] = []

    def update(self, scene: Scene) -> tuple[Event, ...]:
        return ()

    def states(self) -> tuple[RuleState, ...]:
        return ()

    def close(self, at: Moment, reason: EndReason) -> tuple[Event, ...]:
        self.closed.append((at.mono_s, reason))
        return ()


def parts(motion: MotionDetector, detector: SeesObjects | None, rules: Written) -> Parts:
    return Parts(motion, ViewCheck(), RegionChooser(4), detector, Tracker(), ChangeFinder(), rules)


def config() -> Config:
    return Config.model_validate(
        {
            "node": {"ward": "ward", "id": "node"},
            "mqtt": {"url": "mqtts://localhost"},
            "retention": {"max_days": 30},
            "cameras": [
                {
                    "id": "cam",
                    "source": "film.mp4",
                    "zones": {"yard": [[0.2, 0.0], [1.0, 0.0], [1.0, 1.0], [0.2, 1.0]]},
                    "lines": {"gate": [[0.4, 1.0], [0.4, 0.0]]},
                    "rules": [
                        {"rule": "intrusion", "zone": "yard"},
                        {"rule": "line_crossing", "line": "gate"},
                    ],
                }
            ],
        }
    )


def walked(pipeline: Pipeline, eyes: SeesTheWalker | None, steps: range, run: int = 0) -> list[Event]:
    """Events while the scripted person walks; he is not there before step 0."""
    events: list[Event] = []
    for step in steps:
        picture = scene() if step < 0 else with_person(scene(), walker(step))
        if eyes:
            eyes.where = walker(step) if step >= 0 else None
        events += pipeline.step(frame(picture, 2 + step / FPS, run)).events
    return events


def test_a_walker_becomes_an_intrusion_and_a_crossing() -> None:
    eyes = SeesTheWalker()
    events = walked(build(config(), config().cameras[0], eyes, seeded_ids("test")), eyes, range(-20, 30))
    found = {(event.rule, event.phase) for event in events}
    assert ("intrusion", Phase.START) in found
    assert [event.direction for event in events if event.rule == "line_crossing"] == ["in"]
    assert {event.cam for event in events} == {"cam"}


def test_an_empty_street_costs_no_inference_once_it_is_known() -> None:
    eyes = SeesTheWalker()
    walked(build(config(), config().cameras[0], eyes, seeded_ids("test")), eyes, range(-20, -8))
    looked = len(eyes.regions)
    pipeline = build(config(), config().cameras[0], eyes, seeded_ids("test"))
    walked(pipeline, eyes, range(-20, 0))
    assert looked > 0
    assert len(eyes.regions) == 2 * looked


def test_inferences_are_counted_and_stages_timed() -> None:
    eyes = SeesTheWalker()
    pipeline = build(config(), config().cameras[0], eyes, seeded_ids("test"))
    first = pipeline.step(frame(scene(), 0.0))
    assert first.inferences == len(eyes.regions) == 1
    assert not first.motion.ready
    assert first.seq == 0
    timings = first.timings_us
    assert min(timings.motion, timings.regions, timings.detection, timings.tracking, timings.rules) >= 0
    assert timings.motion > 0


def test_without_a_model_what_moves_is_the_object() -> None:
    pipeline = build(config(), config().cameras[0], None, seeded_ids("test"))
    events = walked(pipeline, None, range(-20, 30))
    assert {event.rule for event in events} <= {"intrusion", "line_crossing"}
    assert {item.label for event in events for item in event.objects} == {"motion"}
    analysis = pipeline.step(frame(with_person(scene(), walker(30)), 5.0))
    assert analysis.inferences == 0


def test_a_new_run_ends_what_was_going_on_and_starts_with_new_tracks() -> None:
    eyes = SeesTheWalker()
    pipeline = build(config(), config().cameras[0], eyes, seeded_ids("test"))
    before = walked(pipeline, eyes, range(-20, 20))
    opened = {event.id for event in before if event.phase is Phase.START}
    assert opened
    (ended,) = (event for event in walked(pipeline, eyes, range(20, 21), run=1) if event.phase is Phase.END)
    assert ended.id in opened
    assert ended.end_reason is EndReason.CAMERA_LOST
    assert ended.at == frame(scene(), 2 + 19 / FPS).at  # the last frame of the old run
    tracks = pipeline.step(frame(with_person(scene(), walker(21)), 4.1, run=1)).tracks
    assert tracks
    assert not {track.id for track in tracks} & {item.track for event in before for item in event.objects}


@pytest.mark.parametrize("reason", [EndReason.RESTART, EndReason.CONFIG_CHANGED])
def test_close_says_why_and_the_next_run_is_not_lost(reason: EndReason) -> None:
    rules = Written()
    pipeline = Pipeline(parts(MotionDetector(), None, rules))
    at = pipeline.step(frame(scene(), 1.0)).at
    pipeline.close(at, reason)
    pipeline.step(frame(scene(), 2.0, run=1))
    assert rules.closed == [(0.0, reason)]  # counted from the first frame


def test_a_model_that_breaks_is_told() -> None:
    pipeline = build(config(), config().cameras[0], Broken(), seeded_ids("test"))
    with pytest.raises(ModelError):
        pipeline.step(frame(scene(), 0.0))


def test_a_model_without_motion_is_not_asked() -> None:
    class Still(MotionDetector):
        def update(self, small: Small) -> Motion:
            return Motion((), 0.0)

    rules: Callable[[], Written] = Written
    pipeline = Pipeline(parts(Still(), Broken(), rules()))
    assert pipeline.step(frame(scene(), 0.0)).inferences == 0
