"""Runs Python code under the same system call filters that systemd makes of a unit, without systemd running.

`python -m tests.deploy.sandbox UNIT CODE`: Environment=, SystemCallFilter=, MemoryDenyWriteExecute= of UNIT, then CODE.
"""

import ctypes
import errno
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

ALLOW = 0x7FFF0000
REFUSE = 0x00050000 | errno.EPERM
MASKED_EQUAL = 7
PROT_WRITE, PROT_EXEC = 2, 4


class _Compare(ctypes.Structure):
    _fields_ = (("arg", ctypes.c_uint), ("op", ctypes.c_int), ("mask", ctypes.c_uint64), ("value", ctypes.c_uint64))


@cache
def group(name: str) -> frozenset[str]:
    """The system calls of a group like @system-service, as systemd expands it."""
    if not name.startswith("@"):
        return frozenset({name})
    listing = subprocess.run(["systemd-analyze", "syscall-filter", name], capture_output=True, text=True, check=True)
    members = [line.strip() for line in listing.stdout.splitlines() if line.startswith("    ")]
    return frozenset().union(*(group(member) for member in members if not member.startswith("#")))


def allowed_calls(unit: str) -> frozenset[str]:
    """What the SystemCallFilter= lines of a unit leave, read in their order."""
    allowed = group("@default")
    for line in unit.splitlines():
        if line.startswith("SystemCallFilter="):
            words = line.partition("=")[2]
            calls = frozenset().union(*(group(word) for word in words.removeprefix("~").split()))
            allowed = allowed - calls if words.startswith("~") else allowed | calls
    return allowed


def confine(calls: frozenset[str]) -> None:
    """From here on: only `calls`, and no memory that is writable and executable. For this process and its children."""
    library = ctypes.CDLL("libseccomp.so.2")
    library.seccomp_init.restype = ctypes.c_void_p
    library.seccomp_load.argtypes = [ctypes.c_void_p]
    add = library.seccomp_rule_add_array
    add.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint, ctypes.c_void_p]
    memory = library.seccomp_init(ALLOW)
    for name, flags in (("mmap", PROT_WRITE | PROT_EXEC), ("mprotect", PROT_EXEC), ("pkey_mprotect", PROT_EXEC)):
        rule = _Compare(2, MASKED_EQUAL, flags, flags)
        number = library.seccomp_syscall_resolve_name(name.encode())
        assert add(memory, REFUSE, number, 1, ctypes.byref(rule)) == 0, name
    listed = library.seccomp_init(REFUSE)
    for name in sorted(calls | {"seccomp", "prctl"}):
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:  # negative: not on this processor
            assert add(listed, ALLOW, number, 0, None) == 0, name
    assert library.seccomp_load(memory) == 0
    assert library.seccomp_load(listed) == 0


def environment(unit: str) -> dict[str, str]:
    """The variables that the Environment= lines set."""
    lines = [line.partition("=")[2] for line in unit.splitlines() if line.startswith("Environment=")]
    return dict(word.split("=", 1) for line in lines for word in line.split())


if __name__ == "__main__":
    text = Path(sys.argv[1]).read_text(encoding="utf-8")
    os.environ.update(environment(text))
    confine(allowed_calls(text))
    exec(compile(sys.argv[2], "confined", "exec"))
