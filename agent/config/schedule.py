"""When a rule is on: weekdays and hours in the node's local time, checked field by field."""

import re
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
    return Span(start=time(numbers[0], numbers[1]), end=time(numbers[2] % 24, numbers[3]))


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
        if hours[0] < 24 and hours[1] < 24:
            return meant(f'"{told}"')
    return Text(en='for the whole day write "00:00-24:00"', vi='cả ngày thì ghi "00:00-24:00"')


def _hours(value: Any) -> Any:
    parse_span(value)
    return value


def _weekday(value: str) -> str:
    if value not in WEEKDAYS:
        near = next((day for day in WEEKDAYS if value.lower().startswith(day)), None)
        raise Bilingual(
            f"unknown weekday {shown(value)}; use {', '.join(WEEKDAYS)}",
            f"không có thứ {shown(value)}; hãy dùng {', '.join(WEEKDAYS)} (mon là thứ hai, sun là chủ nhật)",
            meant(near) if near else None,
        )
    return value


Weekday = Annotated[str, AfterValidator(_weekday), WithJsonSchema({"type": "string", "enum": list(WEEKDAYS)})]
_HOURS_SCHEMA = {"type": "string", "pattern": r"^\d{1,2}:\d{2} ?- ?\d{1,2}:\d{2}$"}
Hours = Annotated[str, BeforeValidator(_hours), WithJsonSchema(_HOURS_SCHEMA)]


class Schedule(Section):
    """When a rule is on, in the node's local time. A span over midnight belongs to the day it starts on.

    vi: Khi nào luật có hiệu lực, theo giờ của thiết bị. Khung giờ qua nửa đêm thuộc về ngày nó bắt đầu.
    """

    days: Annotated[tuple[Weekday, ...], Field(min_length=1, max_length=7)] = WEEKDAYS
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
