"""Pictures that came while the connection was opened are dated back to when they were taken."""

from collections.abc import Callable

import pytest

from agent.capture.rtsp import open_rtsp
from agent.capture.stream import Reading, Wants
from agent.clock import NS, Clock
from agent.config.camera import CameraSection
from agent.values import Packet
from deploy.stand_in.camera import RtspCamera

pytestmark = pytest.mark.real


def test_the_first_picture_lies_as_far_back_as_its_stamp_says(rtsp: Callable[..., RtspCamera]) -> None:
    camera = CameraSection.model_validate({"id": "gate", "source": rtsp().address()})
    source = open_rtsp(camera, camera.source, Reading(Clock(), Wants(packets=True, frames=False)), None)
    found: list[Packet] = []
    while len(found) < 30:
        found += [item for item in source.read() or () if isinstance(item, Packet)]
    source.close()
    first, last = found[0], found[-1]
    by_stamps_ns = int((last.pts - first.pts) * first.format.time_base * NS)
    # Two seconds of pictures: what our clock says differs by no more than jitter, not by the time that opening took.
    assert last.at.mono_ns - first.at.mono_ns == pytest.approx(by_stamps_ns, abs=NS // 10)
