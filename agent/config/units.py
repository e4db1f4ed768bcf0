"""Units as installers write them: "10s", "500MB", "22:00-05:00", weekdays. All pure."""

import re
from datetime import time
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from agent.i18n import Text

DURATIONS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
SIZES = {"B": 1, "kB": 10**3, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
NUMBER = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Bilingual(ValueError):
    """A mistake in a value, in both languages; the loader adds file, line and path."""

    def __init__(self, en: str, vi: str) -> None:
        super().__init__(en)
        self.text = Text(en=en, vi=vi)


def _quantity(value: Any, units: dict[str, float] | dict[str, int], example: str) -> float:
    match = NUMBER.fullmatch(value) if isinstance(value, str) else None
    if match is None or match.group(2) not in units:
        known = ", ".join(units)
        raise Bilingual(
            f"expected a number with a unit ({known}), like {example}, not {value!r}",
            f"cần một số kèm đơn vị ({known}), ví dụ {example}, không phải {value!r}",
        )
    return float(match.group(1)) * units[match.group(2)]


def duration_s(value: Any) -> float:
    """Seconds from "10s", "5m", "250ms". Raises Bilingual."""
    return _quantity(value, DURATIONS, '"10s"')


def size_bytes(value: Any) -> int:
    """Bytes from "500MB" (decimal units, as on the box of the card). Raises Bilingual."""
    return round(_quantity(value, SIZES, '"500MB"'))


_TEXT_DURATION = WithJsonSchema({"type": "string", "pattern": r"^\d+(\.\d+)?(ms|s|m|min|h|d)$"})
_TEXT_SIZE = WithJsonSchema({"type": "string", "pattern": r"^\d+(\.\d+)?(B|kB|KB|MB|GB|TB)$"})
Seconds = Annotated[float, BeforeValidator(duration_s), _TEXT_DURATION]
Bytes = Annotated[int, BeforeValidator(size_bytes), _TEXT_SIZE]
Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Share = Annotated[float, Field(ge=0.0, le=1.0)]


class Section(BaseModel):
    """One mapping of the configuration: frozen, and unknown keys are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=False, strict=False)


class Schedule(Section):
    """When a rule is on, in the node's local time. A span over midnight belongs to the day it starts on."""

    days: tuple[str, ...] = WEEKDAYS
    hours: str = "00:00-24:00"

    def model_post_init(self, _: Any) -> None:
        """Both fields can be read."""
        wrong = [day for day in self.days if day not in WEEKDAYS]
        if wrong:
            raise Bilingual(
                f"unknown weekday {wrong[0]!r}; use {', '.join(WEEKDAYS)}",
                f"không có thứ {wrong[0]!r}; hãy dùng {', '.join(WEEKDAYS)}",
            )
        self.span()

    def span(self) -> "Span":
        """The hours as two times of day."""
        return parse_span(self.hours)


class Span(BaseModel):
    """From `start` to `end` of a day; equal times mean the whole day."""

    model_config = ConfigDict(frozen=True)
    start: time
    end: time


def parse_span(text: str) -> Span:
    """Two times of day from "22:00-05:00". Raises Bilingual."""
    match = re.fullmatch(r"\s*(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\s*", text)
    numbers = [int(group) for group in match.groups()] if match else []
    if not numbers or numbers[0] > 23 or numbers[2] > 24 or max(numbers[1], numbers[3]) > 59:
        raise Bilingual(
            f'expected hours like "22:00-05:00", not {text!r}', f'cần khung giờ như "22:00-05:00", không phải {text!r}'
        )
    return Span(start=time(numbers[0], numbers[1]), end=time(numbers[2] % 24, numbers[3]))
