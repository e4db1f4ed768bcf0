"""What a crash left behind, put in order when footage opens. The steps are told in docs/design/footage.md.

Rows and files are compared; what a file holds is read from the file, never guessed.
"""

import logging
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import av

from agent.clock import Clock
from agent.durable import publish, remove_durably
from agent.footage.boxes import trim
from agent.footage.dates import Dates
from agent.footage.index import Index
from agent.footage.inspect import inspect
from agent.footage.locked import is_locked, trim_locked
from agent.footage.opening import NAME, NewerIndex
from agent.footage.ring import free_bytes
from agent.footage.stored import DONE, PART, Stored, short_boot

log = logging.getLogger(__name__)
Progress = Callable[[int, int], None]  # files looked at, of how many
TOGETHER = 100  # files looked at between two writes of the index
TOLD_EVERY = 10  # files; of the longest segments these are a minute on a slow card
LITTLE = 256_000  # bytes
KEPT_ASIDE = 4  # files of indexes that were set aside
NAMED = 3  # parts of a file's name: when, boot, monotonic nanoseconds


@dataclass(frozen=True, slots=True)
class Recovery:
    """What was found and done at the start."""

    index_rebuilt: bool = False
    parts_adopted: int = 0
    parts_removed: int = 0  # no picture in them
    rows_removed: int = 0  # their file is gone
    files_adopted: int = 0  # had no row, or were changed
    files_removed: int = 0  # no picture in them


def make_room(directory: Path) -> int:
    """A full disk has no space even to open the index: the oldest files go until there is a little. Raises OSError."""
    files = sorted(directory.glob(f"*/*{DONE}"), key=lambda path: path.stat().st_mtime_ns)
    removed = 0
    while removed < len(files) and free_bytes(directory) < LITTLE:
        files[removed].unlink()
        removed += 1
    return removed


def open_index(directory: Path, dates: Dates, clock: Clock, damaged: bool = False) -> tuple[Index, bool]:
    """The index; a damaged one is set aside as `*.corrupt-<time>`, one of a later version of the agent as
    `*.later-<time>`, and True tells that a fresh one was begun.

    Raises OSError, sqlite3.OperationalError when the disk will not have it.
    """
    reason, why = "found damaged while running", "corrupt"
    if not damaged:
        try:
            return Index(directory, dates), False
        except sqlite3.OperationalError:
            raise  # the disk, not the content
        except NewerIndex as error:
            reason, why = str(error), "later"
        except sqlite3.DatabaseError as error:
            reason = str(error)
    aside = f".{why}-{clock.now().wall_ns // 10**9}"
    log.error("footage index set aside as %s%s: %s", NAME, aside, reason)
    for suffix in ("", "-wal", "-shm"):
        path = directory / f"{NAME}{suffix}"
        if path.exists():
            path.replace(directory / f"{NAME}{aside}{suffix}")
    for old in sorted(directory.glob(f"{NAME}.*"), key=lambda path: path.stat().st_mtime_ns)[:-KEPT_ASIDE]:
        old.unlink(missing_ok=True)
    return Index(directory, dates), True


def recover(directory: Path, index: Index, dates: Dates, rebuilt: bool, progress: Progress) -> Recovery:
    """Make rows and files agree. Raises OSError, StorageError."""
    folders = [folder for folder in sorted(directory.iterdir()) if folder.is_dir()]
    adopted, removed = _finish_parts(folders)
    files = {path: path.stat().st_size for folder in folders for path in folder.glob(f"*{DONE}")}
    gone: list[Stored] = []
    changed: dict[Path, Stored] = {}
    for stored in index.scan():
        size = files.pop(stored.path, None)
        if stored.path in adopted:
            index.remove([stored])
            adopted[stored.path] = adopted[stored.path].numbered(stored.segment.id)
        elif size is None:
            gone.append(stored)
        elif size != stored.segment.bytes:
            changed[stored.path] = stored
    index.remove(gone)
    for path, stored in adopted.items():
        if stored.segment.id:
            files.pop(path, None)
            index.add(stored)
    # An adopted part without a row is numbered among the other files, after those that were finished before it.
    apart = [path for path in adopted if path in files]
    found, lost = _take_in([*files, *changed], changed, index, _Order(dates), progress)
    index.enter()
    return Recovery(rebuilt, len(adopted), removed, len(gone), found - len(apart), lost)


class _Order:
    """Files as they were recorded, by their names: those of boots whose date is known first, by it."""

    def __init__(self, dates: Dates) -> None:
        self._offsets = {short_boot(boot): offset_ns for boot, offset_ns in dates.all().items()}

    def __call__(self, path: Path) -> tuple[int, int, str]:
        # A boot that nobody dated counts as the newest: in doubt its footage stays longer.
        parts = path.name.removesuffix(DONE).split("-")
        if len(parts) < NAMED or not parts[2].isdecimal():
            return (1, 0, path.name)
        offset_ns = self._offsets.get(parts[1])
        return (1, 0, path.name) if offset_ns is None else (0, offset_ns + int(parts[2]), path.name)


def _take_in(
    paths: list[Path], changed: dict[Path, Stored], index: Index, order: _Order, progress: Progress
) -> tuple[int, int]:
    """Files without a right row, the newest first: those are asked for most, should this be ended half-way."""
    found = lost = 0
    paths = sorted(paths, key=order)
    first = index.reserve(len(paths))
    for done, number in enumerate(reversed(range(len(paths)))):
        if done % TOGETHER == 0:
            index.enter()
        if done % TOLD_EVERY == 0:
            progress(done, len(paths))
        path = paths[number]
        try:
            stored = inspect(path, path.parent.name, finished=True)
        except (OSError, av.FFmpegError) as error:
            log.error("%s cannot be read and is left where it is: %s", path, error)
            continue
        row = changed.get(path)
        if row is not None:
            index.remove([row])
        if stored is None:
            remove_durably(path)
            lost += 1
        else:
            index.add(stored.numbered(row.segment.id if row else first + number))
            found += 1
    return found, lost


def _finish_parts(folders: list[Path]) -> tuple[dict[Path, Stored], int]:
    adopted: dict[Path, Stored] = {}
    removed = 0
    for folder in folders:
        for part in sorted(folder.glob(f"*{PART}")):
            try:
                stored = adopt(part)
            except (OSError, av.FFmpegError) as error:
                log.error("%s cannot be read and is left where it is: %s", part, error)
                continue
            if stored is None:
                remove_durably(part)
                removed += 1
            else:
                adopted[stored.path] = stored
        for stray in folder.glob("*.tmp"):
            stray.unlink(missing_ok=True)
    return adopted, removed


def adopt(part: Path) -> Stored | None:
    """An interrupted file becomes a segment if a picture in it decodes; its last, unfinished fragment is cut off."""
    trimmed = trim_locked(part) if is_locked(part) else trim(part)
    if not trimmed or inspect(part, part.parent.name, finished=False) is None:
        return None
    path = part.with_name(part.name.removesuffix(PART) + DONE)
    publish(part, path)
    return inspect(path, path.parent.name, finished=True)
