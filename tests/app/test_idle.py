"""Idling costs no event: people who stand still for long are still there, and leave when they leave."""

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from agent.app.replay import Replay, ReplayOptions
from agent.capture.attention import STOOD_S
from agent.config.model import Config
from agent.detection.detector import Detector
from agent.pipeline import load_eyes
from agent.values import Event
from deploy import assets
from tests.capture.videos import Recipe, encode, street

BEFORE, STILL, AFTER = 100, 350, 60  # pictures, ten a second
GOP_S = 2.0


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


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = assets.find_street_video()
    if found is None or found.rendered:
        pytest.skip("the real street video is not here (make assets)")
    return encode(
        stands_still(found.path), tmp_path_factory.mktemp("idle") / "still.mp4", Recipe(gop=round(GOP_S * 10))
    )


def settings(model: Path, *, idle: bool) -> Config:
    return Config.model_validate(
        {
            "node": {"ward": "ward", "id": "node"},
            "mqtt": {"url": "mqtts://localhost"},
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


def test_the_same_events_with_fewer_looks(video: Path) -> None:
    model = assets.find_ssd_model()
    if model is None:
        pytest.skip("no model is here (make assets)")
    eyes = load_eyes(settings(model, idle=True).detection)
    full, all_looks = found(video, settings(model, idle=False), eyes)
    idle, looks = found(video, settings(model, idle=True), eyes)
    assert [(one.rule_id, one.phase) for one in idle] == [(one.rule_id, one.phase) for one in full]
    # Vision sees who stands still in a glance every STOOD_S, so what counts seconds may start with the next of them.
    late_s = [one.at.mono_s - other.at.mono_s for one, other in zip(idle, full, strict=True)]
    assert all(0.0 <= seconds <= STOOD_S + GOP_S for seconds in late_s)
    assert sum(seconds == 0.0 for seconds in late_s) >= 0.75 * len(late_s)
    assert {one.rule for one in full} == {"intrusion", "loitering"}
    assert looks < 0.75 * all_looks
