"""Drawn luma pictures and frames of them, for scripted scenes."""

import numpy as np

from agent.clock import MediaClock
from agent.shrink import shrunk
from agent.values import Box, Frame, Picture, Small


def frame(luma: Picture, at_s: float, run: int = 0) -> Frame:
    clock = MediaClock()
    clock.advance(at_s)
    height, width = luma.shape
    grey = np.full(((height + 1) // 2, (width + 1) // 2), 128, np.uint8)
    return Frame("cam", run, round(at_s * 1000), clock.now(), luma, grey, grey)


def small(luma: Picture, at_s: float, run: int = 0) -> Small:
    return shrunk(frame(luma, at_s, run))


def scene(width: int = 640, height: int = 360, level: int = 100) -> Picture:
    """A still street with some structure: a wall, a road, a bright window."""
    picture = np.full((height, width), level, np.uint8)
    picture[height // 2 :] = level // 2
    picture[height // 8 : height // 4, width // 8 : width // 4] = min(2 * level, 220)
    return picture


def noisy(picture: Picture, seed: int, spread: float = 3.0) -> Picture:
    noise = np.random.default_rng(seed).normal(0.0, spread, picture.shape)
    return np.asarray(np.clip(picture + noise, 0, 255), dtype=np.uint8)


def with_person(picture: Picture, box: Box, level: int = 220) -> Picture:
    height, width = picture.shape
    drawn: Picture = picture.copy()
    rows = slice(round(box.top * height), round(box.bottom * height))
    drawn[rows, round(box.left * width) : round(box.right * width)] = level
    return drawn


def walker(step: int, speed: float = 0.02) -> Box:
    """A person who walks to the right, one `speed` of the width per step."""
    left = 0.1 + speed * step
    return Box(left, 0.4, left + 0.05, 0.7)
