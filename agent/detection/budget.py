"""How many inferences a camera may make now: one rate for the whole node, shared out fairly.

Each camera has a bucket that fills with its share of the rate; what a full bucket cannot hold goes in equal parts to
the cameras that lately got less than they asked for. Time is handed in, in whole nanoseconds of the frames, so that a
replay of one camera decides as it did live. `factor` is what heat and load leave of the rate (`agent/health/pace.py`).
"""

import threading
from dataclasses import dataclass

BURST_S = 2.0  # a camera at rest saves up its share of so long: whoever appears is looked at closely
ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class Spending:
    """One camera's looks since the start."""

    made: int
    refused: int


@dataclass(slots=True)
class _Bucket:
    credit: float = 1.0  # the first frame of a camera is looked at
    hungry: bool = False
    made: int = 0
    refused: int = 0


class Budget:
    """The inferences of all cameras of a node. Any thread.

    A camera enters with its first `offer`; cameras that will come can be named beforehand.
    """

    def __init__(self, per_s: float, cameras: tuple[str, ...] = ()) -> None:
        self._per_s = per_s
        self._factor = 1.0
        self._lock = threading.Lock()
        self._buckets = {camera: _Bucket() for camera in cameras}
        self._filled_ns: int | None = None

    @property
    def factor(self) -> float:
        """The share of the rate that may be spent now, over 0 and at most 1."""
        return self._factor

    @factor.setter
    def factor(self, share: float) -> None:
        if not 0.0 < share <= 1.0:
            raise ValueError(f"a factor of {share}")
        self._factor = share

    def offer(self, camera: str, at_ns: int) -> int:
        """How many looks `camera` may take at its frame of `at_ns`, on the clock that all cameras share."""
        with self._lock:
            bucket = self._buckets.setdefault(camera, _Bucket())
            self._fill(at_ns)
            return int(min(bucket.credit, 1e6) + ROUNDING)

    def spend(self, camera: str, made: int, refused: int) -> None:
        """What became of the last offer: looks taken, and looks that were worth it but not allowed."""
        with self._lock:
            bucket = self._buckets[camera]
            bucket.credit -= made
            bucket.made += made
            bucket.refused += refused
            bucket.hungry = refused > 0

    def spending(self, camera: str) -> Spending:
        """Zero for a camera that is not known."""
        with self._lock:
            bucket = self._buckets.get(camera, _Bucket())
            return Spending(bucket.made, bucket.refused)

    def _fill(self, at_ns: int) -> None:
        # Frames of two cameras come a little out of order; a clock that goes back (another file) begins anew.
        passed_ns = 0 if self._filled_ns is None else at_ns - self._filled_ns
        if passed_ns < 0 and passed_ns > -60 * 10**9:
            return
        self._filled_ns = at_ns
        share = self._per_s * self._factor / len(self._buckets)
        most, spare = max(share * BURST_S, 1.0), 0.0
        for bucket in self._buckets.values():
            bucket.credit += share * max(passed_ns, 0) / 10**9
            spare += max(bucket.credit - most, 0.0)
            bucket.credit = min(bucket.credit, most)
        hungry = [bucket for bucket in self._buckets.values() if bucket.hungry]
        for bucket in hungry:
            bucket.credit = min(bucket.credit + spare / len(hungry), most)


@dataclass(frozen=True, slots=True)
class Share:
    """The budget as one camera sees it."""

    budget: Budget
    camera: str

    def offer(self, at_ns: int) -> int:
        """How many looks may be taken at the frame of `at_ns`."""
        return self.budget.offer(self.camera, at_ns)

    def spend(self, made: int, refused: int) -> None:
        """What became of the last offer."""
        self.budget.spend(self.camera, made, refused)
