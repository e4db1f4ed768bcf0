"""Weather and what lives near the lens: rain, insects, webs, swaying leaves, shadows."""

import math

import cv2
import numpy as np
import numpy.typing as npt

from agent.values import Picture
from tests.scenes.disturb.base import Disturber
from tests.scenes.values import HEIGHT, WIDTH, Scene

Plane = npt.NDArray[np.float32]


class Rain(Disturber):
    """Streaks of drops that fall past while the shutter is open, and the haze that they make."""

    noise = 1.2

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._layers = [self._layer(index) for index in range(6)]

    def lens(self, picture: Picture, at_s: float) -> Picture:
        if not self.within(at_s):
            return picture
        frame = round(at_s * self.scene.fps)
        way = self.chance(2, frame).integers(0, WIDTH, 2)
        layer = np.roll(self._layers[frame % len(self._layers)], (int(way[0]) % HEIGHT, int(way[1])), axis=(0, 1))
        hazy = cv2.convertScaleAbs(picture, alpha=0.93, beta=10 if self.scene.light == "day" else 4)
        return np.asarray(cv2.add(hazy, cv2.merge([layer] * 3)), np.uint8)

    def _layer(self, index: int) -> Picture:
        chance = self.chance(1, index)
        layer = np.zeros((HEIGHT, WIDTH), np.uint8)
        bright = 60 if self.scene.light == "day" else 95
        for _ in range(220):
            x, y = int(chance.integers(0, WIDTH)), int(chance.integers(-40, HEIGHT))
            near = float(chance.random()) ** 3  # few drops are near: long, wide, quick
            length = 8 + 42 * near
            level = int(bright * (0.35 + 0.65 * chance.random()))
            end = round(x + 0.12 * length), round(y + length)
            cv2.line(layer, (x, y), end, level, 2 if near > 0.5 else 1, cv2.LINE_AA)
        return np.asarray(cv2.GaussianBlur(layer, (3, 3), 0), np.uint8)


class Insects(Disturber):
    """Insects that fly through the infrared light or before the sky: fast, out of focus, gone in half a second."""

    EVERY_S = 1.6

    def lens(self, picture: Picture, at_s: float) -> Picture:
        for index in range(int(max(at_s - 2.0, 0) / self.EVERY_S), int(at_s / self.EVERY_S) + 1):
            chance = self.chance(3, index)
            begins = (index + float(chance.random())) * self.EVERY_S
            lasts = float(chance.uniform(0.3, 0.9))
            if not begins <= at_s < begins + lasts or not self.within(at_s):
                continue
            start, end = chance.uniform(0, 1, 2), chance.uniform(-0.2, 1.2, 2)
            # Those in the lamp light of an infrared camera sit right before it.
            radius = float(chance.uniform(4, 16)) * (1.7 if self.scene.light == "night" else 1.0)
            share = (at_s - begins) / lasts
            wobble = 0.04 * math.sin(9 * share + index)
            x = (start[0] + share * (end[0] - start[0])) * WIDTH
            y = (start[1] + share * (end[1] - start[1]) + wobble) * HEIGHT
            pace = (end - start) * (WIDTH, HEIGHT) / lasts * 0.03  # the shutter is open for 30 ms
            _smear(picture, (x, y), (float(pace[0]), float(pace[1])), radius, self._tone())
        return picture

    def _tone(self) -> tuple[int, float]:
        return (250, 0.75) if self.scene.light == "night" else (45, 0.5)


class Web(Disturber):
    """Spider threads across the lens, out of focus, swinging in the wind, and the spider itself now and then."""

    def lens(self, picture: Picture, at_s: float) -> Picture:
        if not self.within(at_s):
            return picture
        layer = np.zeros((HEIGHT, WIDTH), np.uint8)
        for index in range(4):
            chance = self.chance(4, index)
            start = np.array([chance.uniform(-0.1, 0.6) * WIDTH, -10.0])
            end = np.array([chance.uniform(0.4, 1.1) * WIDTH, chance.uniform(0.3, 1.1) * HEIGHT])
            beat, phase = chance.uniform(0.25, 0.9), chance.uniform(0, 6)
            gust = 0.5 + 0.5 * math.sin(2 * math.pi * at_s / chance.uniform(7, 13) + phase)
            swing = 26 * gust * math.sin(2 * math.pi * beat * at_s + phase)
            way = np.linspace(0, 1, 24)[:, None]
            sag = np.sin(np.pi * way) * np.array([[swing, 14 + 0.4 * swing]])
            points = (start + way * (end - start) + sag) * 16
            cv2.polylines(layer, [points.astype(np.int32)], False, 255, 1 + index % 3, cv2.LINE_AA, 4)
        soft = cv2.GaussianBlur(layer, (0, 0), 3.2).astype(np.float32)[:, :, None] / 255
        glow, opaque = (235, 0.7) if self.scene.light == "night" else (80, 0.7)  # against the light by day
        picture[:] = (picture + soft * opaque * (glow - picture.astype(np.float32))).astype(np.uint8)
        crawl = (at_s % 20) / 20
        if crawl < 0.3:
            _smear(picture, (WIDTH * (0.3 + crawl), HEIGHT * crawl * 2), (0.5, 2.0), 13, (glow, opaque))
        return picture


class Trees(Disturber):
    """A leafy branch hangs into the picture and sways in gusts."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._leaves, self._alpha = _branch(self.chance(5), scene.light == "night")
        self._grid = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)

    def lens(self, picture: Picture, at_s: float) -> Picture:
        gust = 0.25 + 0.75 * max(0.0, math.sin(2 * math.pi * at_s / 11.0 + self.seed)) if self.within(at_s) else 0.0
        rows, columns = self._grid
        # The further from the trunk (upper left), the wider a twig swings; neighbours swing nearly together.
        lever = np.clip((columns + rows) / 330, 0, 1.4)
        sway = (
            gust
            * lever
            * (8 * np.sin(2 * np.pi * 0.55 * at_s + columns / 150) + 3 * np.sin(2 * np.pi * 1.7 * at_s + rows / 40))
        )
        nod = gust * lever * 4 * np.sin(2 * np.pi * 0.8 * at_s + columns / 90)
        to_x, to_y = (columns + sway).astype(np.float32), (rows + nod).astype(np.float32)
        leaves = cv2.remap(self._leaves, to_x, to_y, cv2.INTER_LINEAR)
        alpha = cv2.remap(self._alpha, to_x, to_y, cv2.INTER_LINEAR).astype(np.float32)[:, :, None] / 255
        return np.asarray(picture + alpha * (leaves.astype(np.float32) - picture), np.uint8)


class Clouds(Disturber):
    """Shadows of clouds pass over the street: soft, as dark as two thirds, some tens of pixels a second."""

    DEPTH, GRAIN, PACE = 0.42, 110.0, (46.0, 9.0)

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        rough = self.chance(6).normal(0, 1, (HEIGHT // 4, 2 * WIDTH // 4)).astype(np.float32)
        wrapped = np.tile(rough, (3, 3))
        smooth = cv2.GaussianBlur(wrapped, (0, 0), self.GRAIN / 4)[rough.shape[0] : -rough.shape[0]]
        smooth = smooth[:, rough.shape[1] : -rough.shape[1]]
        edge = 1 / (1 + np.exp(-2.2 * ((smooth - smooth.mean()) / (smooth.std() + 1e-6) - 0.2)))
        self._shade: Plane = (1 - self.DEPTH * edge).astype(np.float32)

    def lens(self, picture: Picture, at_s: float) -> Picture:
        if not self.within(at_s):
            return picture
        shade = self._moved(at_s)
        return np.asarray(picture * shade[:, :, None], np.uint8)

    def _moved(self, at_s: float) -> Plane:
        tall, wide = self._shade.shape
        right, down = self.PACE[0] * at_s / 4, self.PACE[1] * at_s / 4
        tiled = np.roll(self._shade, (int(down) % tall, int(right) % wide), axis=(0, 1))
        matrix = np.array([[4, 0, 4 * (right % 1)], [0, 4, 4 * (down % 1)]], np.float32)
        warped = cv2.warpAffine(tiled, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
        return np.asarray(warped, np.float32)


class TreeShade(Clouds):
    """The shadow of a tree in the wind: small dapples that swing to and fro."""

    DEPTH, GRAIN = 0.45, 15.0

    def _moved(self, at_s: float) -> Plane:
        gust = 0.3 + 0.7 * max(0.0, math.sin(2 * math.pi * at_s / 9.0 + self.seed))
        right = 9 * gust * math.sin(2 * math.pi * 0.5 * at_s)
        down = 4 * gust * math.sin(2 * math.pi * 0.8 * at_s + 1)
        matrix = np.array([[4, 0, right], [0, 4, down]], np.float32)
        warped = cv2.warpAffine(self._shade, matrix, (WIDTH, HEIGHT), borderMode=cv2.BORDER_WRAP)
        rows = np.linspace(0, 1, HEIGHT, dtype=np.float32)[:, None]
        columns = np.linspace(0, 1, WIDTH, dtype=np.float32)[None, :]
        fades = np.clip(1.5 - np.hypot((columns - 0.55) / 0.5, (rows - 0.7) / 0.5), 0, 1)  # one tree, one shadow
        return np.asarray(1 - (1 - warped) * fades, np.float32)


def _smear(
    picture: Picture, at: tuple[float, float], pace: tuple[float, float], radius: float, tone: tuple[int, float]
) -> None:
    # A blurred blob, drawn out along its way; tone: grey level and how opaque it is.
    reach = radius * 2 + max(abs(pace[0]), abs(pace[1]))
    x0, x1 = max(int(at[0] - reach), 0), min(int(at[0] + reach) + 1, WIDTH)
    y0, y1 = max(int(at[1] - reach), 0), min(int(at[1] + reach) + 1, HEIGHT)
    if x1 <= x0 or y1 <= y0:
        return
    layer = np.zeros((y1 - y0, x1 - x0), np.uint8)
    start = round(at[0] - pace[0] / 2 - x0), round(at[1] - pace[1] / 2 - y0)
    end = round(at[0] + pace[0] / 2 - x0), round(at[1] + pace[1] / 2 - y0)
    cv2.line(layer, start, end, 255, max(1, round(radius)), cv2.LINE_AA)
    soft = cv2.GaussianBlur(layer, (0, 0), max(radius * 0.4, 0.8)).astype(np.float32)[:, :, None] / 255
    part = picture[y0:y1, x0:x1]
    part[:] = (part + soft * tone[1] * (tone[0] - part.astype(np.float32))).astype(np.uint8)


def _branch(chance: np.random.Generator, night: bool) -> tuple[Picture, Picture]:
    leaves = np.full((HEIGHT, WIDTH, 3), (130,) * 3 if night else (30, 95, 60), np.uint8)
    alpha = np.zeros((HEIGHT, WIDTH), np.uint8)
    for _ in range(5):
        start = np.array([-20.0, chance.uniform(-30, 90)])
        end = np.array([chance.uniform(150, 330), chance.uniform(10, 190)])
        for layer, colour in ((leaves, (70, 70, 70) if night else (40, 55, 60)), (alpha, 255)):
            cv2.line(layer, tuple(start.astype(int)), tuple(end.astype(int)), colour, 3, cv2.LINE_AA)
        for _ in range(110):
            share = float(chance.random()) ** 0.7
            at = start + share * (end - start) + chance.normal(0, 17, 2)
            size = int(chance.integers(5, 12)), int(chance.integers(2, 5))
            green = int(chance.integers(60, 150))
            colour3 = (green // 3, green, green * 2 // 3) if not night else (85 + green // 2,) * 3
            angle = float(chance.uniform(0, 180))
            middle = (int(at[0]), int(at[1]))
            cv2.ellipse(leaves, middle, size, angle, 0, 360, colour3, -1, cv2.LINE_AA)
            cv2.ellipse(alpha, middle, size, angle, 0, 360, 255, -1, cv2.LINE_AA)
    return np.asarray(cv2.GaussianBlur(leaves, (0, 0), 0.8), np.uint8), np.asarray(
        cv2.GaussianBlur(alpha, (0, 0), 0.8), np.uint8
    )
