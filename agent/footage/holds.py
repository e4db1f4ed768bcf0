"""Holds: stretches of footage that retention passes over until a date. One small durable file each, `holds/ID.json`.

Written by any process that may, read by the one that removes footage before it chooses. Nothing of it is in the index.
"""

import json
import logging
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from agent.clock import Moment
from agent.durable import disk_error, remove_durably, write_durably
from agent.errors import Rejected
from agent.footage.dates import DAY_NS
from agent.footage.ranges import Stretch
from agent.i18n import Text
from agent.values import Hold

log = logging.getLogger(__name__)
FOLDER = "holds"
SUFFIX = ".json"
ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
MAX_HOLDS = 1000
LONGEST_NS = 90 * DAY_NS
LATEST_NS = 2**63 - 1  # the year 2262


class HoldRefused(Rejected):
    """A hold that this node will not keep; nothing was changed. `why`: schema, busy or too_large."""

    def __init__(self, text: Text, hint: Text, why: str) -> None:
        super().__init__(text, hint)
        self.why = why


@dataclass(frozen=True, slots=True)
class Held:
    """A hold with the footage that it meant when it was made, so that re-dating does not move it off that footage."""

    hold: Hold
    made: Moment
    boots: tuple[tuple[str, int, int], ...] = ()  # boot, from, to in its monotonic nanoseconds

    def stretches(self) -> tuple[Stretch, ...]:
        """For looking up segments."""
        hold, known = self.hold, frozenset(boot for boot, _, _ in self.boots)
        exact = tuple(Stretch(hold.cam, *one) for one in self.boots)
        return (*exact, Stretch(hold.cam, None, hold.from_ns, hold.to_ns, known))

    def over(self, now: Moment, believed: bool) -> bool:
        """Is its end reached? Within the boot in which it was made by the monotonic clock, else by a believed one."""
        if now.boot_id == self.made.boot_id:
            return now.mono_ns - self.made.mono_ns >= self.hold.until_ns - self.made.wall_ns
        return believed and now.wall_ns >= self.hold.until_ns


class Holds:
    """Those of one footage directory. Raises StorageError."""

    def __init__(self, directory: Path) -> None:
        self._folder = directory / FOLDER

    def all(self) -> tuple[Held, ...]:
        """In the order of their ids. A file that says nothing sensible is told in the log and passed over."""
        try:
            files = sorted(self._folder.glob(f"*{SUFFIX}"))
            texts = [(path, _text(path)) for path in files]
        except OSError as error:
            raise disk_error(error, self._folder) from error
        found = (_parsed(path, text) for path, text in texts if text is not None)
        return tuple(held for held in found if held is not None)

    def put(self, held: Held) -> None:
        """Durable on return. A hold with the same id is replaced."""
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            told = {"hold": asdict(held.hold), "made": asdict(held.made), "boots": held.boots}
            write_durably(self._folder / f"{held.hold.id}{SUFFIX}", json.dumps(told, ensure_ascii=False).encode())
        except OSError as error:
            raise disk_error(error, self._folder) from error

    def remove(self, hold_id: str) -> bool:
        """Durable on return; False when there is none of this id."""
        if not ID.fullmatch(hold_id):
            return False
        path = self._folder / f"{hold_id}{SUFFIX}"
        try:
            if not path.exists():
                return False
            remove_durably(path)
        except OSError as error:
            raise disk_error(error, self._folder) from error
        return True


def check_wish(hold: Hold, now: Moment, dates_believed: bool, others: Sequence[Held]) -> None:
    """Is this a hold that can be kept, whatever it covers? Raises HoldRefused."""
    if not ID.fullmatch(hold.id):
        raise _refused(
            Text(en="a hold's id has letters, digits, - and _ only", vi="mã lệnh giữ chỉ gồm chữ, số, - và _"),
            Text(en="Choose another id", vi="Hãy chọn mã khác"),
        )
    if not dates_believed:
        raise _refused(
            Text(
                en="the node's clock is not known to be right, so the end of a hold cannot be kept",
                vi="chưa chắc đồng hồ của thiết bị đúng nên không thể giữ đúng hạn",
            ),
            Text(en="Set the clock (NTP), then ask again", vi="Hãy chỉnh đồng hồ (NTP) rồi thử lại"),
            "busy",
        )
    if hold.to_ns <= hold.from_ns or hold.from_ns > now.wall_ns:
        raise _refused(
            Text(en="the stretch to hold is empty or still to come", vi="khoảng cần giữ rỗng hoặc chưa tới"),
            Text(en="Give a beginning before its end, in the past", vi="Hãy nêu lúc bắt đầu trước lúc kết thúc"),
        )
    if hold.from_ns < 0 or hold.to_ns > LATEST_NS:  # a hold that could not be read again would hold nothing
        raise _refused(
            Text(en="a stretch to hold lies between 1970 and 2262", vi="khoảng cần giữ phải nằm giữa năm 1970 và 2262"),
            Text(en="Give the times of the footage", vi="Hãy nêu đúng thời gian của hình ghi"),
        )
    if not now.wall_ns < hold.until_ns <= now.wall_ns + LONGEST_NS:
        days = LONGEST_NS // DAY_NS
        raise _refused(
            Text(
                en=f"a hold ends in the future, at most {days} days from now",
                vi=f"lệnh giữ phải kết thúc trong tương lai, chậm nhất sau {days} ngày",
            ),
            Text(en="Choose a nearer day, and renew it in time", vi="Hãy chọn ngày gần hơn và gia hạn khi cần"),
        )
    if len([one for one in others if one.hold.id != hold.id]) >= MAX_HOLDS:
        raise _refused(
            Text(en=f"there are {MAX_HOLDS} holds already", vi=f"đã có {MAX_HOLDS} lệnh giữ"),
            Text(en="Release some first", vi="Hãy bỏ bớt lệnh giữ trước"),
            "too_large",
        )


def check_share(held_bytes: int, budget: int, share: float) -> None:
    """May so much footage be held at once? Raises HoldRefused."""
    if held_bytes > budget * share:
        raise _refused(
            Text(
                en=f"{held_bytes / 1e6:.0f} MB would be held, more than {share:.0%} of the footage budget",
                vi=f"sẽ phải giữ {held_bytes / 1e6:.0f} MB, quá {share:.0%} dung lượng dành cho hình ghi",
            ),
            Text(
                en="Hold a shorter stretch, release others, or raise `footage.budget`",
                vi="Hãy giữ đoạn ngắn hơn, bỏ bớt lệnh giữ khác, hoặc tăng `footage.budget`",
            ),
            "too_large",
        )


def _refused(text: Text, hint: Text, why: str = "schema") -> HoldRefused:
    return HoldRefused(text, hint, why)


def _text(path: Path) -> str | None:
    """None when it is gone, because the hold ended meanwhile, or is no file. A spoilt letter spoils no hold."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, IsADirectoryError):
        return None


def _parsed(path: Path, text: str) -> Held | None:
    try:
        told = json.loads(text)
        hold = Hold(**told["hold"])
        made = Moment(**told["made"])
        boots = tuple((boot, begin, end) for boot, begin, end in told["boots"])
        _check(hold, made, boots)
        if hold.id != path.name.removesuffix(SUFFIX):
            raise ValueError("it is not the hold that its name says")
        return Held(hold, made, boots)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        log.error("the hold %s cannot be read and holds nothing: %s", path, error)
        return None


def _check(hold: Hold, made: Moment, boots: tuple[tuple[str, int, int], ...]) -> None:
    """JSON may hold anything. Raises TypeError."""
    words = (hold.id, hold.cam, hold.by, hold.reason, made.boot_id, *(boot for boot, _, _ in boots))
    numbers = [hold.from_ns, hold.to_ns, hold.until_ns, made.mono_ns, made.wall_ns]
    numbers += [at for _, *span in boots for at in span]
    if not all(isinstance(one, str) for one in words):
        raise TypeError("a name is no text")
    if not all(isinstance(one, int) and abs(one) <= LATEST_NS for one in numbers):
        raise TypeError("a time is no whole number, or too far away")
