"""Segments of the ring in memory onto the card."""

import shutil
from pathlib import Path

from agent.durable import durable_file
from agent.footage.stored import DONE


def copied(source: Path, folder: Path) -> Path:
    """A durable copy of `source` in `folder`, under its name; a copy that is there already is taken. Raises OSError."""
    size = source.stat().st_size
    target = folder / source.name
    number = 0
    while target.exists():
        if target.stat().st_size == size:
            return target
        number += 1  # another segment that claims the same moment
        target = folder / f"{source.name.removesuffix(DONE)}-{number}{DONE}"
    with durable_file(target) as temporary:
        temporary.touch(mode=0o600)
        shutil.copyfile(source, temporary)
    return target
