"""Things that no clip shows, drawn: bag, box, rubbish heap, stall, motorbike with rider; and figures in need.

Each is painted on black and on white: what differs tells how opaque each pixel is.
"""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import cv2
import numpy as np

from agent.values import Picture
from deploy.scene import DARK, SKIN, Colour

UNIT = 160.0  # pixels of a person's height
SHARPER = 4  # OpenCV draws with this many bits of a pixel


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """A drawn cut-out."""

    picture: Picture = field(repr=False)
    alpha: Picture = field(repr=False)
    unit: float = UNIT


class Pen:
    """Draws in persons' heights, the origin on the ground in the middle of the canvas."""

    def __init__(self, canvas: Picture) -> None:
        self._canvas = canvas

    def _at(self, x: float, y: float) -> tuple[int, int]:
        height, width = self._canvas.shape[:2]
        scale = 1 << SHARPER
        return round((width / 2 + x * UNIT) * scale), round((height - 12 - y * UNIT) * scale)

    def blob(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        """A filled ellipse."""
        scale = UNIT * (1 << SHARPER) / 2
        axes = round(width * scale), round(height * scale)
        cv2.ellipse(self._canvas, self._at(x, y), axes, 0, 0, 360, colour, -1, cv2.LINE_AA, SHARPER)

    def limb(self, start: tuple[float, float], end: tuple[float, float], width: float, colour: Colour) -> None:
        """A thick line."""
        thick = max(1, round(width * UNIT))
        cv2.line(self._canvas, self._at(*start), self._at(*end), colour, thick, cv2.LINE_AA, SHARPER)

    def shape(self, corners: list[tuple[float, float]], colour: Colour) -> None:
        """A filled polygon."""
        points = np.array([self._at(*corner) for corner in corners], np.int32)
        cv2.fillPoly(self._canvas, [points], colour, cv2.LINE_AA, SHARPER)


def person() -> list[Figure]:
    """Twelve steps to the right."""
    return [_figure(partial(_walker, 2 * math.pi * step / 12, (60, 60, 150))) for step in range(12)]


def motorbike() -> list[Figure]:
    """With its rider, to the right."""
    return [_figure(_rider)]


def car() -> list[Figure]:
    """From the side, to the right."""
    return [_figure(_car)]


def bus() -> list[Figure]:
    """From the side; 1.8 persons high and 5 long."""

    def draw(pen: Pen) -> None:
        pen.shape([(-2.5, 0.2), (2.5, 0.2), (2.5, 1.75), (2.4, 1.82), (-2.45, 1.82), (-2.5, 1.7)], (60, 130, 60))
        pen.shape([(-2.5, 0.2), (2.5, 0.2), (2.5, 0.75), (-2.5, 0.75)], (70, 190, 215))
        for index in range(9):
            left = -2.4 + index * 0.53
            pen.shape([(left, 0.95), (left + 0.46, 0.95), (left + 0.46, 1.55), (left, 1.55)], (75, 68, 60))
            pen.shape([(left + 0.05, 1.0), (left + 0.2, 1.0), (left + 0.3, 1.5), (left + 0.15, 1.5)], (105, 98, 90))
        chance = random.Random(4)
        for _ in range(40):  # heads behind the windows, letters and dirt on the side
            x, top = chance.uniform(-2.4, 2.3), chance.random() < 0.4
            grey = chance.randrange(30, 150)
            if top:
                pen.blob(x, chance.uniform(1.0, 1.15), 0.16, 0.24, (grey, grey + 20, grey + 40))
            else:
                y, wide = chance.uniform(0.3, 0.65), chance.uniform(0.03, 0.3)
                pen.shape([(x, y), (x + wide, y), (x + wide, y + 0.08), (x, y + 0.08)], (grey, grey, grey + 60))
        for x in (-0.9, 1.6):
            pen.shape([(x, 0.25), (x + 0.4, 0.25), (x + 0.4, 1.55), (x, 1.55)], (95, 90, 85))
        for wheel in (-1.7, 0.9):
            pen.blob(wheel, 0.24, 0.5, 0.5, (25, 25, 25))
            pen.blob(wheel, 0.24, 0.26, 0.26, (120, 120, 122))

    return [_figure(draw, grain=7)]


def bag() -> list[Figure]:
    """A sports bag, about 0.3 of a person high."""

    def draw(pen: Pen) -> None:
        pen.shape([(-0.2, 0.02), (0.2, 0.0), (0.22, 0.2), (0.15, 0.27), (-0.16, 0.27), (-0.22, 0.18)], (60, 40, 35))
        pen.shape([(-0.16, 0.27), (0.15, 0.27), (0.22, 0.2), (-0.22, 0.18)], (95, 70, 60))
        pen.limb((-0.1, 0.25), (-0.06, 0.34), 0.025, (30, 25, 20))
        pen.limb((-0.06, 0.34), (0.06, 0.34), 0.025, (30, 25, 20))
        pen.limb((0.06, 0.34), (0.1, 0.25), 0.025, (30, 25, 20))
        pen.limb((-0.08, 0.01), (-0.1, 0.26), 0.03, (40, 60, 190))
        pen.limb((0.09, 0.01), (0.08, 0.26), 0.03, (40, 60, 190))

    return [_figure(draw, grain=9)]


def box() -> list[Figure]:
    """A cardboard box, about 0.4 of a person high."""

    def draw(pen: Pen) -> None:
        pen.shape([(-0.28, 0.05), (0.06, 0.0), (0.06, 0.32), (-0.28, 0.36)], (95, 140, 175))
        pen.shape([(0.06, 0.0), (0.28, 0.07), (0.28, 0.37), (0.06, 0.32)], (70, 108, 140))
        pen.shape([(-0.28, 0.36), (0.06, 0.32), (0.28, 0.37), (-0.04, 0.42)], (120, 170, 205))
        pen.limb((-0.11, 0.02), (-0.11, 0.34), 0.03, (150, 190, 215))
        pen.limb((-0.24, 0.2), (-0.17, 0.19), 0.05, (60, 70, 90))

    return [_figure(draw, grain=7)]


def heap() -> list[Figure]:
    """Rubbish: sacks, planks, rags; about 0.45 of a person high and wider."""

    def draw(pen: Pen) -> None:
        chance = random.Random(5)
        colours: list[Colour] = [
            (40, 40, 42),
            (60, 110, 60),
            (160, 165, 170),
            (60, 70, 140),
            (150, 110, 60),
            (90, 120, 150),
        ]
        for index in range(60):
            height = 0.02 + 0.36 * (1 - index / 60)
            spread = 0.5 * (1 - height / 0.5)
            x, y = chance.uniform(-spread, spread), height * chance.uniform(0.5, 1)
            colour = chance.choice(colours)
            if chance.random() < 0.3:
                pen.limb((x, y), (x + chance.uniform(-0.2, 0.2), y + chance.uniform(-0.06, 0.1)), 0.03, colour)
            else:
                pen.blob(x, y, chance.uniform(0.1, 0.24), chance.uniform(0.07, 0.16), colour)

    return [_figure(draw, grain=14)]


def stall() -> list[Figure]:
    """A street stall: table with goods under an awning, about 1.2 persons high."""

    def draw(pen: Pen) -> None:
        for x in (-0.55, 0.55):
            pen.limb((x, 0.0), (x, 1.1), 0.035, (120, 125, 130))
        pen.shape([(-0.6, 0.1), (0.6, 0.1), (0.6, 0.45), (-0.6, 0.45)], (90, 120, 160))
        pen.shape([(-0.62, 0.45), (0.62, 0.45), (0.58, 0.53), (-0.58, 0.53)], (150, 180, 205))
        chance = random.Random(8)
        for index in range(22):
            colour = (chance.randrange(20, 90), chance.randrange(80, 200), chance.randrange(120, 240))
            pen.blob(-0.52 + index * 0.05, 0.54 + 0.03 * (index % 2), 0.09, 0.09, colour)
        for index in range(8):
            left = -0.7 + index * 0.175
            colour = (60, 60, 200) if index % 2 else (225, 230, 235)
            pen.shape([(left, 0.98), (left + 0.175, 0.98), (left * 0.9 + 0.16, 1.2), (left * 0.9, 1.2)], colour)

    return [_figure(draw, grain=8)]


def _figure(draw: Callable[[Pen], None], grain: float = 5.0) -> Figure:
    size = round(UNIT * 5.4)
    pictures = []
    for level in (0, 255):
        canvas = np.full((size, size, 3), level, np.uint8)
        draw(Pen(canvas))
        pictures.append(canvas.astype(np.float32))
    black, white = pictures
    alpha = 1 - (white - black).mean(axis=2) / 255
    noise = np.random.default_rng(3).normal(0, grain, (size, size)).astype(np.float32)
    noise = np.asarray(cv2.GaussianBlur(noise, (0, 0), 1.5), np.float32) * 2
    shade = np.linspace(1.08, 0.86, size, dtype=np.float32)[:, None, None]  # light comes from above
    colour = black / np.maximum(alpha, 0.05)[:, :, None] * shade + noise[:, :, None]
    picture = cv2.GaussianBlur(np.clip(colour, 0, 255), (0, 0), 0.8)
    alpha = cv2.GaussianBlur(alpha, (0, 0), 0.8)
    rows, columns = np.flatnonzero((alpha > 0.02).any(axis=1)), np.flatnonzero((alpha > 0.02).any(axis=0))
    part = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return Figure(np.asarray(picture[part], np.uint8), np.asarray(np.clip(alpha[part], 0, 1) * 255, np.uint8))


def _walker(turn: float, shirt: Colour, pen: Pen) -> None:
    swing = math.sin(turn)
    pen.limb((0, 0.48), (0.13 * swing, 0.03), 0.09, DARK)
    pen.limb((0, 0.48), (-0.13 * swing, 0.03), 0.09, (60, 50, 50))
    pen.shape([(-0.11, 0.82), (0.11, 0.82), (0.09, 0.45), (-0.09, 0.45)], shirt)
    pen.limb((0, 0.78), (-0.14 * swing, 0.48), 0.065, shirt)
    pen.blob(0, 0.91, 0.13, 0.17, SKIN)
    pen.blob(-0.01, 0.95, 0.14, 0.11, DARK)


def _rider(pen: Pen) -> None:
    for wheel in (-0.37, 0.37):
        pen.blob(wheel, 0.18, 0.36, 0.36, (28, 28, 28))
        pen.blob(wheel, 0.18, 0.25, 0.25, (110, 110, 112))
        pen.blob(wheel, 0.18, 0.2, 0.2, (50, 50, 52))
        pen.blob(wheel, 0.18, 0.07, 0.07, (150, 150, 150))
    pen.limb((0.37, 0.18), (0.26, 0.6), 0.035, (150, 150, 155))
    pen.shape([(-0.12, 0.12), (0.12, 0.12), (0.16, 0.32), (-0.12, 0.32)], (70, 72, 75))
    pen.limb((-0.3, 0.12), (0.05, 0.12), 0.045, (165, 165, 168))
    pen.shape(
        [(-0.5, 0.46), (-0.1, 0.42), (0.1, 0.42), (0.24, 0.58), (0.1, 0.57), (-0.12, 0.5), (-0.45, 0.52)], (40, 40, 170)
    )
    pen.shape([(-0.42, 0.5), (0.04, 0.5), (0.02, 0.55), (-0.4, 0.56)], (25, 25, 28))
    pen.shape([(0.2, 0.42), (0.33, 0.42), (0.32, 0.66), (0.23, 0.66)], (40, 40, 185))
    pen.blob(0.36, 0.56, 0.08, 0.1, (225, 230, 230))
    pen.limb((0.24, 0.68), (0.16, 0.71), 0.03, (30, 30, 30))
    pen.limb((-0.5, 0.4), (-0.38, 0.38), 0.03, (60, 60, 220))
    pen.limb((-0.12, 0.6), (0.1, 0.5), 0.12, (90, 65, 50))
    pen.limb((0.1, 0.5), (0.04, 0.24), 0.09, (90, 65, 50))
    pen.limb((0.03, 0.2), (0.12, 0.19), 0.06, (30, 30, 35))
    pen.shape([(-0.24, 0.56), (0.0, 0.58), (0.06, 0.94), (-0.1, 0.98), (-0.2, 0.8)], (165, 150, 130))
    pen.limb((-0.02, 0.88), (0.06, 0.72), 0.075, (150, 135, 115))
    pen.limb((0.06, 0.72), (0.19, 0.7), 0.06, SKIN)
    pen.blob(0.02, 1.07, 0.15, 0.19, SKIN)
    pen.blob(0.0, 1.11, 0.21, 0.2, (200, 205, 210))
    pen.limb((0.0, 1.06), (0.08, 1.06), 0.02, (90, 90, 95))


def _car(pen: Pen) -> None:
    pen.shape([(-1.2, 0.2), (1.2, 0.2), (1.18, 0.5), (0.7, 0.56), (-1.15, 0.56)], (150, 150, 155))
    pen.shape([(-0.9, 0.55), (0.7, 0.55), (0.3, 0.88), (-0.6, 0.88)], (150, 150, 155))
    pen.shape([(-0.78, 0.56), (-0.06, 0.56), (-0.06, 0.83), (-0.55, 0.83)], (70, 60, 55))
    pen.shape([(0.0, 0.56), (0.58, 0.56), (0.26, 0.83), (0.0, 0.83)], (70, 60, 55))
    for wheel in (-0.72, 0.72):
        pen.blob(wheel, 0.19, 0.38, 0.38, (28, 28, 28))
        pen.blob(wheel, 0.19, 0.2, 0.2, (130, 130, 132))
