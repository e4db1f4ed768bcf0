"""What is made once and kept in the user's cache, under a name that tells the version of what makes it."""

import hashlib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from agent.durable import durable_file
from deploy.fetch import cache_dir, workspace

Arrays = Mapping[str, npt.NDArray[Any]]


def folder() -> Path:
    """Where scenes are kept."""
    path = cache_dir() / "scenes"
    path.mkdir(parents=True, exist_ok=True)
    return path


@cache
def version(disturbance: Path) -> str:
    """Of the generator: a digest of its own source, so that no picture outlives the code that made it.

    `disturbance`: the file that disturbs it; the other kinds do not matter to a scene.
    """
    here = Path(__file__).parent
    digest = hashlib.sha256()
    for path in (*sorted(here.glob("[!_t]*.py")), here / "disturb" / "base.py", disturbance):  # no tests, no tool
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def kept(name: str, make: Callable[[], Arrays]) -> dict[str, npt.NDArray[Any]]:
    """The arrays called `name`, made at the first call. Two processes never make the same at once."""
    here = Path(__file__).parent
    code = b"".join((here / file).read_bytes() for file in ("sources.py", "cutouts.py", "plates.py"))
    path = folder() / f"{name}-{hashlib.sha256(code).hexdigest()[:12]}.npz"
    if not path.is_file():
        with workspace(f"scenes-{name}"):
            if not path.is_file():
                with durable_file(path) as temporary, temporary.open("wb") as stream:
                    np.savez_compressed(stream, **make())  # type: ignore[arg-type] # its stub knows `allow_pickle` only
    with np.load(path) as arrays:
        return {key: arrays[key] for key in arrays.files}
