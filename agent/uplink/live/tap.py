"""Beside the way from capture to footage and vision: what a push wants of it is kept, the newest only.

Capture never waits here. While nobody looks, a packet costs an addition.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from agent.clock import Clock
from agent.values import Frame, Packet

LIMIT_BYTES = 4_000_000  # of packets that wait for one push
LATE_NS = 2_000_000_000  # older than this beside the newest: left out
MEASURED_S = 12  # seconds of a stream's rate
FRESH_S = 10.0  # a stream of which nothing came for so long is none


def _nobody(_cam: str, _watched: bool) -> None:
    """Nobody needs to know."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A camera's own stream, as it came lately."""

    codec: str
    kbps: float


@dataclass(slots=True)
class _Measure:
    """Bytes by whole second, the newest last."""

    codec: str = ""
    seconds: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=MEASURED_S))

    def add(self, packet: Packet, second: int) -> None:
        self.codec = packet.format.codec
        if self.seconds and self.seconds[-1][0] == second:
            self.seconds[-1] = (second, self.seconds[-1][1] + len(packet.data))
        else:
            self.seconds.append((second, len(packet.data)))

    def stream(self, now_s: float) -> Stream | None:
        if not self.seconds or now_s - self.seconds[-1][0] > FRESH_S:
            return None
        whole = list(self.seconds)[:-1] or list(self.seconds)  # the newest second is not over
        span_s = max(1, whole[-1][0] - whole[0][0] + 1)
        return Stream(self.codec, sum(count for _, count in whole) / span_s / 125)


class Watch:
    """What one push takes from one camera: packets in a row, or the newest frame."""

    def __init__(self, cam: str, *, frames: bool) -> None:
        self.cam = cam
        self.frames = frames
        self.dropped = 0  # packets left out since the start
        self.late = 0  # times that something was left out because the line was slower
        self._changed = threading.Condition()
        self._packets: deque[Packet] = deque()
        self._bytes = 0
        self._waiting = True  # for a key frame
        self._begun = False
        self._frame: Frame | None = None
        self._woken = False

    def put(self, packet: Packet) -> None:
        """Never waits."""
        with self._changed:
            if self._waiting and not packet.key:
                self.dropped += self._begun
                return
            self._waiting, self._begun = False, True
            self._packets.append(packet)
            self._bytes += len(packet.data)
            if self._bytes > LIMIT_BYTES or packet.at.mono_ns - self._packets[0].at.mono_ns > LATE_NS:
                self._leave_out()
            self._changed.notify()

    def put_frame(self, frame: Frame) -> None:
        """Never waits."""
        with self._changed:
            self._frame = frame
            self._changed.notify()

    def packet(self, timeout_s: float) -> Packet | None:
        """The oldest; None when none came in time."""
        with self._changed:
            self._changed.wait_for(lambda: self._packets or self._woken, timeout_s)
            if not self._packets:
                return None
            packet = self._packets.popleft()
            self._bytes -= len(packet.data)
            return packet

    def frame(self, timeout_s: float) -> Frame | None:
        """The newest; None when none came in time."""
        with self._changed:
            self._changed.wait_for(lambda: self._frame is not None or self._woken, timeout_s)
            frame, self._frame = self._frame, None
            return frame

    def wake(self) -> None:
        """Whoever waits comes back at once, from now on always."""
        with self._changed:
            self._woken = True
            self._changed.notify()

    def _leave_out(self) -> None:
        """Up to the newest key frame; without one that is newer than the oldest, all, up to the next."""
        newest = max((at for at, packet in enumerate(self._packets) if packet.key), default=0)
        gone = newest if newest > 0 else len(self._packets)
        for _ in range(gone):
            self._bytes -= len(self._packets.popleft().data)
        self._waiting = not self._packets
        self.dropped += gone
        self.late += 1


class Tap:
    """One for the node. `closely` hears which cameras are looked at by frames, so that they do not doze."""

    def __init__(self, clock: Clock, closely: Callable[[str, bool], None] = _nobody) -> None:
        self.closely = closely
        self._clock = clock
        self._lock = threading.Lock()
        self._measures: dict[str, _Measure] = {}
        self._watches: tuple[Watch, ...] = ()

    def packets(self, packets: Sequence[Packet]) -> None:
        """From the threads of capture."""
        if not packets:
            return
        second = int(self._clock.mono_s())
        watches = self._watches
        with self._lock:
            for packet in packets:
                self._measures.setdefault(packet.cam, _Measure()).add(packet, second)
        for watch in watches:
            if not watch.frames and watch.cam == packets[0].cam:
                for packet in packets:
                    watch.put(packet)

    def frame(self, frame: Frame) -> None:
        """From the threads of capture."""
        for watch in self._watches:
            if watch.frames and watch.cam == frame.cam and not frame.rewound:
                watch.put_frame(frame)

    def stream(self, cam: str) -> Stream | None:
        """The camera's own stream, if it comes."""
        with self._lock:
            measure = self._measures.get(cam)
            return measure.stream(self._clock.mono_s()) if measure else None

    def watch(self, cam: str, *, frames: bool) -> Watch:
        """Begin to look; `leave` it afterwards."""
        watch = Watch(cam, frames=frames)
        with self._lock:
            self._watches = (*self._watches, watch)
        if frames:
            self.closely(cam, True)
        return watch

    def leave(self, watch: Watch) -> None:
        """Look no more; may be called again."""
        with self._lock:
            before, self._watches = self._watches, tuple(one for one in self._watches if one is not watch)
        if watch.frames and watch in before:
            self.closely(watch.cam, False)
