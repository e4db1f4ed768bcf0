"""A bar on the terminal for a file that grows; silent where nobody looks."""

import sys
import threading
from pathlib import Path
from types import TracebackType

EVERY_S = 0.2
WIDTH = 30


class Progress:
    """Shows how much of `expected` bytes of `target` is written, until the block ends."""

    def __init__(self, target: Path, expected: int, shown: bool) -> None:
        self._temporary = target.with_name(target.name + ".tmp")
        self._expected = max(expected, 1)
        self._over = threading.Event()
        self._shown = shown and sys.stderr.isatty()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Progress":
        if self._shown:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._shown:
            self._thread.join()
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()

    def _watch(self) -> None:
        while not self._over.wait(EVERY_S):
            done = self._temporary.stat().st_size if self._temporary.exists() else self._expected
            share = min(done / self._expected, 1.0)
            filled = round(share * WIDTH)
            sys.stderr.write(f"\r[{'#' * filled}{'.' * (WIDTH - filled)}] {share:4.0%} {done / 1e6:.1f} MB")
            sys.stderr.flush()
