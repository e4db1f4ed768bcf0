"""Is this node to be erased, or was it? All that a start must know; `wiping.py` does the rest, and is loaded then."""

from pathlib import Path

MARKER = "wipe.json"


def marked(data_dir: Path) -> bool:
    """A marker lies there, or nobody can tell: then whoever reads it says why."""
    try:
        (data_dir / MARKER).lstat()
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return True
