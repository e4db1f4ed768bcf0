"""The detection model goes with its version: the configured path is a link into `current`, so both change in one step.

A model that somebody put there by hand stays a file and wins; an update never touches it.
"""

import os
from pathlib import Path

from agent.digest import sha256
from agent.durable import sync_dir
from agent.update.place import Place

FOLDER = "model"


def carry_over(old: Path, new: Path) -> None:
    """What the bundle does not bring of the models stays the one of the version before. Raises OSError."""
    for model in sorted((old / FOLDER).glob("*")):
        there = new / FOLDER / model.name
        if not there.exists():
            there.parent.mkdir(exist_ok=True)
            os.link(model, there)


def link_models(place: Place, name: str) -> None:
    """Where the configured file is the very model of version `name`, which runs now, it becomes a link into `current`.

    Changes nothing of what is read there. Raises OSError.
    """
    folder = place.folder(name) / FOLDER
    for model in sorted(folder.glob("*")) if folder.is_dir() else ():
        there = place.models / model.name
        if not there.is_symlink() and there.is_file() and sha256(there) == sha256(model):
            temporary = there.with_name(f".{there.name}.tmp")
            temporary.unlink(missing_ok=True)
            temporary.symlink_to(place.current / FOLDER / model.name)
            temporary.replace(there)
            sync_dir(there.parent)
