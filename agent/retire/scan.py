"""Is it gone? The secrets that were known before are looked for, byte by byte, where they could have been.

They are kept in memory only, so an erasure that was cut off in between cannot be searched for any more; it says so.
"""

import base64
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.i18n import Text

SHORTEST = 8  # bytes; less is found anywhere by chance
LONGEST = 512
PIECE = 1 << 20
LARGEST = 64 << 20  # bytes of a file that is looked through
LOOKED = ("etc", "var/lib", "var/log", "boot", "opt/camera-agent/state", "home", "root", "run/camera-agent", "tmp")


@dataclass(frozen=True, slots=True)
class Hit:
    """A file in which one of them still is."""

    path: Path
    what: Text


@dataclass(frozen=True, slots=True)
class Needles:
    """What must not be found any more."""

    known: tuple[tuple[bytes, Text], ...]

    @staticmethod
    def of(secrets: Iterable[tuple[str, Text]]) -> "Needles":
        """Each as it is, and in base64 as in a header or a key file."""
        known: dict[bytes, Text] = {}
        for secret, what in secrets:
            raw = secret.strip().encode()[:LONGEST]
            if len(raw) >= SHORTEST:
                known[raw] = what
                known[base64.b64encode(raw).rstrip(b"=")] = what
        return Needles(tuple(known.items()))

    def __len__(self) -> int:
        return len(self.known)


def search(root: Path, needles: Needles, more: Sequence[Path] = ()) -> Iterator[Hit]:
    """Every file below the places where such things lie; at most one hit per file."""
    if not needles.known:
        return
    seen: set[tuple[int, int]] = set()
    for top in (*(root / name for name in LOOKED), *more):
        for path in _files(top):
            try:
                status = path.stat()
                key = (status.st_dev, status.st_ino)
                if key in seen or status.st_size > LARGEST:
                    continue
                seen.add(key)
                what = _what(path, needles)
            except OSError:  # gone, or of somebody who lets nobody read
                continue
            if what is not None:
                yield Hit(path, what)


def _files(top: Path) -> Iterator[Path]:
    if top.is_symlink():
        return
    if top.is_file():
        yield top
        return
    try:
        children = sorted(top.iterdir())
    except OSError:
        return
    for child in children:
        if not child.is_symlink() and (child.is_dir() or child.is_file()):
            yield from _files(child)


def _what(path: Path, needles: Needles) -> Text | None:
    overlap = max(len(needle) for needle, _ in needles.known)
    rest = b""
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            piece = rest + piece
            for needle, what in needles.known:
                if needle in piece:
                    return what
            rest = piece[-overlap:]
    return None
