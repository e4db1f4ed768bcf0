"""When a rule is on: weekdays and hours in the node's local time, checked field by field."""

import re
import unicodedata
from datetime import time
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from agent.config.units import Bilingual, Section, meant, shown
from agent.i18n import Text

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOURS = re.compile(r"\s*(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\s*", re.ASCII)


class Span(BaseModel):
    """From `start` to `end` of a day; an end that is not after the start lies on the next day."""

    model_config = ConfigDict(frozen=True)
    start: time
    end: time

    def covers(self, at: time) -> bool:
        """Does this time of day, of the same zone, lie in it?"""
        if self.start < self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end


def parse_span(value: Any) -> Span:
    """Two times of day from "22:00-05:00"; 24:00 is the end of the day. Raises Bilingual."""
    match = _HOURS.fullmatch(value) if isinstance(value, str) else None
    numbers = [int(group) for group in match.groups()] if match else []
    if not numbers or numbers[0] > 23 or max(numbers[1], numbers[3]) > 59 or numbers[2] * 60 + numbers[3] > 24 * 60:
        raise Bilingual(
            f'expected hours like "22:00-05:00", not {shown(value)}',
            f'cần khung giờ như "22:00-05:00", không phải {shown(value)}',
            _near_span(value),
        )
    if numbers[:2] == numbers[2:]:
        raise Bilingual(f"{shown(value)} ends when it begins", f"{shown(value)} kết thúc đúng lúc bắt đầu", _WHOLE_DAY)
    return Span(start=time(numbers[0], numbers[1]), end=time(numbers[2] % 24, numbers[3]))


_WHOLE_DAY = Text(en='for the whole day write "00:00-24:00"', vi='cả ngày thì ghi "00:00-24:00"')
_LOOSE = re.compile(
    r"\s*(\d{1,2})(?:[:.hg](\d{2})?)?\s*(am|pm)?\s*(?:-|–|to|đến|den)\s*(\d{1,2})(?:[:.hg](\d{2})?)?\s*(am|pm)?\s*"
)


def _hour(digits: str, half: str | None) -> int:
    if half is None:
        return int(digits)
    return int(digits) % 12 + (12 if half == "pm" else 0)


def _near_span(value: Any) -> Text:
    """`22h-5h`, `8pm to 6am`: as it is written here."""
    match = _LOOSE.fullmatch(value.lower()) if isinstance(value, str) and len(value) < 40 else None
    if match is not None:
        hours = [_hour(match[1], match[3]), _hour(match[4], match[6])]
        told = f"{hours[0]:02d}:{match[2] or '00'}-{hours[1]:02d}:{match[5] or '00'}"
        if max(hours) < 24 and max(match[2] or "", match[5] or "") < "60":
            return meant(f'"{told}"')
    return _WHOLE_DAY


def _hours(value: Any) -> Any:
    parse_span(value)
    return value


def _weekday(value: str) -> str:
    if value not in WEEKDAYS:
        near = ", ".join(_near_days(value))
        raise Bilingual(
            f"unknown weekday {shown(value)}; use {', '.join(WEEKDAYS)}",
            f"không có thứ {shown(value)}; hãy dùng {', '.join(WEEKDAYS)} (mon là thứ hai, sun là chủ nhật)",
            meant(near) if near else None,
        )
    return value


def _day_list(value: Any) -> Any:
    near = ", ".join(_near_days(value)) if isinstance(value, str) else ""
    if near:
        raise Bilingual(
            f"expected a list, not {shown(value)}",
            f"cần một danh sách, không phải {shown(value)}",
            Text(en=f"write `[{near}]`", vi=f"hãy ghi `[{near}]`"),
        )
    return value


_IN_VIETNAMESE = ("thu hai", "thu ba", "thu tu", "thu nam", "thu sau", "thu bay", "chu nhat")


def _near_days(words: str) -> tuple[str, ...]:
    """`Monday`, `T2`, `thứ hai`, `mon-fri`: as it is written here; empty when it is none of these."""
    marked = unicodedata.normalize("NFD", words[:60].lower())
    plain = "".join(each for each in marked if not unicodedata.combining(each))
    found = [_near_day(word.strip()) for word in re.split(r"\s*(?:,|-|–|\bto\b|\bden\b|đen)\s*", plain)]
    days = [day for day in found if day is not None]
    if len(days) != len(found):
        return ()
    if len(days) == 2 and "," not in plain:
        first, last = (WEEKDAYS.index(day) for day in days)
        return tuple(WEEKDAYS[day % 7] for day in range(first, last + (1 if first <= last else 8)))
    return tuple(days)


def _near_day(word: str) -> str | None:
    for index, (day, called) in enumerate(zip(WEEKDAYS, _IN_VIETNAMESE, strict=True)):
        if word in (called, f"t{index + 2}", f"thu {index + 2}", "cn" if day == "sun" else day):
            return day
    return next((day for day in WEEKDAYS if re.fullmatch(f"{day}[a-z.]*", word)), None)


Weekday = Annotated[str, AfterValidator(_weekday), WithJsonSchema({"type": "string", "enum": list(WEEKDAYS)})]
_HOURS_SCHEMA = {"type": "string", "pattern": r"^\d{1,2}:\d{2} ?- ?\d{1,2}:\d{2}$"}
Hours = Annotated[str, BeforeValidator(_hours), WithJsonSchema(_HOURS_SCHEMA)]


class Schedule(Section):
    """When a rule is on, in the node's local time. A span over midnight belongs to the day it starts on.

    vi: Khi nào luật có hiệu lực, theo giờ của thiết bị. Khung giờ qua nửa đêm thuộc về ngày nó bắt đầu.
    """

    days: Annotated[tuple[Weekday, ...], BeforeValidator(_day_list), Field(min_length=1, max_length=7)] = WEEKDAYS
    """The days on which the hours begin.
    vi: Những ngày mà khung giờ bắt đầu.
    """
    hours: Hours = "00:00-24:00"
    """From when to when; "22:00-05:00" goes over midnight.
    vi: Từ mấy giờ đến mấy giờ; "22:00-05:00" là qua nửa đêm.
    """

    def span(self) -> Span:
        """The hours as two times of day."""
        return parse_span(self.hours)
