"""Light and the camera's own doing: headlights, lamps, exposure, noise, infrared, shake, dusk."""

import math

import cv2
import numpy as np

from agent.values import Picture
from tests.scenes.disturb.base import Disturber
from tests.scenes.plates import night
from tests.scenes.values import HEIGHT, WIDTH


class Headlights(Disturber):
    """Beams of vehicles outside of the picture sweep over the street, one every seven seconds or so."""

    EVERY_S, LASTS_S = 7.0, 3.2

    def lens(self, picture: Picture, at_s: float) -> Picture:
        index = int(at_s / self.EVERY_S)
        chance = self.chance(7, index)
        begins = index * self.EVERY_S + float(chance.uniform(0, self.EVERY_S - self.LASTS_S))
        share = (at_s - begins) / self.LASTS_S
        if not 0 <= share < 1 or not self.within(at_s):
            return picture
        way = -0.4 + 1.8 * share**1.3
        x = (way if chance.random() < 0.5 else 1 - way) * WIDTH
        y = float(chance.uniform(0.4, 0.75)) * HEIGHT
        rows, columns = np.mgrid[0:HEIGHT:4, 0:WIDTH:4].astype(np.float32)
        beam = np.exp(-(((columns - x) / 150) ** 2) - ((rows - y) / 62) ** 2)
        strength = 2.6 * math.sin(math.pi * share) ** 0.6
        gain = cv2.resize(1 + strength * beam, (WIDTH, HEIGHT))[:, :, None]
        veil = cv2.resize(26 * math.sin(math.pi * share) * beam**0.3, (WIDTH, HEIGHT))[:, :, None]
        return np.asarray(np.clip(picture * gain + veil, 0, 255), np.uint8)


class Lamp(Disturber):
    """A lamp beside the street goes on and off at once, each ten seconds; the camera's exposure answers a little."""

    EVERY_S = 10.0

    def lens(self, picture: Picture, at_s: float) -> Picture:
        if int(at_s / self.EVERY_S) % 2 == 0 or not self.within(at_s):
            return picture
        rows, columns = np.mgrid[0:HEIGHT:4, 0:WIDTH:4].astype(np.float32)
        pool = np.exp(-(((columns - 0.7 * WIDTH) / 240) ** 2) - ((rows - 0.5 * HEIGHT) / 150) ** 2)
        since = at_s % self.EVERY_S
        answer = 1 - 0.12 * min(since / 1.5, 1)
        gain = cv2.resize(answer * (1.15 + 0.9 * pool), (WIDTH, HEIGHT))[:, :, None]
        return np.asarray(np.clip(picture * gain, 0, 255), np.uint8)


class LampOff(Disturber):
    """The street lamp goes out for good: two fifths of the light go at once, the rest still shows the street."""

    def gain(self, at_s: float) -> float:
        return 0.6 if self.within(at_s) else 1.0


class Exposure(Disturber):
    """The camera's automatic exposure jumps up and down, each step within a third of a second."""

    def gain(self, at_s: float) -> float:
        before = gain = 1.0
        at, index = 0.0, 0
        while at <= at_s:
            chance = self.chance(8, index)
            before, gain = gain, float(chance.choice([0.72, 0.85, 1.0, 1.2, 1.4]))
            started, at = at, at + float(chance.uniform(4, 8))
            index += 1
        share = min((at_s - started) / 0.3, 1.0)
        return before + share * (gain - before) if self.within(at_s) else 1.0


class Noise(Disturber):
    """A poor sensor with its gain up."""

    noise = 3.2


class Shake(Disturber):
    """A pole in the wind: a part of a pixel always, some pixels in gusts."""

    def shift(self, at_s: float) -> tuple[float, float]:
        if not self.within(at_s):
            return 0.0, 0.0
        gust = 0.35 + 2.6 * max(0.0, math.sin(2 * math.pi * at_s / 13.0 + self.seed)) ** 3
        dx = math.sin(2 * math.pi * 2.3 * at_s) + 0.5 * math.sin(2 * math.pi * 3.7 * at_s + 1)
        dy = math.sin(2 * math.pi * 2.9 * at_s + 2) + 0.4 * math.sin(2 * math.pi * 4.3 * at_s)
        return gust * dx, 0.6 * gust * dy

    def ground(self, picture: Picture, at_s: float) -> Picture:
        dx, dy = self.shift(at_s)
        matrix = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
        size = (WIDTH, HEIGHT)
        return np.asarray(cv2.warpAffine(picture, matrix, size, borderMode=cv2.BORDER_REPLICATE), np.uint8)


class InfraredSwitch(Disturber):
    """The filter opens: colour by day becomes grey under the infrared lamp, too bright for a moment; and back."""

    noise = 1.6

    def lens(self, picture: Picture, at_s: float) -> Picture:
        return night(picture) if self.within(at_s) else picture

    def gain(self, at_s: float) -> float:
        for switched in (self.scene.disturbance.from_s, self.scene.disturbance.to_s):
            since = at_s - switched
            if 0 <= since < 0.9:
                return 1 + 0.7 * (1 - since / 0.9)
        return 1.0


class Dusk(Disturber):
    """Night falls within the scene, quicker than it does: down to three tenths of the light."""

    def gain(self, at_s: float) -> float:
        return 1.0 - 0.7 * min(at_s / max(self.scene.seconds - 5, 1), 1.0)
