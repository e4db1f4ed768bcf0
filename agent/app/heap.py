"""Keeps the node small: it runs for months beside the family's other things, on 1 GB.

glibc would give each thread a heap of its own, and freed pictures would stay in it. Libraries are mapped as they are
touched, and their start touches two thirds of them; the rest of the node's life needs the other third. See
docs/design/cost.md.
"""

import ctypes
import re
from collections.abc import Iterator
from pathlib import Path

M_TRIM_THRESHOLD = -1
M_MMAP_THRESHOLD = -3
M_ARENA_MAX = -8
KEPT = 1024 * 1024  # freed memory at the heap's top; a second of packets comes and goes without new pages
LARGE = 512 * 1024  # from here on memory of its own; below it are the packets of key frames
MADV_DONTNEED = 4
MAPPING = re.compile(r"([0-9a-f]+)-([0-9a-f]+) r-[x-]p [0-9a-f]+ \S+ (\d+) ")
SMAPS = Path("/proc/self/smaps")


def tune_heap() -> None:
    """Call once, before threads start. Does nothing where the C library has no mallopt."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(M_ARENA_MAX, 1)
        libc.mallopt(M_TRIM_THRESHOLD, KEPT)
        libc.mallopt(M_MMAP_THRESHOLD, LARGE)


def let_go() -> None:
    """Give back what the start needed and the work does not: freed heap, and the pages of libraries.

    Those pages are clean copies of files. They stay in the page cache, where the kernel may now take them first; a
    page that is needed after all is mapped again at its next use. Call when all is loaded and before threads start, so
    that nothing is mapped or unmapped meanwhile. Does nothing where the system is not Linux with glibc.
    """
    libc = ctypes.CDLL(None)
    if hasattr(libc, "malloc_trim"):
        libc.malloc_trim(0)
    if SMAPS.exists() and hasattr(libc, "madvise"):
        for begin, end in list(clean_pages(SMAPS.read_text(encoding="ascii", errors="replace"))):
            libc.madvise(ctypes.c_void_p(begin), ctypes.c_size_t(end - begin), MADV_DONTNEED)


def clean_pages(smaps: str) -> Iterator[tuple[int, int]]:
    """Begin and end of each mapping of a file that is private, read-only and, to the page, what the file holds.

    `smaps` is as proc(5) tells. What relocation wrote into a library before it was made read-only is `Anonymous`:
    such a mapping is kept, for its content exists nowhere else.
    """
    found: tuple[int, int] | None = None
    for line in smaps.splitlines():
        if line.startswith("Anonymous:") and found is not None:
            if line.split()[1] == "0":
                yield found
            found = None
        elif match := MAPPING.match(line):
            begin, end, inode = int(match[1], 16), int(match[2], 16), int(match[3])
            found = (begin, end) if inode else None
        elif "-" in line.split(" ", 1)[0]:
            found = None
