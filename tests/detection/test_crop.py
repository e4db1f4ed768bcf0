"""Crops out of the planes equal crops out of the converted picture, and large ones are halved."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.detection.crop import Window, cut, window
from agent.values import Box, Frame
from tests.detection.material import AT, frame_of

RANDOM = np.random.default_rng(7)
PICTURE = cv2.GaussianBlur(RANDOM.integers(0, 256, (96, 128, 3), np.uint8), (0, 0), 3)
FRAME = frame_of(np.asarray(PICTURE, np.uint8))
ALL = Window(0, 0, 128, 96)
LARGE = (416, 416)
WHOLE = cut(FRAME, ALL, LARGE)
side = st.floats(-0.3, 1.3, allow_nan=False)


@given(st.tuples(side, side), st.tuples(side, side))
@settings(max_examples=200, deadline=None)
def test_a_crop_is_a_window_of_the_whole(xs: tuple[float, float], ys: tuple[float, float]) -> None:
    region = Box(min(xs), min(ys), max(xs), max(ys))
    shown = window(FRAME, region)
    inside = region.clipped()
    if shown is None:
        assert inside.width * 128 < 2 or inside.height * 96 < 2
        return
    right, bottom = shown.left + shown.width, shown.top + shown.height
    assert np.array_equal(cut(FRAME, shown, LARGE), WHOLE[shown.top : bottom, shown.left : right])
    assert shown.left <= inside.left * 128 and inside.right * 128 <= right
    assert shown.top <= inside.top * 96 and inside.bottom * 96 <= bottom
    assert shown.width <= inside.width * 128 + 4 and shown.height <= inside.height * 96 + 4


def test_odd_sides_lose_one_row_and_column() -> None:
    luma = np.full((5, 7), 128, np.uint8)
    chroma = np.full((3, 4), 128, np.uint8)
    shown = window(Frame("gate", 0, 0, AT, luma, chroma, chroma), Box(0, 0, 1, 1))
    assert shown == Window(0, 0, 6, 4)


def test_planes_may_be_views_with_padding() -> None:
    wide = np.zeros((96, 160), np.uint8)
    wide[:, :128] = FRAME.luma
    half = np.zeros((48, 96), np.uint8)
    half[:, :64] = FRAME.u
    padded = Frame("gate", 0, 0, AT, wide[:, :128], half[:, :64], FRAME.v)
    assert np.array_equal(cut(padded, ALL, LARGE), WHOLE)
    assert np.array_equal(cut(padded, ALL, (32, 32)), cut(FRAME, ALL, (32, 32)))


@pytest.mark.parametrize(
    ("size", "shape"),
    [((128, 96), (96, 128)), ((65, 40), (96, 128)), ((64, 48), (48, 64)), ((30, 24), (24, 32)), ((1, 1), (2, 4))],
)
def test_what_is_twice_as_large_as_the_input_is_halved(size: tuple[int, int], shape: tuple[int, int]) -> None:
    picture = cut(FRAME, ALL, size)
    assert picture.shape == (*shape, 3)
    truth = cv2.resize(WHOLE, shape[::-1], interpolation=cv2.INTER_AREA)
    assert np.abs(picture.astype(int) - truth).mean() < 4.0  # clipped colours and coarser chroma


def test_halving_counts_every_pixel() -> None:
    luma = np.zeros((64, 64), np.uint8)
    luma[1::4, 2::4] = 240  # one of sixteen: each fourth pixel alone would see all of it or nothing
    grey = np.full((32, 32), 128, np.uint8)
    planes = Frame("gate", 0, 0, AT, luma, grey, grey)
    shown = cut(planes, Window(0, 0, 64, 64), (16, 16))
    brightest = cut(Frame("gate", 0, 0, AT, np.full_like(luma, 15), grey, grey), Window(0, 0, 64, 64), (64, 64))
    assert shown.shape == (16, 16, 3)
    assert np.array_equal(shown, np.broadcast_to(brightest[0, 0], shown.shape))


@pytest.mark.parametrize("odd", [Window(2, 4, 102, 70), Window(0, 0, 126, 34), Window(0, 0, 128, 2)])
def test_any_even_window_is_shrunk(odd: Window) -> None:
    height, width = cut(FRAME, odd, (10, 8)).shape[:2]
    assert height % 2 == width % 2 == 0
    assert width / odd.width == pytest.approx(height / odd.height, abs=0.1)
