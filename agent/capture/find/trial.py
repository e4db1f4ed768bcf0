"""Opens one found stream for a moment with the agent's own capture, and says what came."""

import threading
from dataclasses import dataclass

from agent.capture.problems import problem
from agent.capture.source import plan_sources
from agent.clock import Clock
from agent.config.camera import CameraSection
from agent.config.secrets import Secret
from agent.errors import CameraError
from agent.values import Packet

ENOUGH = 30  # packets
TRY_S = 12.0
TIMEOUT = "5s"


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of one stream: codec, size in pixels and measured rate; or why nothing came."""

    address: str
    codec: str = ""
    width: int = 0
    height: int = 0
    fps: float = 0.0
    error: CameraError | None = None

    @property
    def shape(self) -> str:
        """Like `h264 640x360 15 fps`."""
        return f"{self.codec} {self.width}x{self.height} {self.fps:g} fps"


def try_stream(camera: CameraSection, clock: Clock, secret: Secret | None) -> Trial:
    """Open `camera.source`, read about thirty pictures, close; what fails stands in the result."""
    (plan,) = plan_sources(camera, clock, secret.reveal if secret else None)
    end_s = clock.mono_s() + TRY_S
    packets: list[Packet] = []
    try:
        source = plan.open(threading.Event())
        try:
            while len(packets) < ENOUGH and clock.mono_s() < end_s:
                items = source.read()
                if items is None:
                    break
                packets += [item for item in items if isinstance(item, Packet)]
        finally:
            source.close()
    except CameraError as error:
        if not packets:
            return Trial(camera.source, error=error)
    if not packets:
        return Trial(camera.source, error=problem("camera_silent", camera.source, f"{TRY_S:.0f} s"))
    form = packets[-1].format
    same = [packet for packet in packets if packet.run == packets[-1].run]
    ticks = max(packet.pts for packet in same) - min(packet.pts for packet in same)
    fps = (len(same) - 1) / (ticks * float(form.time_base)) if ticks else 0.0
    return Trial(camera.source, form.codec, form.width, form.height, round(fps, 1))
