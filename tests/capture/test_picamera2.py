import json

import pytest

from agent.capture.picamera.settings import Settings
from agent.capture.picamera2 import lores_size, settings_of
from agent.capture.source import plan_sources
from agent.capture.stream import Wants
from agent.clock import Clock
from tests.capture.picamera.cameras import MASK, section


@pytest.mark.parametrize("main", [(1920, 1080), (800, 448), (4056, 3040), (320, 240), (642, 362)])
def test_the_small_stream_is_even_and_keeps_the_shape(main: tuple[int, int]) -> None:
    width, height = lores_size(main)
    assert width % 2 == height % 2 == 0
    assert width <= 640 and height <= main[1]
    assert abs(width / height - main[0] / main[1]) < 0.02


def test_the_job_survives_json() -> None:
    settings = settings_of(section(privacy_masks=MASK, source="picamera2:1"))
    assert settings.number == 1 and settings.main_masks and settings.lores_masks
    assert Settings.taken(json.loads(json.dumps(settings.job))) == settings


def test_the_plan_has_one_source_for_both() -> None:
    plans = plan_sources(section(), Clock(), None)
    assert [(plan.name, plan.wants) for plan in plans] == [("capture-gate", Wants(packets=True, frames=True))]
