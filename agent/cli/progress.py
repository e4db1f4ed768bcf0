"""A bar on the terminal for a file that grows; silent where nobody looks."""

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import TypeVar

EVERY_S = 0.2
WIDTH = 30
T = TypeVar("T")


def with_bar(work: Callable[[], T], target: Path, expected: int) -> T:
    """What `work` gives, which writes about `expected` bytes to `target`.tmp. Raises what it raises."""
    if not sys.stderr.isatty():
        return work()
    temporary = target.with_name(target.name + ".tmp")
    with ThreadPoolExecutor(1) as pool:
        going_on = pool.submit(work)
        while wait([going_on], EVERY_S).not_done:
            done = temporary.stat().st_size if temporary.exists() else 0
            sys.stderr.write(f"\r{bar(done, expected)}")
            sys.stderr.flush()
    sys.stderr.write("\r\033[K")
    sys.stderr.flush()
    return going_on.result()


def bar(done: int, expected: int) -> str:
    """How far it is."""
    share = min(done / max(expected, 1), 1.0)
    filled = round(share * WIDTH)
    return f"[{'#' * filled}{'.' * (WIDTH - filled)}] {share:4.0%} {done / 1e6:.1f} MB"
