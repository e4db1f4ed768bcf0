"""A step of the light, as automatic exposure makes it: a straight line from the ground's grey levels to the picture's.

The finder looks once a second and needs this only for steps: what goes slowly, the ground learns.
"""

import numpy as np
import numpy.typing as npt

GRID = 4  # every fourth pixel of every fourth row
LEAST = 50  # pixels
STEP = 3.0  # grey levels: less is left to learning
STIFF = 100.0  # grey levels squared: flat scenes change by an offset only
GAINS = (0.3, 3.0)
NEAR = 12.0  # grey levels off the line: not the light


def light_step(
    scene: npt.NDArray[np.float32], picture: npt.NDArray[np.float32], differs: npt.NDArray[np.bool_]
) -> tuple[float, float] | None:
    """Gain and offset, by least squares over what did not differ before, twice; None when the light is the same."""
    usable = ~differs[::GRID, ::GRID]
    before, after = scene[::GRID, ::GRID][usable], picture[::GRID, ::GRID][usable]
    if before.size < LEAST:
        return None
    change = after - before
    quarters = [change.size // 4, change.size // 2, 3 * change.size // 4]
    low, middle, high = (float(value) for value in np.partition(change, quarters)[quarters])
    if max(abs(low), abs(middle), abs(high)) < STEP:
        return None
    near = np.abs(change - middle) < 3 * NEAR
    line = _line(before[near], after[near])
    near = np.abs(after - line[0] * before - line[1]) < NEAR
    if np.count_nonzero(near) < before.size // 2:
        return None  # not the light alone: the scene itself is another
    return _line(before[near], after[near])


def _line(before: npt.NDArray[np.float32], after: npt.NDArray[np.float32]) -> tuple[float, float]:
    if before.size < LEAST:
        return 1.0, 0.0
    mean_before, mean_after = float(before.mean()), float(after.mean())
    spread = before - mean_before
    shared, variance = float((spread * (after - mean_after)).mean()), float((spread * spread).mean())
    gain = min(max((shared + STIFF) / (variance + STIFF), GAINS[0]), GAINS[1])
    return gain, mean_after - gain * mean_before
