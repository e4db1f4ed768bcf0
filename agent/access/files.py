"""The files of the log: `access.log`, and older ones as `access.log.1` (the newest of them) and so on."""

import itertools
from collections.abc import Iterator
from pathlib import Path

NAME = "access.log"
FULL_BYTES = 1_000_000  # about two thousand records
OLDER = 9  # older files kept: together with the newest twenty thousand records, years of an ordinary node


def newest(directory: Path) -> Path:
    """The file that is appended to."""
    return directory / NAME


def older(directory: Path, number: int) -> Path:
    """The `number`-th file before the newest."""
    return directory / f"{NAME}.{number}"


def lines(directory: Path, back: int = OLDER) -> Iterator[bytes]:
    """All lines of the newest file and `back` older ones, the oldest first; a line that was broken off at the end is
    left out. Raises OSError.
    """
    for number in range(back, -1, -1):
        path = older(directory, number) if number else newest(directory)
        if path.exists():
            with path.open("rb") as file:
                yield from itertools.takewhile(lambda line: line.endswith(b"\n"), file)


def last_line(directory: Path) -> bytes | None:
    """The newest whole line; None when there is none. Raises OSError."""
    last: bytes | None = None
    for path in (newest(directory), older(directory, 1)):
        if last is None and path.exists():
            with path.open("rb") as file:
                for line in file:
                    last = line if line.endswith(b"\n") else last
    return last


def cut_torn(path: Path) -> None:
    """Cut off what a crash left of a line that was being written. Raises OSError."""
    if not path.exists():
        return
    data = path.read_bytes()
    if data and not data.endswith(b"\n"):
        with path.open("r+b") as file:
            file.truncate(data.rfind(b"\n") + 1)


def make_room(directory: Path) -> None:
    """A full file becomes the first of the older ones; the oldest of all goes. Raises OSError."""
    path = newest(directory)
    if not path.exists() or path.stat().st_size < FULL_BYTES:
        return
    for number in range(OLDER, 1, -1):
        if older(directory, number - 1).exists():
            older(directory, number - 1).replace(older(directory, number))
    path.replace(older(directory, 1))
