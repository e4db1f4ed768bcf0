"""A car that stands while the agent restarts: one number, and `parking` goes on counting. Replay keeps out of it."""

from pathlib import Path

import cv2
import numpy as np

from agent.app.parked import ParkedFile
from agent.config.model import Config
from agent.pipeline import Pipeline, build
from agent.tools.replay import seeded_ids
from agent.values import Box, Detection, EndReason, Event, Frame, Picture, Track
from tests.motion.pictures import frame
from tests.tracking.pictures import SPOT, noisy, painted, street

FPS = 5
CAR = painted(street(), SPOT, 7)


class SeesTheCar:
    def detect(self, frame: Frame, region: Box, share: float = 1.0) -> tuple[Detection, ...]:
        return (Detection(SPOT, "car", 0.8),) if SPOT.overlap(region) > 0.9 * SPOT.area else ()


def config(folder: Path) -> Config:
    return Config.model_validate(
        {
            "node": {"ward": "ward", "id": "node", "data_dir": str(folder)},
            "mqtt": {"url": "mqtts://localhost"},
            "retention": {"max_days": 30},
            "cameras": [
                {
                    "id": "cam",
                    "source": "film.mp4",
                    "zones": {"all": [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]},
                    "rules": [{"rule": "parking", "zone": "all", "after": "60s", "min_travel": 0}],
                }
            ],
        }
    )


def stood(pipeline: Pipeline, start_s: float, seconds: float) -> tuple[tuple[Track, ...], list[Event]]:
    events: list[Event] = []
    tracks: tuple[Track, ...] = ()
    for step in range(round(seconds * FPS)):
        second = start_s + step / FPS
        large: Picture = np.asarray(cv2.resize(noisy(CAR, step, 2.0), (768, 576)), np.uint8)
        analysis = pipeline.step(frame(large, second))
        tracks, events = analysis.tracks, events + list(analysis.events)
    return tracks, events


def fresh(folder: Path) -> Pipeline:
    settings = config(folder)
    return build(settings, settings.cameras[0], SeesTheCar(), seeded_ids("test"))


def test_parking_goes_on_counting_over_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "parked" / "cam.json"
    before, file = fresh(tmp_path), ParkedFile(path)
    before.tracker.restore(file.load())
    (track,), events = stood(before, 0.0, 40.0)
    assert events == []
    before.close(frame(street(), 40.0).at, EndReason.RESTART)
    file.close(before.tracker.remembered())

    after = fresh(tmp_path)
    after.tracker.restore(ParkedFile(path).load())
    (again,), events = stood(after, 45.0, 20.0)
    assert again.id == track.id
    (start,) = events
    assert (start.rule, start.objects[0].track) == ("parking", track.id)
    # It stood 40 s, then nobody watched for five, and the clock is right: after 15 more it is a minute.
    assert 58.0 <= start.at.mono_s <= 62.0


def test_without_the_file_it_is_another_car(tmp_path: Path) -> None:
    before = fresh(tmp_path)
    stood(before, 0.0, 40.0)
    _, events = stood(fresh(tmp_path), 45.0, 20.0)
    assert events == []


def test_nothing_is_written_by_a_pipeline_alone(tmp_path: Path) -> None:
    stood(fresh(tmp_path), 0.0, 5.0)
    assert list(tmp_path.iterdir()) == []
