"""The middle of some numbers: as numpy tells it, without what numpy loads for it."""

import subprocess
import sys

import numpy as np
import pytest

from agent.median import median


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7, 100])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_it_is_numpys(count: int, kind: type[np.floating]) -> None:
    values = np.random.default_rng(count).normal(0, 1e3, count).astype(kind)
    assert median(values) == float(np.median(values))


def test_masked_arrays_stay_out_of_the_process() -> None:
    code = (
        "import sys, numpy as np; from agent.median import median; median(np.ones(4)); print('numpy.ma' in sys.modules)"
    )
    said = subprocess.run((sys.executable, "-c", code), check=True, capture_output=True, text=True)
    assert said.stdout == "False\n"
