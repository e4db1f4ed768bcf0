"""The files that a cut reads: opened first, so that none can vanish meanwhile, and checked as they are read.

A file that is not what was sealed gives no picture.
"""

import contextlib
import os
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import av

from agent.clock import NS
from agent.digest import sha256
from agent.footage.boxes import pictures
from agent.footage.locked import is_locked, read_locked
from agent.footage.mux import Opened
from agent.footage.place import Placed, Span, starts_ns
from agent.footage.stored import Stored, parse_label
from agent.values import ClipWanted, Used

if TYPE_CHECKING:
    from agent.footage.cipher import Clear
    from agent.footage.vault import Vault

MOST_OPEN = 128  # of 1,024 that a process may have, for several cuts at once; those beyond are opened when reached


class Sources:
    """The segments of one wanted range; `vault` opens those that are encrypted. Use with `with`."""

    def __init__(self, wanted: ClipWanted, found: Sequence[Stored], vault: "Vault | None" = None) -> None:
        self._vault = vault
        self._open: dict[Path, int] = {}
        for stored in found[:MOST_OPEN]:
            with contextlib.suppress(OSError):
                self._open[stored.path] = os.open(stored.path, os.O_RDONLY | os.O_CLOEXEC)
        self.placed: list[Placed] = []
        self.unread: list[Span] = []  # what could not be opened
        self.refused: list[Span] = []  # what was no longer what was sealed when it was read
        self.used: list[Used] = []  # what was read, in order
        self.pictures = 0  # in all files together
        self._stated: dict[Path, str] = {}  # the link of a file, as the file after it says
        self._look(wanted, found)

    def __enter__(self) -> "Sources":
        return self

    def __exit__(self, *_: object) -> None:
        for descriptor in self._open.values():
            os.close(descriptor)
        self._open.clear()

    def path(self, stored: Stored) -> Path:
        """Where to read it, also after it was removed."""
        descriptor = self._open.get(stored.path)
        return stored.path if descriptor is None else Path(f"/proc/self/fd/{descriptor}")

    def clear(self, stored: Stored) -> "Path | Clear":
        """The same for whoever reads the pictures. Raises OSError when it is encrypted and there is no key here."""
        path = self.path(stored)
        if not is_locked(stored.path):
            return path
        if self._vault is None:
            raise PermissionError(0, "it can be opened with the ward's key only", str(stored.path))
        return self._vault.open(path)

    def expect(self, placed: Placed) -> None:
        """It is read soon: the disk may begin while the one before is worked on."""
        descriptor = self._open.get(placed.stored.path)
        if descriptor is not None:
            with contextlib.suppress(OSError):
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_WILLNEED)

    def sound(self, placed: Placed) -> bool:
        """Is the file what was sealed? Noted in `used`; in `refused` if not. Unsealed files are taken at their word."""
        stored, seal = placed.stored, placed.stored.segment.seal
        try:
            found = sha256(self.path(stored))
        except OSError:
            self.refused.append(_span(placed, "damaged"))
            return False
        link = placed.mark.seal(stored.segment.cam, found).link if placed.mark else None
        stated = self._stated.get(stored.path)
        altered = (seal is not None and seal.sha256 != found) or (stated is not None and stated != link)
        self.used.append(Used(stored.segment, placed.mark, found, altered))
        if altered:
            self.refused.append(_span(placed, "altered"))
        return not altered

    def again(self) -> None:
        """Forget what the last reading showed."""
        self.used.clear()
        self.refused.clear()

    def _look(self, wanted: ClipWanted, found: Sequence[Stored]) -> None:
        for stored, start_ns in zip(found, starts_ns(wanted, found), strict=True):
            try:
                path = self.path(stored)
                self.pictures += _counted(path) if is_locked(stored.path) else pictures(path)
                with Opened(self.clear(stored)) as opened:
                    label = parse_label(opened.comment)
                    mark = label.mark if label else None
                    self.placed.append(Placed(stored, start_ns, opened.format, mark))
            except (av.FFmpegError, OSError):
                length_ns = round(stored.segment.duration_s * NS)
                self.unread.append(Span(start_ns, start_ns + length_ns, "damaged"))
        for one, after in pairwise(self.placed):
            if one.mark and after.mark and _follows(one, after):
                self._stated[one.stored.path] = after.mark.before


def _counted(path: Path) -> int:
    locked = read_locked(path)
    return locked.whole.pictures if locked and locked.whole else 0


def _follows(one: Placed, after: Placed) -> bool:
    """Does `after` say what `one` was, and is what it says its own?"""
    if one.mark is None or after.mark is None:
        return False
    next_one = (one.mark.epoch, one.mark.seq + 1) == (after.mark.epoch, after.mark.seq)
    seal = after.stored.segment.seal
    return next_one and seal is not None and after.mark.seal(after.stored.segment.cam, seal.sha256) == seal


def _span(placed: Placed, cause: str) -> Span:
    return Span(placed.start_ns, placed.span.end_ns, cause)
