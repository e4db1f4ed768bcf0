"""How the light of the whole picture has changed: a straight line from the scene's grey levels to the picture's.

A gain alone does not tell it: cameras add to dark pixels and hold back bright ones when they set their exposure.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from agent.median import median
from agent.values import Picture

GRID = 4  # every fourth pixel of every fourth row is looked at
MIN_PIXELS = 30
STIFFNESS = 10.0  # grey levels: a scene with less contrast than this tells little about the gain
GAIN_RANGE = (0.4, 2.5)
OUTLIER = 12.0  # grey levels off the line: somebody walks there


@dataclass(frozen=True, slots=True)
class Light:
    """`picture = gain * scene + offset`, in grey levels."""

    gain: float = 1.0
    offset: float = 0.0

    @property
    def changed(self) -> bool:
        """By more than rounding."""
        return abs(self.gain - 1.0) > 1e-3 or abs(self.offset) > 0.1


def light_between(scene: npt.NDArray[np.float32], now: Picture, quiet: Picture) -> Light:
    """Least squares over a grid of the `quiet` pixels (255), twice: the second time without what is off the line.

    The slope is drawn towards 1 as in ridge regression, so that flat scenes change by an offset only.
    """
    usable = quiet[::GRID, ::GRID] > 0
    before, after = scene[::GRID, ::GRID][usable], now[::GRID, ::GRID][usable].astype(np.float32)
    if len(before) < MIN_PIXELS:
        return Light()
    # The median change first: passers-by are few, but far off.
    rest = after - before
    near = np.abs(rest - median(rest)) < 2 * OUTLIER
    light = _line(before[near], after[near])
    near = np.abs(after - light.gain * before - light.offset) < OUTLIER
    return _line(before[near], after[near])


def _line(before: npt.NDArray[np.float32], after: npt.NDArray[np.float32]) -> Light:
    if len(before) < MIN_PIXELS:
        return Light()
    mean_before, mean_after = float(np.add.reduce(before)) / len(before), float(np.add.reduce(after)) / len(after)
    spread = before - mean_before
    variance = float(spread @ spread) / len(before)
    shared = float(spread @ (after - mean_after)) / len(before)
    gain = (shared + STIFFNESS**2) / (variance + STIFFNESS**2)
    gain = min(max(gain, GAIN_RANGE[0]), GAIN_RANGE[1])
    return Light(gain, mean_after - gain * mean_before)
