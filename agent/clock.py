"""Both clocks of a node without a battery clock: monotonic for durations, wall for people, and whether wall is right.

`Clock` is handed in everywhere; nothing else in the agent asks for the time. `MediaClock` makes replay deterministic.
"""

import ctypes
import time
import uuid
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SYNC_MARKER = Path("/run/systemd/timesync/synchronized")
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
# A wall clock before this cannot be right: the agent did not exist then.
FLOOR_WALL_NS = 1_767_225_600 * 10**9  # 2026-01-01
STA_UNSYNC = 0x0040
CHECK_EVERY_S = 5.0
NS = 10**9


@dataclass(frozen=True, slots=True)
class Moment:
    """One instant on both clocks: `mono_ns` counts within `boot_id`, `wall_ns` is Unix time in UTC."""

    mono_ns: int
    wall_ns: int
    trusted: bool
    boot_id: str

    @property
    def mono_s(self) -> float:
        """Monotonic seconds, for durations."""
        return self.mono_ns / NS

    def shifted(self, seconds: float) -> "Moment":
        """The same clocks, `seconds` later (negative: earlier)."""
        delta = round(seconds * NS)
        return Moment(self.mono_ns + delta, self.wall_ns + delta, self.trusted, self.boot_id)


class Clock:
    """The clocks of this machine."""

    def __init__(self) -> None:
        self.boot_id = boot_id()
        self._synchronised = False
        self._checked_s = -CHECK_EVERY_S

    def now(self) -> Moment:
        """Both clocks, read as close together as Python can."""
        return Moment(time.monotonic_ns(), time.time_ns(), self.trusted(), self.boot_id)

    def mono_s(self) -> float:
        """Monotonic seconds."""
        return time.monotonic()

    def trusted(self) -> bool:
        """Has something set the wall clock since boot, and is the year possible?"""
        if self.mono_s() - self._checked_s >= CHECK_EVERY_S:
            self._synchronised = SYNC_MARKER.exists() or kernel_synchronised()
            self._checked_s = self.mono_s()
        return self._synchronised and time.time_ns() > FLOOR_WALL_NS

    @property
    def source(self) -> str:
        """Who set the clock: `ntp` or `none`."""
        return "ntp" if self.trusted() else "none"

    @property
    def error_ms(self) -> int | None:
        """How wrong the kernel thinks its wall clock may be; None where it does not say."""
        timex = _adjtimex()
        return None if timex is None else timex.maxerror // 1000


class MediaClock(Clock):
    """Time as a file tells it: media second 0 is `origin_wall_ns`, and monotonic time starts at zero."""

    def __init__(self, origin_wall_ns: int = FLOOR_WALL_NS) -> None:
        self.boot_id = "replay"
        self._origin_wall_ns = origin_wall_ns
        self._media_ns = 0

    def advance(self, media_s: float) -> None:
        """Media time is now `media_s`."""
        self._media_ns = round(media_s * NS)

    def now(self) -> Moment:
        """Media time on both clocks."""
        return Moment(self._media_ns, self._origin_wall_ns + self._media_ns, True, self.boot_id)

    def mono_s(self) -> float:
        """Media seconds."""
        return self._media_ns / NS

    def trusted(self) -> bool:
        """A file's time is always what we say it is."""
        return True

    @property
    def error_ms(self) -> int | None:
        """Media time has no error."""
        return 0


@cache
def boot_id() -> str:
    """The kernel's id of this boot; a fresh one where the kernel has none."""
    try:
        return BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return str(uuid.uuid4())


class _Timex(ctypes.Structure):
    # Only the head of struct timex (adjtimex(2)) is named; the tail is room for the kernel to write in.
    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 256),
    )


def kernel_synchronised() -> bool:
    """adjtimex(2): is a time daemon (ntpd, chrony, timesyncd) steering the kernel clock?"""
    timex = _adjtimex()
    return timex is not None and not timex.status & STA_UNSYNC


def _adjtimex() -> _Timex | None:
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        timex = _Timex()
        return timex if libc.adjtimex(ctypes.byref(timex)) >= 0 else None
    except (OSError, AttributeError):
        return None
