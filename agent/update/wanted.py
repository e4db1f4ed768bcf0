"""What the agent asks of root: one line, the path of a bundle that it has fetched, in its folder in memory.

Removed before it is acted on, so that a bundle which is refused is not tried for ever. The agent has no right here but
to ask: root reads the bundle without following a link at its end, and only a signature that root trusts counts.
"""

import secrets
from pathlib import Path

from agent.update.place import Place
from agent.update.regular import open_plain

NAME = "update-wanted"
MOST_BYTES = 4096
LONGEST = 500  # characters of a path


def ask(folder: Path, bundle: Path) -> None:
    """By the agent: try this one. Raises OSError."""
    temporary = folder / f".{NAME}.tmp"
    temporary.write_text(f"{bundle}\n", encoding="utf-8")
    temporary.replace(folder / NAME)


def next_wanted(place: Place) -> Path | None:
    """By root: the bundle that is wanted, once. Raises OSError when the request cannot be removed."""
    path = place.run / NAME
    try:
        with open_plain(path) as file:
            data = file.read(MOST_BYTES)
    except FileNotFoundError:
        return None
    except OSError:
        data = b""  # a link, or something stranger
    try:
        path.unlink(missing_ok=True)
    except IsADirectoryError:  # out of the way, in one step: what is in it is not ours to walk through
        path.rename(path.with_name(f".{NAME}.{secrets.token_hex(4)}"))
    said = data.decode(errors="replace").strip()
    # It is told in logs and kept in root's memory, so it may not be just anything.
    return Path(said) if said.startswith("/") and said.isprintable() and len(said) <= LONGEST else None
