"""Is the log as it was written? Needs nothing but the files."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from agent.access.record import FIRST, parse


class Broken(str, Enum):
    """What is wrong with a line."""

    UNREADABLE = "unreadable"
    CHANGED = "changed"  # its hash is not that of its fields
    MISSING = "missing"  # records before it are gone, or stand elsewhere


@dataclass(frozen=True, slots=True)
class Checked:
    """`records` are sound from the first to the last; else the first that is not."""

    records: int
    first: int | None  # the number of the oldest: above 1 when older ones were let go for space
    head: str
    broken: Broken | None = None
    line: int | None = None  # of all files together, from 1


def check(lines: Iterable[bytes], whole: bool = True) -> Checked:
    """Each record follows the one before it. What is cut off at the end shows only against the head the ward keeps.

    Not `whole`: the household's copy, which leaves records out.
    """
    before: str | None = None
    number = first = None
    count = 0
    for count, line in enumerate(lines, 1):
        record = parse(line)
        broken = None
        if record is None:
            broken = Broken.UNREADABLE
        elif not record.sound:
            broken = Broken.CHANGED
        elif number is not None and not (
            (record.before == before and record.number == number + 1) or (not whole and record.number > number + 1)
        ):
            broken = Broken.MISSING
        elif number is None and record.number == 1 and record.before != FIRST:
            broken = Broken.CHANGED
        if record is None or broken is not None:
            return Checked(count - 1, first, before or FIRST, broken, count)
        first = record.number if first is None else first
        number, before = record.number, record.hash
    return Checked(count, first, before or FIRST)
