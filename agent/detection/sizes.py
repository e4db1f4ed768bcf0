"""Lets a network take inputs of other sizes than its file says, when it proves that it can.

A small look then costs less: at 256 x 256 YOLOX-nano takes 0.4 of what it takes at 416 x 416. Only on the CPU: TensorRT
builds an engine for each size, which takes from seconds to minutes.
"""

import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

import numpy as np

from agent.detection.family import Array, Signature, Tensor
from agent.detection.free_input import Malformed, freed
from agent.detection.lens import stepped
from agent.detection.session import Network, Session
from agent.errors import ModelError

log = logging.getLogger(__name__)

LARGEST_FILE = 50_000_000  # held in memory twice for a moment
TOLERANCE = 0.01  # of the largest output; YOLOX-nano differs by nothing at all
SMALLER = (0.6, 0.45)  # of width and height, for the proof: neither square nor the size in the file

Fits = Callable[[Signature], bool]


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """How a network answers at the size of its file."""

    signature: Signature
    outputs: Sequence[Array]


def reference(network: Network) -> Reference:
    """To be taken of a network that makes room for the resizable one then. Raises ModelError."""
    signature = network.signature
    return Reference(signature, network.run(_noise(signature.width, signature.height)))


def resizable(model: Path, sha256: str, fixed: Reference, fits: Fits) -> Session | None:
    """The network of that file for any size in steps of 32 pixels, on the CPU; None when it cannot do that.

    It must answer at its own size as `fixed`, and at another one with finite outputs of a shape that `fits` the family.
    """
    signature = fixed.signature
    size = signature.width, signature.height
    other = stepped(SMALLER[0] * signature.width), stepped(SMALLER[1] * signature.height)
    try:
        if model.stat().st_size > LARGEST_FILE:
            return None
        content = model.read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:  # another file since it was checked
            return None
        # A file, not bytes: ONNX Runtime's Python class keeps those for ever.
        with NamedTemporaryFile(suffix=".onnx") as file:
            file.write(freed(content))
            file.flush()
            del content
            free = Session(Path(file.name), size=size)
        same = _same(fixed.outputs, free.run(_noise(*size)))
        smaller = free.run(_noise(*other))
    except (OSError, Malformed, ModelError) as error:
        log.info("%s takes only its own size: %s", model, error)
        return None
    names = (name for name, _ in signature.outputs)
    shapes = (tuple(int(side) for side in output.shape) for output in smaller)
    sound = same and all(np.isfinite(output).all() for output in smaller)
    return free if sound and fits(Signature(*other, tuple(zip(names, shapes, strict=True)))) else None


def _same(wanted: Sequence[Array], found: Sequence[Array]) -> bool:
    with np.errstate(all="ignore"):  # of nan and infinity nothing is the same
        return all(
            one.shape == other.shape
            and np.abs(one - other).max(initial=0.0) <= TOLERANCE * np.abs(one).max(initial=0.0)
            for one, other in zip(wanted, found, strict=True)
        )


def _noise(width: int, height: int) -> Tensor:
    """A picture (1, 3, height, width) of any colours, 0..255; always the same."""
    return np.random.default_rng(4).uniform(0, 255, (1, 3, height, width)).astype(np.float32)
