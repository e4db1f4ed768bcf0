"""The middle of some numbers, as `np.median` tells it; that one loads `numpy.ma` when it is first called: 1.1 MB."""

import numpy as np
import numpy.typing as npt


def median(values: "npt.NDArray[np.floating]") -> float:
    """Of one dimension, at least one number and no NaN; of an even count the mean of the two in the middle."""
    half = len(values) // 2
    if len(values) % 2:
        return float(np.partition(values, half)[half])
    low, high = np.partition(values, (half - 1, half))[half - 1 : half + 1]
    return float((low + high) / 2)
