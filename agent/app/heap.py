"""Keeps the node small: it runs for months beside the family's other things, on 1 GB.

glibc would give each thread a heap of its own, and freed pictures would stay in it. Libraries are mapped as they are
touched, and their start touches two thirds of them; the rest of the node's life needs the other third. See
docs/design/cost.md.
"""

import ctypes
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from agent.clock import Clock

M_TRIM_THRESHOLD = -1
M_MMAP_THRESHOLD = -3
M_ARENA_MAX = -8
KEPT = 1024 * 1024  # freed memory at the heap's top; a second of packets comes and goes without new pages
LARGE = 512 * 1024  # from here on memory of its own; below it are the packets of key frames
MADV_DONTNEED = 4
MAPPING = re.compile(r"([0-9a-f]+)-([0-9a-f]+) r-[x-]p [0-9a-f]+ \S+ (\d+) ")
SMAPS, MAPS = Path("/proc/self/smaps"), Path("/proc/self/maps")
# After the start: the first pictures are seen; connected; the first clips were cut, proved and sent ...
LOOKS_S = (4.0, 12.0, 60.0)
EVERY_S = 600.0  # ... and then seldom: what is taken up again costs some hundredths of a second
TRIM_S = 30.0  # giving freed heap back costs some milliseconds; work leaves 2 MB of it in a minute


def tune_heap() -> None:
    """Call once, before threads start. Does nothing where the C library has no mallopt."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(M_ARENA_MAX, 1)
        libc.mallopt(M_TRIM_THRESHOLD, KEPT)
        libc.mallopt(M_MMAP_THRESHOLD, LARGE)


class Slack:
    """Gives back what the start needed and the work does not: freed heap, and the pages of libraries.

    Those pages are clean copies of files. They stay in the page cache, where the kernel may now take them first; a
    page that is needed after all is mapped again at its next use. Does nothing where the system is not Linux with
    glibc.

    Make one when all is loaded and before threads start. Later on only mappings that were there already, and are
    unchanged, are let go: libraries, which stay where they are. So it does not matter what other threads map meanwhile.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._libc = ctypes.CDLL(None)
        self._known: dict[str, tuple[int, int]] = {}
        if SMAPS.exists() and hasattr(self._libc, "madvise"):
            self._known = dict(clean_mappings(SMAPS.read_text(encoding="ascii", errors="replace")))
        self._later = [clock.mono_s() + seconds for seconds in LOOKS_S]
        self._trim_s = self._later[0]
        self._let_go(self._known)

    def look(self) -> bool:
        """Do it when it is time: when the work has begun, and seldom after that. Whether it was time for libraries."""
        now_s = self._clock.mono_s()
        if now_s >= self._later[0]:
            self._later = [due_s for due_s in self._later if due_s > now_s] or [now_s + EVERY_S]
            self._let_go(MAPS.read_text(encoding="ascii", errors="replace").splitlines() if self._known else ())
            return True
        if now_s >= self._trim_s:
            self._trim()
        return False

    def _trim(self) -> None:
        self._trim_s = self._clock.mono_s() + TRIM_S
        if hasattr(self._libc, "malloc_trim"):
            self._libc.malloc_trim(0)

    def _let_go(self, mappings: Iterable[str]) -> None:
        self._trim()
        for begin, end in [self._known[line] for line in mappings if line in self._known]:
            self._libc.madvise(ctypes.c_void_p(begin), ctypes.c_size_t(end - begin), MADV_DONTNEED)


def clean_mappings(smaps: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """The line, and begin and end, of each mapping of a file that is private, read-only and, to the page, as the file.

    `smaps` is as proc(5) tells. What relocation wrote into a library before it was made read-only is `Anonymous`:
    such a mapping is kept, for its content exists nowhere else.
    """
    found: tuple[str, tuple[int, int]] | None = None
    for line in smaps.splitlines():
        if line.startswith("Anonymous:") and found is not None:
            if line.split()[1] == "0":
                yield found
            found = None
        elif match := MAPPING.match(line):
            begin, end, inode = int(match[1], 16), int(match[2], 16), int(match[3])
            found = (line, (begin, end)) if inode else None
        elif "-" in line.split(" ", 1)[0]:
            found = None
