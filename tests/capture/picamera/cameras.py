"""Cameras on the double, and what is read from them."""

import io
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from agent.capture.picamera2 import Picamera2Source
from agent.config.camera import CameraSection
from agent.errors import CameraError
from agent.values import Frame, Packet, Picture
from tests.capture.masking import TOLERANCE, planes, worst

DOUBLE = Path(__file__).parent.with_name("picamera2_double")
SMALL = {"width": 640, "height": 360, "fps": 30}
MASK = {"window": [[0.4, 0.3], [0.7, 0.35], [0.6, 0.8]]}
Start = Callable[..., Picamera2Source]


def section(**settings: object) -> CameraSection:
    given = {"id": "gate", "source": "picamera2", "picamera2": SMALL, "analysis_fps": 10, "timeout": "60s", **settings}
    return CameraSection.model_validate(given)


def taken(source: Picamera2Source, packets: int, frames: int = 0) -> tuple[list[Packet], list[Frame]]:
    """So many of each; frames as copies, because their memory is shared."""
    found: tuple[list[Packet], list[Frame]] = ([], [])
    while len(found[0]) < packets or len(found[1]) < frames:
        for item in source.read() or ():
            if isinstance(item, Packet):
                found[0].append(item)
            else:
                planes = (item.luma.copy(), item.u.copy(), item.v.copy())
                found[1].append(Frame(item.cam, item.run, item.seq, item.at, *planes))
    return found


def failure(source: Picamera2Source) -> CameraError:
    with pytest.raises(CameraError) as caught:
        while source.read() is not None:
            pass
    return caught.value


def decoded(packets: list[Packet]) -> list[av.VideoFrame]:
    with av.open(io.BytesIO(b"".join(packet.data for packet in packets)), format="h264") as container:
        return list(container.decode(video=0))


def mark(luma: Picture) -> int:
    """Which picture it is, as the scene has it in the upper left corner."""
    return round((float(np.mean(luma[4:24, 4:24])) - 40) / 12)


def black(picture: av.VideoFrame) -> bool:
    """Constant and black inside the polygon."""
    return worst(planes(picture), MASK.values()) <= TOLERANCE
