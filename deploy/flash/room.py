"""Does the disk of a folder let two files share their blocks?"""

from pathlib import Path

from deploy.flash.base import copy


def shares_blocks(folder: Path) -> bool:
    """Tried with two small files. Raises CardError."""
    one, other = folder / "one", folder / "other"
    try:
        one.write_bytes(bytes(range(256)) * 256)
        return copy(one, other)
    finally:
        one.unlink(missing_ok=True)
        other.unlink(missing_ok=True)
