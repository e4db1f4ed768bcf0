"""What sets one family of models apart: how a picture goes in and how boxes come out. One adapter file per family.

A family is pure arithmetic on arrays; `session.py` runs the network between `prepare` and `decode`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from agent.values import Picture

Tensor = npt.NDArray[np.float32]
Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Boxes before suppression: `boxes` (n, 4) left, top, right, bottom in pixels of the crop; `scores` (n,) 0..1;
    `labels` (n,) indices into the names of the model's `LabelMap`.
    """

    boxes: Tensor
    scores: Tensor
    labels: npt.NDArray[np.intp]

    def __post_init__(self) -> None:
        n = len(self.boxes)
        if self.boxes.shape != (n, 4) or self.scores.shape != (n,) or self.labels.shape != (n,):
            raise ValueError(f"candidates of {self.boxes.shape}, {self.scores.shape}, {self.labels.shape}")

    @classmethod
    def best_class(cls, boxes: Array, class_scores: Array) -> "Candidates":
        """One candidate per row: its best class. `class_scores` is (n, classes)."""
        labels = class_scores.argmax(axis=1)
        scores = class_scores[np.arange(len(class_scores)), labels]
        return cls(boxes.astype(np.float32), scores.astype(np.float32), labels)


@dataclass(frozen=True, slots=True)
class Signature:
    """What a network takes and gives, as its warm-up inference showed: NCHW input, shapes of the outputs by name.

    `names`: the labels that the model carries in its metadata, if any.
    """

    width: int
    height: int
    outputs: tuple[tuple[str, tuple[int, ...]], ...]
    names: tuple[str, ...] = ()

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """The output shapes, in order."""
        return tuple(shape for _, shape in self.outputs)

    def __str__(self) -> str:
        outputs = ", ".join(f"{name}{list(shape)}" for name, shape in self.outputs)
        return f"{self.width}x{self.height} -> {outputs}"


class Family(Protocol):
    """One adapter."""

    @property
    def name(self) -> str:
        """As in the configuration: ssd, yolox, nanodet."""

    @property
    def enough_px(self) -> float:
        """Input pixels of an object (square root of its area) beyond which more help little; see `lens.py`."""

    @property
    def stretched(self) -> bool:
        """A crop is pulled to the input's shape, rather than kept in its own."""

    @property
    def any_size(self) -> bool:
        """Made of convolutions only, so that an input of another size is worth trying; see `free_input.py`."""

    def at(self, width: int, height: int) -> "Family":
        """The same for an input of that size in pixels, multiples of 32. Only with `any_size`."""

    def fit(self, width: int, height: int) -> tuple[int, int]:
        """How large a crop of that size in pixels stands in the input."""

    def prepare(self, picture: Picture) -> Tensor:
        """The network's input, (1, 3, height, width), of a BGR picture (h, w, 3)."""

    def decode(self, outputs: Sequence[Array], picture: Picture, score: float) -> Candidates:
        """What of `outputs` scores more than `score`, in pixels of `picture`."""


def cell_centres(signature: Signature, strides: Sequence[int], offset: float) -> tuple[Tensor, Tensor]:
    """The grids of an anchor-free head, row by row, stride by stride: (n, 2) x and y in pixels, (n, 1) strides."""
    points, sizes = [], []
    for stride in strides:
        columns, rows = np.meshgrid(np.arange(signature.width // stride), np.arange(signature.height // stride))
        grid = np.stack([columns, rows], axis=2).reshape(-1, 2)
        points.append((grid + offset) * stride)
        sizes.append(np.full((len(grid), 1), stride))
    return np.concatenate(points).astype(np.float32), np.concatenate(sizes).astype(np.float32)
