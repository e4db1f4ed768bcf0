"""Small pictures of a street with cars in it, made of seeded noise: enough for a look, and nobody's."""

import cv2
import numpy as np

from agent.values import Box, Picture

ROWS, COLUMNS = 144, 192
SPOT = Box(0.40, 0.50, 0.60, 0.68)  # where the car is parked
LORRY = Box(0.30, 0.35, 0.75, 0.72)


def street(seed: int = 1) -> Picture:
    """An empty road: grey, a little texture."""
    source = np.random.default_rng(seed)
    rough = cv2.resize(source.normal(0, 12, (36, 48)).astype(np.float32), (COLUMNS, ROWS))
    return np.asarray(np.clip(110 + rough, 0, 255), np.uint8)


def painted(picture: Picture, box: Box, seed: int) -> Picture:
    """With a thing of this seed in the box: the same seed looks the same anywhere and at any size."""
    top, bottom = round(box.top * ROWS), round(box.bottom * ROWS)
    left, right = round(box.left * COLUMNS), round(box.right * COLUMNS)
    coarse = np.random.default_rng(seed).integers(20, 235, (5, 7)).astype(np.uint8)
    result: Picture = picture.copy()
    result[top:bottom, left:right] = cv2.resize(coarse, (right - left, bottom - top), interpolation=cv2.INTER_LINEAR)
    return result


def noisy(picture: Picture, seed: int, sigma: float = 4.0) -> Picture:
    """With the noise of a sensor."""
    noise = np.random.default_rng(seed).normal(0, sigma, picture.shape)
    return np.asarray(np.clip(picture + noise, 0, 255), np.uint8)


def lit(picture: Picture, gain: float, glare: float) -> Picture:
    """In the light of headlamps: all brighter by `gain`, and `glare` grey levels more from left to right."""
    ramp = np.linspace(0, glare, picture.shape[1])[None, :]
    return np.asarray(np.clip(picture * gain + ramp, 0, 255), np.uint8)
