"""Crops out of the planes equal crops out of the converted picture."""

import cv2
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.detection.crop import crop
from agent.values import Box, Frame
from tests.detection.material import AT, frame_of

RANDOM = np.random.default_rng(7)
PICTURE = cv2.GaussianBlur(RANDOM.integers(0, 256, (96, 128, 3), np.uint8), (0, 0), 3)
FRAME = frame_of(np.asarray(PICTURE, np.uint8))
WHOLE = crop(FRAME, Box(0, 0, 1, 1))
side = st.floats(-0.3, 1.3, allow_nan=False)


@given(st.tuples(side, side), st.tuples(side, side))
@settings(max_examples=200, deadline=None)
def test_a_crop_is_a_window_of_the_whole(xs: tuple[float, float], ys: tuple[float, float]) -> None:
    region = Box(min(xs), min(ys), max(xs), max(ys))
    cut = crop(FRAME, region)
    inside = region.clipped()
    if cut is None:
        assert inside.width * 128 < 2 or inside.height * 96 < 2
        return
    assert WHOLE is not None
    height, width = cut.picture.shape[:2]
    window = WHOLE.picture[cut.top : cut.top + height, cut.left : cut.left + width]
    assert np.array_equal(cut.picture, window)
    assert cut.left <= inside.left * 128 and inside.right * 128 <= cut.left + width
    assert cut.top <= inside.top * 96 and inside.bottom * 96 <= cut.top + height
    assert width <= inside.width * 128 + 4 and height <= inside.height * 96 + 4


def test_odd_sides_lose_one_row_and_column() -> None:
    luma = np.full((5, 7), 128, np.uint8)
    chroma = np.full((3, 4), 128, np.uint8)
    cut = crop(Frame("gate", 0, 0, AT, luma, chroma, chroma), Box(0, 0, 1, 1))
    assert cut is not None and cut.picture.shape == (4, 6, 3)


def test_planes_may_be_views_with_padding() -> None:
    wide = np.zeros((96, 160), np.uint8)
    wide[:, :128] = FRAME.luma
    half = np.zeros((48, 96), np.uint8)
    half[:, :64] = FRAME.u
    padded = Frame("gate", 0, 0, AT, wide[:, :128], half[:, :64], FRAME.v)
    cut = crop(padded, Box(0, 0, 1, 1))
    assert cut is not None and WHOLE is not None and np.array_equal(cut.picture, WHOLE.picture)
