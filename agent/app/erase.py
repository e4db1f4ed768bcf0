"""Erasing what the agent itself has made, by name: never what others put beside it, never through a link.

Every step may be killed and is done again by the next start; the marker goes last. What a memory card keeps of erased
files in its spare pages no program reaches: see docs/guide/commands.md.
"""

import contextlib
import errno
import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from agent.durable import disk_error, sync_dir

FOOTAGE = ("footage", "page", "reference")
SPOOL = ("spool",)
# Everything that the agent keeps in its data directory; each name may have a rest that it gives itself.
ALL = (
    *FOOTAGE,
    *SPOOL,
    "access",
    "commands.db",
    "commands.corrupt",
    "config",
    "escalation.json",
    "evidence",
    "household",
    "live.json",
    "parked",
    "pause.json",
    "providers",
    "renewal.json",
    "restart.json",
    "run",
    "setup",
    "time-floor",
    "update",
    "uplink.json",
)
IDENTITY = ("tls",)
# Not more: `footage-2024` and `page.html` are somebody else's.
REST = re.compile(r"(-wal|-shm|-journal|\.damaged|\.corrupt[A-Za-z0-9-]*)?(\.tmp)?")


Alive = Callable[[], None]  # called with each file: a full ring takes minutes on a memory card


def _silent() -> None:
    """Nobody waits."""


def erase(directory: Path, names: Iterable[str], alive: Alive = _silent) -> None:
    """Remove these, durably. Raises StorageError."""
    try:
        for path in own(directory, names):
            _remove(path, alive)
        sync_dir(directory)
    except OSError as error:
        raise disk_error(error, directory) from error


def own(directory: Path, names: Iterable[str]) -> Iterator[Path]:
    """What there is of these names, in order."""
    known = tuple(names)
    for path in sorted(directory.iterdir()):
        if any(path.name.startswith(name) and REST.fullmatch(path.name[len(name) :]) for name in known):
            yield path


def links(directory: Path, names: Iterable[str]) -> list[str]:
    """Names that lead elsewhere: what is there cannot be erased from here."""
    return [path.name for path in own(directory, names) if path.is_symlink()]


def erase_outside(path: Path | None) -> None:
    """A file or folder of ours in the memory of this boot. One that cannot be removed goes with the power."""
    if path is None:
        return
    with contextlib.suppress(OSError):
        _remove(path, _silent)


def _remove(path: Path, alive: Alive) -> None:
    alive()
    if path.is_dir() and not path.is_symlink():
        for child in sorted(path.iterdir()):
            _remove(child, alive)
        _rmdir(path)
    else:
        _unlink(path)


def _unlink(path: Path) -> None:
    path.unlink(missing_ok=True)


def _rmdir(path: Path) -> None:
    try:
        os.rmdir(path)  # noqa: PTH106 (its errno is looked at)
    except FileNotFoundError:
        return
    except OSError as error:
        if error.errno != errno.ENOTEMPTY:
            raise
        _remove(path, _silent)  # something came in between
