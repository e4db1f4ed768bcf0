"""What a program and its children write, file by file, as strace(1) sees it."""

import re
import shutil
import signal
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.truth import Absent

CALLS = "write,pwrite64,writev,pwritev,pwritev2,copy_file_range,sendfile"
LINE = re.compile(r"^(?:\d+\s+)?(\d+\.\d+) \w+\(\d+<([^>]*)>.*= (\d+)$")


@dataclass(frozen=True)
class Written:
    """Bytes that went to one file in one call."""

    at_s: float  # Unix time
    path: str
    bytes: int


@contextmanager
def traced(command: Sequence[str], told: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Runs `command` under strace, which writes to `told`; its output goes to `log`. Raises Absent."""
    if shutil.which("strace") is None:
        raise Absent("strace is not installed")
    # -I4: what stops strace is not meant for it; -D: the traced program is our child itself.
    tracer = ("strace", "-f", "-D", "-y", "-ttt", "-s", "0", "-e", f"trace={CALLS}", "-o", str(told))
    with log.open("wb") as out, subprocess.Popen((*tracer, *command), stdout=out, stderr=out) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def written(told: Path) -> list[Written]:
    """All calls that wrote to something with a path."""
    found: list[Written] = []
    for line in told.read_text(encoding="utf-8", errors="replace").splitlines():
        match = LINE.match(line)
        if match and match[2].startswith("/"):
            found.append(Written(float(match[1]), match[2].removesuffix(" (deleted)"), int(match[3])))
    if not found:
        raise Absent("strace saw nothing: tracing is not allowed here")
    return found


def by_part(calls: Sequence[Written], part_of: Callable[[str], str | None]) -> dict[str, int]:
    """Bytes of each part; a path without a part is left out."""
    sums: dict[str, int] = defaultdict(int)
    for call in calls:
        part = part_of(call.path)
        if part is not None:
            sums[part] += call.bytes
    return dict(sums)
