"""How large things must be for a model: how clearly a look shows them."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
DIM = 1 / 3  # of `enough_px`: less is not recognised
AMPLE = 2.0  # times `enough_px`: so large that a smaller input does not lose it, nor somebody smaller beside it
SHARES = (0.6, 0.75, 1.0)  # of the model's input that a look may take; 256, 320 and 416 of 416 pixels
STEP = 32  # pixels: the coarsest grid of the families
BLURRED = 0.02  # what a look is worth for things that small; not nothing, or nobody would ever look there


@dataclass(frozen=True, slots=True)
class Lens:
    """One model's input.

    `enough_px`: an object of so many input pixels (square root of its area) is found as surely as any larger one.
    Measured on the street video: YOLOX is flat from 16 px on, SSDLite finds 79 % at 16 to 20 px and 97 % from 40 on.
    """

    width: int = 300
    height: int = 300
    enough_px: float = 40.0
    stretched: bool = True  # a crop is pulled to the input's shape; else it keeps its own and the rest is grey
    any_size: bool = False  # takes smaller inputs as well

    def clearness(self, size_px: Numbers, across_px: Numbers, down_px: Numbers) -> Numbers:
        """0..1: how well objects of a size in picture pixels are seen in regions of those sides. Shapes broadcast."""
        shown = size_px * self._scale(across_px, down_px) / self.enough_px
        return np.asarray(np.clip((shown - DIM) / (1.0 - DIM), BLURRED, 1.0))

    def shows(self, size_px: float, region_px: float) -> bool:
        """Can the model recognise objects of `size_px` in a square region of that side at all?"""
        return size_px * min(self.width, self.height) > DIM * self.enough_px * region_px

    def share(self, smallest_px: float, across_px: float, down_px: float) -> float:
        """Of the input's sides: as much as shows an object of that size amply in a region of those sides."""
        shown = smallest_px * float(self._scale(np.array(across_px), np.array(down_px))) / self.enough_px
        return next((share for share in SHARES if self.any_size and share * shown >= AMPLE), SHARES[-1])

    def input_size(self, across_px: float, down_px: float, share: float) -> tuple[int, int]:
        """Width and height of the input for a region: no larger than needed to hold it at that share."""
        if not self.any_size:
            return self.width, self.height
        width, height = min(stepped(share * self.width), self.width), min(stepped(share * self.height), self.height)
        if self.stretched:
            return width, height
        scale = min(width / across_px, height / down_px)
        return min(stepped(round(across_px * scale)), width), min(stepped(round(down_px * scale)), height)

    def _scale(self, across_px: Numbers, down_px: Numbers) -> Numbers:
        x, y = self.width / across_px, self.height / down_px
        return np.asarray(np.sqrt(x * y) if self.stretched else np.minimum(x, y))


def stepped(side_px: float) -> int:
    """The next full step, at least one."""
    return max(math.ceil(side_px / STEP), 1) * STEP
