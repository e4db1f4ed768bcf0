"""A bar on the terminal for a file that grows; silent where nobody looks."""

import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

EVERY_S = 0.2
WIDTH = 30
T = TypeVar("T")


def with_bar(work: Callable[[], T], target: Path, expected: int) -> T:
    """What `work` gives, which writes about `expected` bytes to `target`.tmp. Raises what it raises."""
    if not sys.stderr.isatty():
        return work()
    over = threading.Event()
    with ThreadPoolExecutor(1) as beside:
        drawing = beside.submit(_draw, target.with_name(target.name + ".tmp"), expected, over)
        try:
            return work()  # not in the other thread: SQLite's connections belong to the one that made them
        finally:
            over.set()
            drawing.result()
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()


def _draw(growing: Path, expected: int, over: threading.Event) -> None:
    while not over.wait(EVERY_S):
        try:
            done = growing.stat().st_size
        except OSError:
            done = 0  # not begun, or finished this moment
        sys.stderr.write(f"\r{bar(done, expected)}")
        sys.stderr.flush()


def bar(done: int, expected: int) -> str:
    """How far it is."""
    share = min(done / max(expected, 1), 1.0)
    filled = round(share * WIDTH)
    return f"[{'#' * filled}{'.' * (WIDTH - filled)}] {share:4.0%} {done / 1e6:.1f} MB"
