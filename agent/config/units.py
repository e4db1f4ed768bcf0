"""Units and words as installers write them: "10s", "500MB", identifiers, shares; and the base of every section.

A validator here raises `Bilingual`; the loader adds file, line and path. All pure.
"""

import difflib
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict, WithJsonSchema

from agent.i18n import Text

DURATIONS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
SIZES = {"B": 1.0, "kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12}
NUMBER = re.compile(r"\s*([0-9]{1,12}(?:\.[0-9]{1,9})?)\s*([A-Za-z]*)\s*")
IDENTIFIER = r"^[a-z0-9][a-z0-9-]{0,62}$"
LOADING = "loading"  # pydantic's context while a file is read: no section builds a writer of its own to be checked
Step = str | int


class Bilingual(ValueError):
    """A mistake in a value, in both languages, with what was perhaps meant."""

    def __init__(self, en: str, vi: str, hint: Text | None = None) -> None:
        super().__init__(en)
        self.text = Text(en=en, vi=vi)
        self.hint = hint


class Problem(Bilingual):
    """A mistake that shows only when fields are seen together; `path` leads to it from its section."""

    def __init__(self, path: tuple[Step, ...], text: Text, hint: Text | None = None) -> None:
        super().__init__(text.en, text.vi, hint)
        self.path = path


def shown(value: object) -> str:
    """A value as a message may quote it: short, on one line."""
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "…"


def meant(word: str) -> Text:
    """A "did you mean"."""
    return Text(en=f"did you mean {word}?", vi=f"có phải ý bạn là {word}?")


@lru_cache(maxsize=1024)
def closest(word: str, known: tuple[str, ...], cutoff: float = 0.6) -> str | None:
    """What of `known` is spelt most like `word`; None when nothing is near."""
    near = difflib.get_close_matches(word, known, 1, cutoff) if len(word) <= 64 else []
    return near[0] if near else None


def _quantity(value: Any, units: Mapping[str, float], example: str) -> float:
    match = NUMBER.fullmatch(value) if isinstance(value, str) else None
    if match is not None and match.group(2) in units:
        return float(match.group(1)) * units[match.group(2)]
    known = ", ".join(units)
    hint = None
    if isinstance(value, int | float) and not isinstance(value, bool):
        unit = example.strip('"').lstrip("0123456789")
        like = f'"{value}{unit}"' if NUMBER.fullmatch(str(value)) else example
        hint = Text(en=f"write the unit too, like {like}", vi=f"hãy ghi cả đơn vị, ví dụ {like}")
    elif match is not None and match.group(2):
        near = _near_unit(match.group(2), units)
        hint = meant(f'"{match.group(1)}{near}"') if near else None
    raise Bilingual(
        f"expected a number with its unit ({known}), like {example}, not {shown(value)}",
        f"cần một số kèm đơn vị ({known}), ví dụ {example}, không phải {shown(value)}",
        hint,
    )


def _near_unit(word: str, units: Mapping[str, float]) -> str | None:
    # "10mb" and "10 Sec" are what people write.
    lower = word.lower()
    exact = [unit for unit in units if unit.lower() == lower]
    starts = [unit for unit in units if len(lower) > 1 and (unit.lower()[:1] == lower[:1])]
    return next(iter(exact or starts), None)


def duration_s(value: Any) -> float:
    """Seconds from "10s", "5m", "250ms". Raises Bilingual."""
    return _quantity(value, DURATIONS, '"10s"')


def size_bytes(value: Any) -> int:
    """Bytes from "500MB" (decimal units, as on the box of the card). Raises Bilingual."""
    return round(_quantity(value, SIZES, '"500MB"'))


def _path(value: Any) -> Any:
    if isinstance(value, str) and value.strip():
        return value
    if hasattr(value, "__fspath__"):
        return value
    raise Bilingual(f"expected a file path, not {shown(value)}", f"cần đường dẫn tệp, không phải {shown(value)}")


_TEXT_DURATION = WithJsonSchema({"type": "string", "pattern": r"^\d+(\.\d+)? ?(ms|s|m|min|h|d)$"})
_TEXT_SIZE = WithJsonSchema({"type": "string", "pattern": r"^\d+(\.\d+)? ?(B|kB|KB|MB|GB|TB)$"})
Seconds = Annotated[float, BeforeValidator(duration_s), _TEXT_DURATION]
Bytes = Annotated[int, BeforeValidator(size_bytes), _TEXT_SIZE]
Identifier = Annotated[str, Field(pattern=IDENTIFIER)]
# Strict: "on", 1.0 and "8080" would otherwise be turned silently into something else.
Flag = Annotated[bool, Strict()]
Whole = Annotated[int, Strict()]
Number = Annotated[float, Strict(), Field(allow_inf_nan=False)]
Share = Annotated[float, Strict(), Field(ge=0.0, le=1.0)]
NonEmptyPath = BeforeValidator(_path, json_schema_input_type=str)


class Section(BaseModel):
    """One mapping of the configuration: frozen, and unknown keys are mistakes."""

    # Built at first use: within the whole configuration, and not each section once more for itself.
    model_config = ConfigDict(
        defer_build=True,
        frozen=True,
        extra="forbid",
        validate_default=False,
        use_attribute_docstrings=True,
        hide_input_in_errors=True,
    )

    @classmethod
    def problems(cls, data: Mapping[str, Any]) -> Iterator[Problem]:
        """Mistakes between fields. `data` is as written (any type may stand anywhere) or a dumped valid section."""
        del data
        yield from ()

    def model_post_init(self, context: Any) -> None:
        """A section made in code is held to the same rules; the loader calls `problems` itself to get all."""
        if context is LOADING:
            return
        for problem in self.problems(self.model_dump(exclude_unset=True)):
            raise problem
