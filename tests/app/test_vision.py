"""The vision worker: how long it does without a frame before it says that the camera is lost."""

from agent.app.vision import VisionDoors, VisionJob
from agent.capture.attention import STILL_S, Attention
from agent.capture.mailbox import LatestFrame
from agent.capture.stats import CaptureStats
from agent.config.camera import CameraSection
from agent.config.model import Config
from agent.pipeline import build
from agent.values import Event, Motion
from tests.capture.clocks import HandClock
from tests.capture.test_attention import frame

CAMERA = {
    "id": "gate",
    "source": "rtsp://127.0.0.1/x",
    "zones": {"all": [[0, 0], [1, 0], [1, 1], [0, 1]]},
    "rules": [{"rule": "intrusion", "zone": "all"}],
}


def test_an_idle_camera_is_not_lost_between_two_still_pictures() -> None:
    clock = HandClock()
    config = Config.model_validate(
        {
            "node": {"ward": "w", "id": "n"},
            "mqtt": {"url": "mqtts://h"},
            "retention": {"max_days": 30},
            "cameras": [CAMERA],
        }
    )
    section = config.cameras[0]
    assert isinstance(section, CameraSection)
    attention = Attention(section.idle, lambda _: Motion((), 0.0))
    closed: list[tuple[Event, ...]] = []
    inbox = LatestFrame()
    stats = CaptureStats("gate", clock)
    doors = VisionDoors(inbox, stats, attention, lambda analysis, seen: None, closed.append, section.timeout)
    job = VisionJob(build(config, section, None, lambda at: "id"), doors, clock)
    inbox.put(frame(clock.mono_s()))
    job.run_once()
    attention.idle = True
    clock.pass_s(section.timeout + STILL_S)
    inbox.wake()
    job.run_once()
    assert closed == []
    attention.idle = False
    inbox.wake()
    job.run_once()
    assert len(closed) == 1
