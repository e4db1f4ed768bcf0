"""A secret on the command line is there for all users of the machine (`ps`): it is overwritten as soon as it is seen.

Between the start of the program and this moment it can be read, a tenth of a second and more on a small board; a file
or a prompt has no such moment.
"""

import contextlib
import ctypes
import sys
from itertools import pairwise
from pathlib import Path

STAT = Path("/proc/self/stat")
ARG_START, ARG_END = 48 - 3, 49 - 3  # proc(5) counts from 1; after the program's name the third comes first


def hide_option(name: str) -> None:
    """What follows `name` on the command line is overwritten where the kernel shows it; `sys.argv` keeps it."""
    words = sys.argv
    secrets = [word.partition("=")[2] for word in words if word.startswith(f"{name}=")]
    secrets += [following for word, following in pairwise(words) if word == name]
    for secret in filter(lambda word: word != "-", secrets):  # which only says where the secret is
        with contextlib.suppress(OSError, ValueError, IndexError):  # no /proc: then nobody reads it there
            _overwrite(secret.encode(errors="surrogateescape"))


def _overwrite(secret: bytes) -> None:
    fields = STAT.read_bytes().rpartition(b")")[2].split()
    begin, end = int(fields[ARG_START]), int(fields[ARG_END])
    if not secret or not 0 < begin < end:
        return
    shown = ctypes.string_at(begin, end - begin)
    at = shown.find(secret)
    while at >= 0:
        ctypes.memset(begin + at, ord("*"), len(secret))
        at = shown.find(secret, at + len(secret))
