"""Fixtures of the tests of providers."""

from pathlib import Path

import numpy as np
import pytest

from tests.detection.material import constant_model, yolox_rows


@pytest.fixture
def model(tmp_path: Path) -> Path:
    rows = yolox_rows()
    rows += np.random.default_rng(3).random(rows.shape, np.float32)
    return constant_model(tmp_path / "street.onnx", {"output": rows})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "providers"
