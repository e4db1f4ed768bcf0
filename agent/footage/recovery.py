"""What a crash left behind, put in order when footage opens. The steps are told in docs/design/footage.md.

Rows and files are compared; what a file holds is read from the file, never guessed.
"""

import json
import logging
import sqlite3
from dataclasses import dataclass, replace
from pathlib import Path

import av

from agent.clock import Clock, Moment
from agent.durable import publish, remove_durably, write_durably
from agent.footage.boxes import trim
from agent.footage.index import NAME, Index
from agent.footage.inspect import inspect
from agent.footage.ring import free_bytes
from agent.footage.stored import DONE, PART, Stored

log = logging.getLogger(__name__)
BOOTS = "boots.json"
MAX_BOOTS = 64
LITTLE = 256_000  # bytes


@dataclass(frozen=True, slots=True)
class Recovery:
    """What was found and done at the start."""

    index_rebuilt: bool = False
    parts_adopted: int = 0
    parts_removed: int = 0  # no picture in them
    rows_removed: int = 0  # their file is gone
    files_adopted: int = 0  # had no row, or were changed
    files_removed: int = 0  # no picture in them


class Boots:
    """Wall minus monotonic time of boots whose clock became right, so that a rebuilt index dates their files well."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / BOOTS
        self._offsets: dict[str, int] = {}
        try:
            told = json.loads(self._path.read_text(encoding="utf-8"))
            self._offsets = {str(boot): int(offset) for boot, offset in told.items()}
        except FileNotFoundError:
            return
        except (OSError, ValueError, AttributeError, TypeError) as error:
            log.warning("%s cannot be read, dates of older boots stay untrusted: %s", self._path, error)

    def learn(self, boot_id: str, offset_ns: int) -> None:
        """Remember one boot, durably; the oldest are forgotten. Raises OSError."""
        self._offsets.pop(boot_id, None)
        self._offsets[boot_id] = offset_ns
        self._offsets = dict(list(self._offsets.items())[-MAX_BOOTS:])
        write_durably(self._path, json.dumps(self._offsets).encode())

    def dated(self, stored: Stored) -> Stored:
        """With the right wall time, where that boot's is known."""
        start = stored.segment.start
        offset_ns = self._offsets.get(start.boot_id)
        if start.trusted or offset_ns is None:
            return stored
        right = Moment(start.mono_ns, start.mono_ns + offset_ns, True, start.boot_id)
        return replace(stored, segment=replace(stored.segment, start=right))


def make_room(directory: Path) -> int:
    """A full disk has no space even to open the index: the oldest files go until there is a little. Raises OSError."""
    files = sorted(directory.glob(f"*/*{DONE}"), key=lambda path: path.stat().st_mtime_ns)
    removed = 0
    while removed < len(files) and free_bytes(directory) < LITTLE:
        files[removed].unlink()
        removed += 1
    return removed


def open_index(directory: Path, clock: Clock, damaged: bool = False) -> tuple[Index, bool]:
    """The index; a damaged one is set aside as `*.corrupt-<time>`, and True tells that a fresh one was begun.

    Raises OSError, sqlite3.OperationalError when the disk will not have it.
    """
    reason = "found damaged while running"
    if not damaged:
        try:
            return Index(directory), False
        except sqlite3.OperationalError:
            raise  # the disk, not the content
        except sqlite3.DatabaseError as error:
            reason = str(error)
    aside = f".corrupt-{clock.now().wall_ns // 10**9}"
    log.error("footage index set aside as %s%s: %s", NAME, aside, reason)
    for suffix in ("", "-wal", "-shm"):
        path = directory / f"{NAME}{suffix}"
        if path.exists():
            path.replace(directory / f"{NAME}{aside}{suffix}")
    return Index(directory), True


def recover(directory: Path, index: Index, boots: Boots, rebuilt: bool) -> Recovery:
    """Make rows and files agree. Raises OSError, StorageError."""
    folders = [folder for folder in sorted(directory.iterdir()) if folder.is_dir()]
    adopted, removed = _finish_parts(folders, index, boots)
    rows = {stored.path: stored for stored in index.all()}
    files = {path: path.stat().st_size for folder in folders for path in sorted(folder.glob(f"*{DONE}"))}
    gone = [stored.segment.id for path, stored in rows.items() if path not in files]
    index.remove(gone)
    known = {path for path, stored in rows.items() if files.get(path) == stored.segment.bytes}
    found = lost = 0
    for path in sorted(set(files) - known):
        try:
            stored = inspect(path, path.parent.name, finished=True)
        except (OSError, av.FFmpegError) as error:
            log.error("%s cannot be read and is left where it is: %s", path, error)
            continue
        if stored is None:
            if path in rows:
                index.remove([rows[path].segment.id])
            remove_durably(path)
            lost += 1
        else:
            index.add(boots.dated(stored))
            found += 1
    return Recovery(rebuilt, adopted, removed, len(gone), found, lost)


def _finish_parts(folders: list[Path], index: Index, boots: Boots) -> tuple[int, int]:
    adopted = removed = 0
    for folder in folders:
        for part in sorted(folder.glob(f"*{PART}")):
            try:
                stored = adopt(part, index, boots)
            except (OSError, av.FFmpegError) as error:
                log.error("%s cannot be read and is left where it is: %s", part, error)
                continue
            if stored is None:
                remove_durably(part)
                removed += 1
            else:
                adopted += 1
        for stray in folder.glob("*.tmp"):
            stray.unlink(missing_ok=True)
    return adopted, removed


def adopt(part: Path, index: Index, boots: Boots) -> Stored | None:
    """An interrupted file becomes a segment if a picture in it decodes; its last, unfinished fragment is cut off."""
    if not trim(part) or inspect(part, part.parent.name, finished=False) is None:
        return None
    path = part.with_name(part.name.removesuffix(PART) + DONE)
    publish(part, path)
    stored = inspect(path, path.parent.name, finished=True)
    return index.add(boots.dated(stored)) if stored is not None else None
