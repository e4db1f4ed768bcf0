"""What is measured, in bounded memory: counts by the second, and delays by size."""

import math
from dataclasses import dataclass

PER_DECADE = 40  # a step of 6 %
SMALLEST_MS = 0.01
MOST_S = 7200  # seconds that are kept one by one


class Sizes:
    """Delays in milliseconds, counted by size in steps of 6 %."""

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        self.count = 0
        self.largest_ms = 0.0

    def add(self, ms: float) -> None:
        """One delay."""
        step = round(math.log10(max(ms, SMALLEST_MS) / SMALLEST_MS) * PER_DECADE)
        self._counts[step] = self._counts.get(step, 0) + 1
        self.count += 1
        self.largest_ms = max(self.largest_ms, ms)

    def quantile_ms(self, share: float) -> float | None:
        """So long or shorter were `share` of them; None without any."""
        wanted, seen = share * self.count, 0
        for step in sorted(self._counts):
            seen += self._counts[step]
            if seen >= wanted:
                return min(SMALLEST_MS * 10 ** (step / PER_DECADE), self.largest_ms)
        return None

    def told(self) -> "Delays":
        """For the report."""
        p50, p95, p99 = (_rounded(self.quantile_ms(share)) for share in (0.5, 0.95, 0.99))
        return Delays(self.count, p50, p95, p99, _rounded(self.largest_ms if self.count else None))


@dataclass(frozen=True, slots=True)
class Delays:
    """Milliseconds; None: there were none."""

    count: int = 0
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    max: float | None = None


class Curve:
    """How many in each second since the start; what comes after two hours is counted with the last."""

    def __init__(self) -> None:
        self.seconds: list[int] = []

    def add(self, at_s: float) -> None:
        """One more at `at_s`."""
        second = min(max(int(at_s), 0), MOST_S - 1)
        if second >= len(self.seconds):
            self.seconds.extend([0] * (second + 1 - len(self.seconds)))
        self.seconds[second] += 1

    def within(self, first_s: int, last_s: int) -> list[int]:
        """The seconds from `first_s` up to, not including, `last_s`; those without any are 0."""
        found = self.seconds[first_s:last_s]
        return found + [0] * (last_s - first_s - len(found))


@dataclass(frozen=True, slots=True)
class Flatness:
    """How even a number of arrivals is over a stretch of seconds."""

    peak: int
    mean: float
    peak_over_mean: float | None  # None: nothing came


def flatness(counts: list[int]) -> Flatness:
    """`counts`: one number per second."""
    mean = sum(counts) / len(counts) if counts else 0.0
    peak = max(counts, default=0)
    return Flatness(peak, round(mean, 2), round(peak / mean, 3) if mean else None)


def _rounded(ms: float | None) -> float | None:
    return None if ms is None else round(ms, 2)
