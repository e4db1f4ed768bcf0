"""How large things must be for a model: how clearly a look shows them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
DIM = 1 / 3  # of `enough_px`: less is not recognised
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

    def clearness(self, size_px: Numbers, across_px: Numbers, down_px: Numbers) -> Numbers:
        """0..1: how well objects of a size in picture pixels are seen in regions of those sides. Shapes broadcast."""
        x, y = self.width / across_px, self.height / down_px
        shown = size_px * (np.sqrt(x * y) if self.stretched else np.minimum(x, y)) / self.enough_px
        return np.asarray(np.clip((shown - DIM) / (1.0 - DIM), BLURRED, 1.0))

    def shows(self, size_px: float, region_px: float) -> bool:
        """Can the model recognise objects of `size_px` in a square region of that side at all?"""
        return size_px * min(self.width, self.height) > DIM * self.enough_px * region_px
