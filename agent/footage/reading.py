"""The library of a second process (`camera-agent footage`) beside the running agent: it writes nothing but holds."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import av

from agent.clock import Clock
from agent.config.storage import FootageSection
from agent.durable import disk_error
from agent.errors import StorageError
from agent.footage.dates import Dates
from agent.footage.evictions import Evictions
from agent.footage.index import Index
from agent.footage.inspect import inspect
from agent.footage.library import Library, Prove, Shelf, unproved
from agent.footage.opening import NAME, NewerIndex
from agent.footage.since import read_since
from agent.footage.stored import DONE, PART
from agent.i18n import Text

if TYPE_CHECKING:
    from agent.footage.vault import Vault

NOT_ENTERED = 200  # files of a camera that the index may not know yet


@contextmanager
def open_library(
    directory: Path, section: FootageSection, clock: Clock, prove: Prove = unproved, vault: "Vault | None" = None
) -> Iterator[Library]:
    """For a second process. Files that the agent has not entered yet are looked at. Raises StorageError.

    With `footage.mode: events` see `open_both`.
    """
    dates = Dates(directory)
    try:
        index = Index(directory, dates, reading=True)
    except sqlite3.Error as error:
        later = isinstance(error, NewerIndex)
        raise StorageError(
            Text(
                en=f"The footage index {directory / NAME} cannot be read: {error}",
                vi=f"Không đọc được chỉ mục hình đã ghi {directory / NAME}: {error}",
            ),
            Text(en="Use the version of the agent that made it", vi="Hãy dùng đúng phiên bản đã tạo ra nó")
            if later
            else Text(en="Start the agent once: it makes the index", vi="Hãy chạy dịch vụ một lần để tạo chỉ mục"),
            code="storage_error",
        ) from error
    try:
        _look_for_new(directory, index)
        yield Library(index, Shelf(directory, section, dates, Evictions(index.told()), vault), clock, prove)
    finally:
        index.abandon()


@contextmanager
def open_both(
    places: tuple[Path, Path], section: FootageSection, clock: Clock, prove: Prove, vault: "Vault | None" = None
) -> Iterator[Library]:
    """As `open_library`, for the footage on the card and the ring in memory, where there is one."""
    card, memory = places
    with open_library(card, section, clock, prove, vault) as library:
        if not (memory / NAME).exists():
            yield library
            return
        with open_library(memory, section, clock, prove, vault) as other:
            yield library.beside(other, read_since(card))


def _look_for_new(directory: Path, index: Index) -> None:
    known = index.names()
    try:
        for folder in [one for one in directory.iterdir() if one.is_dir()]:
            files = (path for path in folder.glob(f"*{DONE}") if not path.name.endswith(PART))
            names = [path for path in files if path.name not in known]
            for path in sorted(names, key=lambda one: one.stat().st_mtime_ns)[-NOT_ENTERED:]:
                stored = inspect(path, folder.name, finished=True)
                if stored is not None:
                    index.add(stored)
    except FileNotFoundError:
        return  # the ring removes meanwhile
    except (OSError, av.FFmpegError) as error:
        raise disk_error(error, directory) from error
