"""What is going on for one camera while its footage is written: the open segment, why it will not join, what is there.

Touched by the writing thread; read by others through `state`.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from agent.clock import NS, Clock
from agent.footage.coverage import Coverage
from agent.footage.place import NOTICEABLE_NS
from agent.footage.segment import SegmentWriter
from agent.values import FootageState, Gap, Packet, Segment, Trouble

PAUSED = "paused"  # somebody has stopped recording: the camera is not lost
EARLY_NS = 2 * NS  # a trouble may be noted this long before the hole that it makes


@dataclass(slots=True)
class Track:
    """One camera. `trouble` is capture's newest of it."""

    clock: Clock
    begin_ns: int  # monotonic, when footage was opened
    trouble: Callable[[], Trouble | None]
    writer: SegmentWriter | None = None
    last_s: float = 0.0  # monotonic, when the last packet came
    last_run: int | None = None
    gap_cause: str | None = "restart"  # why the next segment will not join
    waiting: bool = True  # for a key frame
    dropped: int = 0
    lost: str | None = None  # what footage itself did not keep, and why
    covered: Coverage = field(init=False)
    lock: threading.Lock = field(default_factory=threading.Lock)  # of `covered`

    def __post_init__(self) -> None:
        self.covered = Coverage(self.begin_ns, self._cause)

    def took(self, packet: Packet) -> None:
        """`packet` is in the open segment."""
        base = packet.format.time_base
        duration_ns = packet.duration * NS * base.numerator // base.denominator
        with self.lock:
            self.covered.picture(packet.run, packet.at.mono_ns, duration_ns, self.clock.now().mono_ns)
            self.lost = None

    def begins(self) -> None:
        """A segment is begun: until it ends, the disk may still refuse it."""
        with self.lock:
            self.covered.mark()

    def kept(self, segment: Segment | None) -> None:
        """The open segment failed; only `segment` is left of it."""
        with self.lock:
            self.covered.undo()
            self.lost = "storage_error"
            if segment is not None:
                start_ns = segment.start.mono_ns
                self.covered.stretch(start_ns, start_ns + round(segment.duration_s * NS))

    def state(self, cam: str) -> FootageState:
        """All of it but what the index knows."""
        now = self.clock.now()
        offset_ns = now.wall_ns - now.mono_ns
        with self.lock:
            sums, holes = self.covered.sums(now.mono_ns), self.covered.holes(now.mono_ns)
            expected_ns = self.covered.expected_ns(now.mono_ns)
        return FootageState(
            cam=cam,
            recorded_s=sums.recorded_ns / NS,
            expected_s=expected_ns / NS,
            gap_s=sums.gap_ns / NS,
            gaps=tuple(Gap(hole.from_ns + offset_ns, hole.to_ns + offset_ns, hole.cause) for hole in holes),
            dropped_packets=self.dropped,
        )

    def silent(self) -> str:
        """Why nothing comes any more."""
        return PAUSED if self._paused_after(round(self.last_s * NS)) else "camera_lost"

    def parted(self, packet: Packet) -> str | None:
        """Why `packet` does not go on in the open segment; None: it does, or there is none."""
        if self.writer is None:
            return None
        reached_ns = self.covered.reached_ns  # only this thread moves it
        if packet.at.mono_ns - reached_ns >= NOTICEABLE_NS and self._paused_after(reached_ns):
            return PAUSED  # one too short for `silent` to be asked
        if self.writer.joins(packet):
            return None
        return "reconnect" if packet.run != self.writer.label.run else "format_changed"

    def _paused_after(self, at_ns: int) -> bool:
        trouble = self.trouble()
        return trouble is not None and trouble.code == PAUSED and trouble.at_ns >= at_ns - EARLY_NS

    def _cause(self, from_ns: int, to_ns: int, within_run: bool) -> str:
        if self.lost is not None:
            return self.lost
        trouble = self.trouble()
        if trouble is not None and from_ns - EARLY_NS <= trouble.at_ns <= to_ns + EARLY_NS:
            return trouble.code
        if self.last_s == 0.0:
            return "starting"
        return "no_picture" if within_run else "reconnect"
