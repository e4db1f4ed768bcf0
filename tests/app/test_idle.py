"""Idling costs no event: people who stand still for long are still there, and leave when they leave.

What happens while the camera is looked at in full is told at the very same moment. What only the passing of time
decides, while everybody stands still, is told with the next glance.
"""

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from agent.capture.attention import STANDING_S, STOOD_S
from agent.config.model import Config
from agent.detection.detector import Detector
from agent.pipeline import load_eyes
from agent.tools.replay import Replay, ReplayOptions
from agent.values import Event
from deploy import assets
from tests.capture.videos import Recipe, encode, street

FPS = 10
BEFORE, STILL, AFTER = 100, 350, 60  # pictures
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


@pytest.fixture(scope="module", params=[1.0, 2.0])
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


def found(video: Path, config: Config, eyes: Detector) -> tuple[list[Event], int]:
    replay = Replay(ReplayOptions(video, config), eyes)
    return [event for event in replay if event.phase.value != "update"], replay.summary.analysed


def test_the_same_events_with_fewer_looks(video: Path, gop_s: float) -> None:
    model = assets.find_ssd_model()
    if model is None:
        pytest.skip("no model is here (make assets)")
    eyes = load_eyes(settings(model, idle=True).detection)
    full, all_looks = found(video, settings(model, idle=False), eyes)
    idle, looks = found(video, settings(model, idle=True), eyes)
    assert [(one.rule_id, one.phase) for one in idle] == [(one.rule_id, one.phase) for one in full]
    for one, other in zip(idle, full, strict=True):
        begin_s, end_s = IDLE_S
        # Vision sees who stands still in the first key frame that is STOOD_S after the one before.
        most_s = STOOD_S + gop_s if begin_s <= other.at.mono_s <= end_s else 0.0
        assert 0.0 <= one.at.mono_s - other.at.mono_s <= most_s, other
    assert {one.rule for one in full} == {"intrusion", "loitering"}
    assert looks < 0.75 * all_looks
