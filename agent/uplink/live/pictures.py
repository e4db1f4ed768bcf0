"""What a push sends: the camera's own packets, or small pictures made of the newest frame; and their stamps."""

from collections.abc import Callable, Sequence
from typing import Protocol

from agent.clock import NS
from agent.uplink.live.muxing import Coded
from agent.uplink.live.tap import Tap, Watch
from agent.values import Frame, Packet, StreamFormat


class Small(Protocol):
    """Frames of one camera become packets at a bit rate. Raises CameraError when nothing can encode them."""

    def encode(self, frame: Frame) -> Sequence[Packet]:
        """None for a frame that is left out."""


class Pictures(Protocol):
    """Where the packets of one push come from."""

    watch: Watch

    def take(self, timeout_s: float) -> Sequence[Packet]:
        """The next; none when none came in time."""

    def close(self) -> None:
        """No more of them."""


class OwnPictures:
    """The camera's own stream, as it goes into the footage."""

    def __init__(self, tap: Tap, cam: str) -> None:
        self.watch = tap.watch(cam, frames=False)
        self._tap = tap

    def take(self, timeout_s: float) -> Sequence[Packet]:
        """One packet."""
        packet = self.watch.packet(timeout_s)
        return () if packet is None else (packet,)

    def close(self) -> None:
        """Look no more."""
        self._tap.leave(self.watch)


class SmallPictures:
    """Encoded for this. The encoder is made with the first frame."""

    def __init__(self, tap: Tap, cam: str, make: Callable[[], Small]) -> None:
        self.watch = tap.watch(cam, frames=True)
        self._tap = tap
        self._make = make
        self._small: Small | None = None

    def take(self, timeout_s: float) -> Sequence[Packet]:
        """What the newest frame gives."""
        frame = self.watch.frame(timeout_s)
        if frame is None:
            return ()
        if self._small is None:
            self._small = self._make()
        return self._small.encode(frame)

    def close(self) -> None:
        """Look no more."""
        self._tap.leave(self.watch)


class Stamps:
    """Stamps that begin at 0 and only grow, also over new runs of the camera. One format only."""

    def __init__(self, form: StreamFormat) -> None:
        self.format = form
        self._run: int | None = None
        self._first_ns = 0
        self._shift = 0
        self._last = -1

    def coded(self, packet: Packet) -> Coded:
        """The picture with stamps of this push."""
        if self._run is None:
            self._first_ns = packet.at.mono_ns
        if packet.run != self._run:
            passed = (packet.at.mono_ns - self._first_ns) / NS
            self._shift = max(round(passed / self.format.time_base), self._last + 1) - packet.dts
            self._run = packet.run
        dts = max(packet.dts + self._shift, self._last + 1)
        self._last = dts
        return Coded(max(packet.pts + self._shift, dts), dts, packet.duration, packet.key, packet.data)
