"""A street drawn by ourselves, for machines that cannot fetch a real one: people, motorbikes and cars that come and go.

The same seed gives the same pictures. It shows that the node works; figures about detection are never taken from it.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from av.video.frame import VideoFrame

from agent.values import Picture

WIDTH, HEIGHT, FPS = 768, 576, 10
SECONDS = 60
HORIZON, KERB, FAR_KERB = 190, 430, 250
NOISE = 2.0
SHARPER = 4  # OpenCV draws with this many bits of a pixel
SKIN = (140, 170, 205)
DARK = (40, 40, 45)

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Actor:
    """One thing that crosses the picture once, from `start_s` on, its feet at height `ground`."""

    kind: str  # person, motorbike, car
    start_s: float
    speed: float  # pixels per second; negative: to the left
    ground: float
    colour: Colour
    phase: float

    def x(self, at_s: float) -> float:
        """Where its middle is."""
        entry = -80.0 if self.speed > 0 else WIDTH + 80.0
        return entry + self.speed * (at_s - self.start_s)

    @property
    def height(self) -> float:
        """Of a standing person at this distance, in pixels."""
        return 0.42 * (self.ground - HORIZON) + 20


class Brush:
    """Draws in units of one figure's height, the origin between its feet, mirrored when it goes to the left."""

    def __init__(self, picture: Picture, x: float, actor: Actor) -> None:
        self._picture, self._x, self._y = picture, x, actor.ground
        self._unit = actor.height
        self._mirror = 1 if actor.speed > 0 else -1

    def _at(self, x: float, y: float) -> tuple[int, int]:
        scale = 1 << SHARPER
        return round((self._x + x * self._unit * self._mirror) * scale), round((self._y - y * self._unit) * scale)

    def blob(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        """A filled ellipse."""
        scale = self._unit * (1 << SHARPER) / 2
        axes = round(width * scale), round(height * scale)
        cv2.ellipse(self._picture, self._at(x, y), axes, 0, 0, 360, colour, -1, cv2.LINE_AA, SHARPER)

    def limb(self, start: tuple[float, float], end: tuple[float, float], width: float, colour: Colour) -> None:
        """A thick line."""
        thick = max(1, round(width * self._unit))
        cv2.line(self._picture, self._at(*start), self._at(*end), colour, thick, cv2.LINE_AA, SHARPER)

    def shape(self, corners: list[tuple[float, float]], colour: Colour) -> None:
        """A filled polygon."""
        points = np.array([self._at(*corner) for corner in corners], np.int32)
        cv2.fillPoly(self._picture, [points], colour, cv2.LINE_AA, SHARPER)


def street(seed: int = 1, seconds: int = SECONDS) -> Iterator[VideoFrame]:
    """The pictures, FPS of them per second, 4:2:0."""
    chance = random.Random(seed)
    noise = np.random.default_rng(seed)
    background = _background(noise)
    actors = sorted(_cast(chance, seconds), key=lambda actor: actor.ground)  # far ones first, near ones over them
    grains = noise.normal(0, NOISE, (8, HEIGHT, WIDTH, 1)).astype(np.float32)
    for index in range(seconds * FPS):
        at_s = index / FPS
        picture = background.copy()
        for actor in actors:
            x = actor.x(at_s)
            if at_s >= actor.start_s and -160 < x < WIDTH + 160:
                _draw(picture, actor, x, at_s)
        grainy = np.clip(picture + grains[chance.randrange(len(grains))], 0, 255).astype(np.uint8)
        yield VideoFrame.from_ndarray(cv2.cvtColor(grainy, cv2.COLOR_BGR2YUV_I420), format="yuv420p")


def _cast(chance: random.Random, seconds: int) -> Iterator[Actor]:
    def colour() -> Colour:
        return chance.randrange(30, 220), chance.randrange(30, 220), chance.randrange(30, 220)

    def later(rate_s: float) -> Iterator[float]:
        at_s = chance.uniform(0, rate_s)
        while at_s < seconds:
            yield at_s
            at_s += chance.expovariate(1 / rate_s) + 1.0

    for start_s in later(4.0):
        ground = chance.uniform(KERB + 15, HEIGHT - 20) if chance.random() < 0.6 else FAR_KERB + chance.uniform(-8, 4)
        speed = chance.choice((-1, 1)) * chance.uniform(0.7, 1.1) * 0.8 * (ground - HORIZON + 60) / 2.6
        yield Actor("person", start_s, speed, ground, colour(), chance.uniform(0, 6))
    for kind, rate_s, pace in (("motorbike", 5.0, 260.0), ("car", 14.0, 220.0)):
        for start_s in later(rate_s):
            right = chance.random() < 0.5
            ground = chance.uniform(370, 415) if right else chance.uniform(275, 310)
            speed = (1 if right else -0.7) * pace * chance.uniform(0.8, 1.2)
            yield Actor(kind, start_s, speed, ground, colour(), chance.uniform(0, 6))


def _background(noise: np.random.Generator) -> Picture:
    picture = np.full((HEIGHT, WIDTH, 3), (205, 190, 175), np.uint8)
    walls: list[Colour] = [(120, 150, 175), (150, 160, 165), (105, 130, 150), (165, 175, 170), (130, 140, 165)]
    for index, wall in enumerate(walls):
        left = index * 160 - 20
        roof = 40 + (index * 53) % 70
        cv2.rectangle(picture, (left, roof), (left + 156, HORIZON + 45), wall, -1)
        for row in range(roof + 18, HORIZON - 20, 42):
            for column in range(left + 18, left + 140, 36):
                cv2.rectangle(picture, (column, row), (column + 18, row + 24), (70, 60, 55), -1)
    cv2.rectangle(picture, (0, HORIZON + 45), (WIDTH, FAR_KERB + 8), (150, 155, 158), -1)
    cv2.rectangle(picture, (0, FAR_KERB + 8), (WIDTH, KERB), (92, 92, 94), -1)
    cv2.rectangle(picture, (0, KERB), (WIDTH, HEIGHT), (158, 163, 165), -1)
    for left in range(0, WIDTH, 90):
        cv2.rectangle(picture, (left, 334), (left + 46, 339), (215, 220, 220), -1)
    texture = cv2.GaussianBlur(noise.normal(0, 9, (HEIGHT, WIDTH, 1)).astype(np.float32), (0, 0), 1.2)
    return np.asarray(np.clip(picture + texture[:, :, None], 0, 255), np.uint8)


def _draw(picture: Picture, actor: Actor, x: float, at_s: float) -> None:
    brush = Brush(picture, x, actor)
    swing = math.sin(7 * at_s + actor.phase)
    {"person": _person, "motorbike": _motorbike, "car": _car}[actor.kind](brush, actor.colour, swing)


def _person(brush: Brush, shirt: Colour, swing: float) -> None:
    brush.blob(0, 0, 0.42, 0.06, (80, 82, 84))
    brush.limb((0, 0.48), (0.13 * swing, 0.02), 0.09, DARK)
    brush.limb((0, 0.48), (-0.13 * swing, 0.02), 0.09, (60, 50, 50))
    brush.shape([(-0.11, 0.82), (0.11, 0.82), (0.09, 0.45), (-0.09, 0.45)], shirt)
    brush.limb((0, 0.78), (-0.14 * swing, 0.48), 0.065, shirt)
    brush.blob(0, 0.91, 0.13, 0.17, SKIN)
    brush.blob(-0.01, 0.95, 0.14, 0.11, DARK)


def _motorbike(brush: Brush, body: Colour, swing: float) -> None:
    brush.blob(0, 0, 1.1, 0.08, (70, 70, 72))
    for wheel in (-0.38, 0.38):
        brush.blob(wheel, 0.17, 0.34, 0.34, (30, 30, 30))
        brush.blob(wheel, 0.17, 0.18, 0.18, (120, 120, 120))
    brush.shape([(-0.45, 0.42), (0.2, 0.42), (0.36, 0.6), (0.3, 0.25), (-0.3, 0.22)], body)
    brush.limb((0.34, 0.2), (0.26, 0.66), 0.05, DARK)
    brush.limb((-0.08, 0.46), (0.14, 0.22), 0.1, DARK)
    brush.shape([(-0.2, 0.5), (0.02, 0.5), (0.1, 0.86), (-0.1, 0.88)], (body[2], body[0], body[1]))
    brush.limb((0.04, 0.8), (0.27, 0.62 + 0.005 * swing), 0.06, SKIN)
    brush.blob(0.05, 0.98, 0.19, 0.2, (60, 60, 200))


def _car(brush: Brush, body: Colour, swing: float) -> None:
    brush.blob(0, 0, 2.6, 0.12, (70, 70, 72))
    brush.shape([(-1.25, 0.2), (-1.25, 0.5), (-0.95, 0.56), (1.1, 0.52), (1.28, 0.4), (1.28, 0.2)], body)
    brush.shape([(-0.9, 0.55), (-0.6, 0.86), (0.35, 0.86), (0.75, 0.53)], body)
    brush.shape([(-0.78, 0.56), (-0.55, 0.8), (0.3, 0.8), (0.6, 0.55)], (110, 95, 80))
    for wheel in (-0.8, 0.8):
        brush.blob(wheel, 0.19, 0.4, 0.4, (30, 30, 30))
        brush.blob(wheel, 0.19 + 0.002 * swing, 0.2, 0.2, (130, 130, 130))
