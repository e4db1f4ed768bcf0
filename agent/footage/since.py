"""From when on the card holds only what was wanted (`footage.mode: events`): one small file beside the footage.

Written once, when the clock is right for the first time; so that a hole from before a power cut can be named.
"""

import contextlib
import logging
from pathlib import Path

from agent.durable import remove_durably, write_durably

log = logging.getLogger(__name__)
NAME = "events-since"


def read_since(directory: Path) -> int | None:
    """Unix nanoseconds; None while nobody knows."""
    with contextlib.suppress(OSError, ValueError):
        return int((directory / NAME).read_text(encoding="ascii"))
    return None


def write_since(directory: Path, wall_ns: int) -> None:
    """Durable on return. Raises OSError."""
    write_durably(directory / NAME, str(wall_ns).encode())


def forget_since(directory: Path) -> None:
    """From now on everything is kept. Raises OSError."""
    if (directory / NAME).exists():
        remove_durably(directory / NAME)
