"""The vehicles that stand before a camera, kept in a small file so that a restart does not make strangers of them.

Written rarely, for a memory card has only so many writes: what changed at most once a minute, what only grew older
every ten minutes, and at the stop. Track numbers are reserved ahead, so that none is given twice even when power fails
between two writes. A file that is damaged, or of a newer version, is set aside; then numbers begin at 1 again.
"""

import base64
import logging
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from agent.clock import Moment
from agent.durable import write_durably
from agent.values import Box, Parked, Remembered

log = logging.getLogger(__name__)

FORM = 1
CHANGED_S = 60.0
OLDER_S = 600.0
RESERVED = 10_000  # numbers; a camera that gives them all within a minute writes sooner
MOST = 128
LARGEST_FILE = 200_000  # bytes; 128 vehicles take a third of it
LARGEST_ID = 2**53  # larger ones are no longer exact in every JSON reader
LONGEST_S = 10 * 365 * 86_400.0
WHOLE_NS = 2**63
SHIFTED = 0.02  # of the picture: a box that differs by less is where it was


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)


def _upright(edges: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    Box(*edges)  # raises ValueError when it is inside out
    if not all(-1.0 <= edge <= 2.0 for edge in edges):
        raise ValueError("a box far outside the picture")
    return edges


class _Entry(_Strict):
    id: Annotated[int, Field(ge=1, le=LARGEST_ID)]
    label: Annotated[str, Field(min_length=1, max_length=100)]
    score: Annotated[float, Field(ge=0, le=1)]
    box: Annotated[tuple[float, float, float, float], AfterValidator(_upright)]
    age_s: Annotated[float, Field(ge=0, le=LONGEST_S)]
    stood_s: Annotated[float, Field(ge=0, le=LONGEST_S)]
    travel: Annotated[float, Field(ge=0)]
    seen_wall_ns: Annotated[int, Field(gt=-WHOLE_NS, lt=WHOLE_NS)]
    trusted: bool
    look: Annotated[str, Field(max_length=1000)]


class _Form(_Strict):
    form: Literal[1] = 1
    next_id: Annotated[int, Field(ge=1, le=LARGEST_ID)]
    parked: Annotated[tuple[_Entry, ...], Field(max_length=MOST)]


class ParkedFile:
    """One camera's. Used in its vision thread; no error of the disk leaves it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._written = Remembered()
        self._looked_s: float | None = None
        self._written_s = 0.0

    def load(self) -> Remembered:
        """What was known at the last stop, or the last write before power failed. Reserves numbers."""
        known = self._read()
        self._write(known)
        return known

    def due(self, at: Moment, next_id: int) -> bool:
        """Is it time for `keep`?"""
        if self._looked_s is None:
            self._looked_s = self._written_s = at.mono_s
        return not 0.0 <= at.mono_s - self._looked_s < CHANGED_S or next_id >= self._written.next_id + RESERVED // 2

    def keep(self, at: Moment, known: Remembered) -> None:
        """Write it if it changed, or if what is written is old."""
        self._looked_s = at.mono_s
        older = bool(known.parked) and not 0.0 <= at.mono_s - self._written_s < OLDER_S
        if older or known.next_id > self._written.next_id + RESERVED // 4 or not _alike(known, self._written):
            self._written_s = at.mono_s
            self._write(known)

    def close(self, known: Remembered) -> None:
        """The last word before the stop."""
        self._write(known, reserve=0)

    def _write(self, known: Remembered, reserve: int = RESERVED) -> None:
        parked = tuple(_entry(one) for one in known.parked[-MOST:])
        text = _Form(next_id=min(known.next_id + reserve, LARGEST_ID), parked=parked).model_dump_json()
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_durably(self._path, text.encode())
        except OSError as error:
            log.warning("parked vehicles are not remembered over a restart: %s: %s", self._path, error.strerror)
        self._written = known  # also when it failed: a disk that is full is not tried again with every frame

    def _read(self) -> Remembered:
        if self._path.exists() and not self._path.is_file():
            self._set_aside("it is not a file")  # opening a pipe would wait for ever
            return Remembered()
        try:
            with self._path.open("rb") as file:
                data = file.read(LARGEST_FILE + 1)
            form = _Form.model_validate_json(data)
        except FileNotFoundError:
            return Remembered()
        except OSError as error:
            log.warning("parked vehicles of before are unknown: %s: %s", self._path, error.strerror)
            return Remembered()
        except ValidationError as error:
            self._set_aside(str(error.errors()[0]["msg"]))
            return Remembered()
        return Remembered(form.next_id, tuple(_parked(entry) for entry in form.parked))

    def _set_aside(self, reason: str) -> None:
        aside = self._path.with_name(self._path.name + ".damaged")
        log.warning("parked vehicles of before are unknown, %s is set aside as %s: %s", self._path, aside.name, reason)
        try:
            self._path.replace(aside)
        except OSError as error:
            log.warning("%s cannot be set aside: %s", self._path, error.strerror)


def _alike(one: Remembered, other: Remembered) -> bool:
    """The same vehicles at the same places?"""
    mine, theirs = ({each.id: each.box for each in known.parked} for known in (one, other))
    return mine.keys() == theirs.keys() and all(_near(box, theirs[id_]) for id_, box in mine.items())


def _near(one: Box, other: Box) -> bool:
    here, there = one.centre, other.centre
    return abs(here.x - there.x) <= SHIFTED and abs(here.y - there.y) <= SHIFTED


def _entry(one: Parked) -> _Entry:
    box = one.box
    return _Entry(
        id=one.id,
        label=one.label,
        score=one.score,
        box=(box.left, box.top, box.right, box.bottom),
        age_s=min(max(one.age_s, 0.0), LONGEST_S),
        stood_s=min(max(one.stood_s, 0.0), LONGEST_S),
        travel=one.travel,
        seen_wall_ns=one.seen.wall_ns,
        trusted=one.seen.trusted,
        look=base64.b64encode(one.look).decode("ascii"),
    )


def _parked(entry: _Entry) -> Parked:
    # Monotonic time ends with the boot, and within one it counts anew in each pipeline: only the wall clock is kept.
    seen = Moment(0, entry.seen_wall_ns, entry.trusted, "")
    try:
        look = base64.b64decode(entry.look, validate=True)
    except ValueError:
        look = b""  # a look of the wrong length is none
    box = Box(*entry.box)
    return Parked(entry.id, entry.label, entry.score, box, entry.age_s, entry.stood_s, entry.travel, seen, look)
