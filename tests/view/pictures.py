"""Drawn views of a street with enough in it to know it again, and what is done to cameras."""

import cv2
import numpy as np

from agent.clock import MediaClock
from agent.shrink import shrunk
from agent.values import Frame, Motion, Picture, View
from agent.view import ViewCheck

WIDTH, HEIGHT, FPS = 640, 360, 2
STILL = Motion((), 0.0)


def street(seed: int = 1) -> Picture:
    """Houses, windows and a road, drawn as random boxes and lines; sharp."""
    random = np.random.default_rng(seed)
    picture: Picture = np.full((HEIGHT, WIDTH), 120, np.uint8)
    for _ in range(70):
        x, y = (int(value) for value in random.integers((0, 0), (WIDTH, HEIGHT)))
        across, down = (int(value) for value in random.integers(15, 90, 2))
        cv2.rectangle(picture, (x, y), (x + across, y + down), int(random.integers(40, 220)), -1)
    for _ in range(30):
        ends = random.integers((0, 0, 0, 0), (WIDTH, HEIGHT, WIDTH, HEIGHT))
        cv2.line(picture, (int(ends[0]), int(ends[1])), (int(ends[2]), int(ends[3])), int(random.integers(30, 230)), 2)
    return picture


def grainy(picture: Picture, seed: int, spread: float = 2.0) -> Picture:
    noise = np.random.default_rng(seed).normal(0.0, spread, picture.shape)
    return np.asarray(np.clip(picture + noise, 0, 255), dtype=np.uint8)


def turned(picture: Picture, share: float) -> Picture:
    """The camera turned to the right by a share of the picture."""
    step = round(share * WIDTH)
    return np.asarray(np.hstack([picture[:, step:], street(9)[:, :step]]), dtype=np.uint8)


def bagged(_: Picture) -> Picture:
    """Dark cloth right before the lens."""
    return np.asarray(np.tile(np.linspace(40, 60, WIDTH, dtype=np.uint8), (HEIGHT, 1)), dtype=np.uint8)


def dazzled(picture: Picture) -> Picture:
    """A torch into the lens: white but for the corners."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    glow = 260 * np.exp(-(((x - WIDTH / 2) / 420) ** 2) - ((y - HEIGHT / 2) / 300) ** 2)
    return np.asarray(np.clip(picture * 0.4 + glow, 0, 235), dtype=np.uint8)


def defocused(picture: Picture, spread: float = 4.0) -> Picture:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), spread), dtype=np.uint8)


def bus(picture: Picture) -> Picture:
    """A bus right before the camera: most of the picture, with windows and a road left below."""
    drawn: Picture = picture.copy()
    cv2.rectangle(drawn, (0, 10), (WIDTH, 320), 70, -1)
    for left in range(20, WIDTH, 110):
        cv2.rectangle(drawn, (left, 40), (left + 85, 140), 180, -1)
        cv2.rectangle(drawn, (left + 10, 210), (left + 60, 225), 110, -1)
    return drawn


class Watch:
    """A view check and the time of its next frame."""

    def __init__(self) -> None:
        self.check = ViewCheck()
        self.now_s = 0.0
        self.view = View()
        self._count = 0

    def show(self, picture: Picture, seconds: float, every_s: float = 1 / FPS) -> View:
        """The same picture, with fresh noise, for so long."""
        for _ in range(round(seconds / every_s)):
            frame = frame_of(grainy(picture, self._count), self.now_s)
            self.view = self.check.update(frame, shrunk(frame), STILL)
            self.now_s += every_s
            self._count += 1
        return self.view


def frame_of(luma: Picture, at_s: float) -> Frame:
    """A grey frame."""
    clock = MediaClock()
    clock.advance(at_s)
    grey = np.full((luma.shape[0] // 2, luma.shape[1] // 2), 128, np.uint8)
    return Frame("cam", 0, round(at_s * 1000), clock.now(), luma, grey, grey)
