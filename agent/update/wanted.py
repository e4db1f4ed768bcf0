"""What the agent asks of root: one line, the path of a bundle that it has fetched, in its folder in memory.

Removed before it is acted on, so that a bundle which is refused is not tried for ever. The agent has no right here but
to ask: root reads the bundle without following a link at its end, and only a signature that root trusts counts.
"""

import os
import stat
from contextlib import suppress
from pathlib import Path

from agent.update.place import Place

NAME = "update-wanted"
MOST_BYTES = 4096


def ask(folder: Path, bundle: Path) -> None:
    """By the agent: try this one. Raises OSError."""
    temporary = folder / f".{NAME}.tmp"
    temporary.write_text(f"{bundle}\n", encoding="utf-8")
    temporary.replace(folder / NAME)


def next_wanted(place: Place) -> Path | None:
    """By root: the bundle that is wanted, once. Raises OSError when the request cannot be removed."""
    path = place.run / NAME
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        with suppress(FileNotFoundError):
            path.unlink()  # a link, or something stranger
        return None
    with os.fdopen(descriptor, "rb") as file:
        data = file.read(MOST_BYTES) if stat.S_ISREG(os.fstat(descriptor).st_mode) else b""
    path.unlink(missing_ok=True)
    told = Path(data.decode(errors="replace").strip())
    return told if told.is_absolute() and "\0" not in str(told) else None
