"""Time that a test moves by hand, and a stop event that passes it instead of waiting."""

import threading

from agent.clock import NS, Clock, Moment

WALL_NS = 1_800_000_000 * NS


class HandClock(Clock):
    """Both clocks stand until `pass_s`; the boot and the trust can be set."""

    def __init__(self, mono_s: float = 1000.0, boot_id: str = "boot-a", trusted: bool = True) -> None:
        self.boot_id = boot_id
        self.trust = trusted
        self.mono_ns = round(mono_s * NS)
        self.wall_offset_ns = WALL_NS

    def pass_s(self, seconds: float) -> None:
        self.mono_ns += round(seconds * NS)

    def now(self) -> Moment:
        return Moment(self.mono_ns, self.mono_ns + self.wall_offset_ns, self.trust, self.boot_id)

    def mono_s(self) -> float:
        return self.mono_ns / NS

    def trusted(self) -> bool:
        return self.trust


class PassingStop(threading.Event):
    """Waiting on it makes the clock pass."""

    def __init__(self, clock: HandClock) -> None:
        super().__init__()
        self._clock = clock
        self.waits: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout or 0.0)
        self._clock.pass_s(timeout or 0.0)
        return self.is_set()
