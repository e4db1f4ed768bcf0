"""The household stops recording for a while, as far as the ward allows: nothing is recorded, analysed or shown.

Cameras stay open, so that it goes on at once; what they give is let fall where it comes in. A pause is known by the
monotonic clock, ends with the boot that it was begun in, and so is never made longer by a clock that is set.
"""

import json
import logging
import threading
from dataclasses import asdict, dataclass
from pathlib import Path

from agent.clock import NS, Clock
from agent.config.household import HouseholdSection
from agent.contract.base import utc
from agent.contract.health import PauseHealth
from agent.durable import disk_error, write_durably
from agent.errors import AgentError, Rejected
from agent.health.faults import FaultBoard
from agent.i18n import Text
from agent.values import Packet, Trouble

log = logging.getLogger(__name__)
NAME = "pause.json"
PAUSED = "paused"  # the fault, and why there is no footage
DAY_S = 86_400.0
NOT_ALLOWED = Text(
    en="the ward does not allow this device to be paused", vi="phường không cho phép tạm dừng thiết bị này"
)
USED_UP = Text(
    en="it was paused as often as the ward allows within 24 hours",
    vi="đã tạm dừng đủ số lần phường cho phép trong 24 giờ",
)


@dataclass(frozen=True, slots=True)
class Begun:
    """One pause. Monotonic seconds of the boot, and the wall clock's Unix nanoseconds."""

    boot_id: str
    mono_s: float
    wall_ns: int
    until_s: float


class Pause:
    """One for the node. `active` is asked by the capture threads with every packet and costs two comparisons."""

    def __init__(self, section: HouseholdSection | None, data_dir: Path, faults: FaultBoard, clock: Clock) -> None:
        self._section = section
        self._path = data_dir / NAME
        self._faults = faults
        self._clock = clock
        self._lock = threading.Lock()
        self._begun = () if section is None else _read(self._path)
        self._until_s = max((one.until_s for one in self._begun if one.boot_id == clock.boot_id), default=0.0)
        self._needs_key: set[str] = set()

    @property
    def active(self) -> bool:
        """Whether it is paused now."""
        return self._until_s > 0.0 and self._clock.mono_s() < self._until_s

    def passes(self, packet: Packet) -> bool:
        """May this packet be kept? After a pause a camera goes on with its next key frame."""
        if self._until_s == 0.0:
            return True
        if self.active:
            self._needs_key.add(packet.cam)
            return False
        if packet.key:
            self._needs_key.discard(packet.cam)
        return packet.cam not in self._needs_key

    def begin(self, for_s: float) -> None:
        """At most as long as the ward allows. Raises Rejected, StorageError."""
        if self._section is None or self._section.pause <= 0:
            raise Rejected(NOT_ALLOWED)
        now = self._clock.now()
        with self._lock:
            recent = tuple(one for one in self._begun if self._within_a_day(one))
            if len(recent) >= self._section.pauses_per_day:
                raise Rejected(USED_UP)
            until_s = now.mono_s + min(max(for_s, 1.0), self._section.pause)
            self._keep((*recent, Begun(now.boot_id, now.mono_s, now.wall_ns, until_s)))
            self._until_s = until_s
        log.warning("paused by the household for %d minutes", round((until_s - now.mono_s) / 60))
        self.look()

    def end(self) -> None:
        """Before its time. Raises StorageError."""
        now_s = self._clock.mono_s()
        with self._lock:
            if not self.active:
                return
            last = self._begun[-1]
            self._keep((*self._begun[:-1], Begun(last.boot_id, last.mono_s, last.wall_ns, now_s)))
            self._until_s = now_s
        log.warning("the household ended the pause")
        self.look()

    def look(self) -> None:
        """Now and then: the ward sees that it is paused, and that it is over."""
        if self.active:
            self._faults.raised("pause", AgentError(self._told(), code=PAUSED))
        else:
            self._faults.cleared("pause")

    def left(self) -> int:
        """How many pauses are left within these 24 hours; 0 where none are allowed."""
        if self._section is None or self._section.pause <= 0:
            return 0
        return max(0, self._section.pauses_per_day - sum(self._within_a_day(one) for one in self._begun))

    def trouble(self) -> Trouble | None:
        """Why footage has a hole, if it has one."""
        begun = [one for one in self._begun if one.boot_id == self._clock.boot_id]
        return Trouble(PAUSED, round(begun[-1].mono_s * NS)) if begun else None

    def health(self) -> PauseHealth | None:
        """None: it is not paused."""
        if not self.active:
            return None
        now = self._clock.now()
        left_s = max(0.0, self._until_s - now.mono_s)
        return PauseHealth(until_utc=utc(now.wall_ns + round(left_s * NS)), left_s=round(left_s))

    def _told(self) -> Text:
        minutes = max(1, round((self._until_s - self._clock.mono_s()) / 60))
        return Text(
            en=f"The household has stopped recording; it goes on by itself in {minutes} min",
            vi=f"Gia đình đã tạm dừng ghi hình; {minutes} phút nữa thiết bị tự ghi lại",
        )

    def _within_a_day(self, one: Begun) -> bool:
        now = self._clock.now()
        if one.boot_id == now.boot_id:
            return now.mono_s - one.mono_s < DAY_S
        return abs(now.wall_ns - one.wall_ns) < DAY_S * NS

    def _keep(self, begun: tuple[Begun, ...]) -> None:
        try:
            write_durably(self._path, json.dumps([asdict(one) for one in begun]).encode())
        except OSError as error:
            raise disk_error(error, self._path) from error
        self._begun = begun


def _read(path: Path) -> tuple[Begun, ...]:
    try:
        return tuple(Begun(**one) for one in json.loads(path.read_bytes()))
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, TypeError) as error:
        log.warning("%s cannot be read: %s; what was paused goes on", path, type(error).__name__)
        return ()
