"""What people do to a camera: cover it, turn it, blur it, blind it, make it dark."""

import math

import cv2
import numpy as np

from agent.values import Picture
from tests.scenes.disturb.base import Disturber
from tests.scenes.plates import CUTS, plate, seen
from tests.scenes.values import HEIGHT, WIDTH, Scene

ENTERS_S = {"cover-bag": 0.3, "cover-hand": 0.8, "cover-slow": 6.0}


class Cover(Disturber):
    """A bag (at once), a hand (within a second) or paint (slowly) over the lens: dark and out of focus."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        chance = self.chance(9)
        tone = {"cover-hand": (38, 52, 88), "cover-slow": (70, 74, 76)}.get(scene.disturbance.kind, (26, 24, 24))
        rough = cv2.GaussianBlur(chance.normal(0, 1, (HEIGHT // 4, WIDTH // 4)).astype(np.float32), (0, 0), 14)
        rough = cv2.resize(rough / (np.abs(rough).max() + 1e-6), (WIDTH, HEIGHT))
        self._cloth = np.clip(np.array(tone, np.float32) * (1 + 0.25 * rough[:, :, None]), 0, 255)
        self._edge = 26 * cv2.resize(chance.normal(0, 1, (1, 8)).astype(np.float32), (WIDTH, 1))[0]

    def lens(self, picture: Picture, at_s: float) -> Picture:
        since, left = at_s - self.scene.disturbance.from_s, self.scene.disturbance.to_s - at_s
        if since < 0 or left <= 0:
            return picture
        enters = ENTERS_S[self.scene.disturbance.kind]
        share = min(since / enters, left / min(enters, 0.8), 1.0)
        rows = np.arange(HEIGHT, dtype=np.float32)[:, None]
        # It comes from below and ends well above the picture; its edge is far out of focus.
        reach = HEIGHT + 60 - share * (HEIGHT + 140) + self._edge[None, :] * (1 - share)
        alpha = np.clip((rows - reach) / 60, 0, 1)[:, :, None]
        sway = 1 + 0.03 * math.sin(2 * math.pi * 0.4 * at_s)
        return np.asarray(picture + alpha * (self._cloth * sway - picture.astype(np.float32)), np.uint8)


class Turn(Disturber):
    """The camera is turned to the side and up within a second and stays so; what comes into view is the real street."""

    TURNS_S = 1.0

    def shift(self, at_s: float) -> tuple[float, float]:
        if not self.within(at_s):
            return 0.0, 0.0
        share = min((at_s - self.scene.disturbance.from_s) / self.TURNS_S, 1.0)
        cut = CUTS[self.scene.plate]
        zoom = WIDTH / cut.width
        return share * zoom * cut.left, share * zoom * cut.top * 0.75

    def ground(self, picture: Picture, at_s: float) -> Picture:
        if not self.within(at_s) or plate(self.scene.plate).drawn:
            dx, dy = self.shift(at_s)
            matrix = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
            turned = cv2.warpAffine(picture, matrix, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT_101)
            return np.asarray(turned, np.uint8)
        return seen(self.scene.plate, self.scene.light, self.shift(at_s))


class Defocus(Disturber):
    """The lens is turned out of focus within a second and a half."""

    def lens(self, picture: Picture, at_s: float) -> Picture:
        since = at_s - self.scene.disturbance.from_s
        if not self.within(at_s) or since <= 0:
            return picture
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.2 + 8.0 * min(since / 1.5, 1.0)), np.uint8)


class Blind(Disturber):
    """A torch into the lens: most of the picture is white, the rest a veil; the hand that holds it trembles."""

    def lens(self, picture: Picture, at_s: float) -> Picture:
        since = at_s - self.scene.disturbance.from_s
        if not self.within(at_s):
            return picture
        rows, columns = np.mgrid[0:HEIGHT:2, 0:WIDTH:2].astype(np.float32)
        x = WIDTH * (0.5 + 0.05 * math.sin(2.1 * at_s))
        y = HEIGHT * (0.5 + 0.06 * math.sin(2.9 * at_s))
        away = np.hypot((columns - x) / WIDTH, (rows - y) / HEIGHT)
        glare = min(since / 0.4, 1.0) * (420 * np.exp(-((away / 0.42) ** 2)) + 70)
        return np.asarray(np.clip(picture + cv2.resize(glare, (WIDTH, HEIGHT))[:, :, None], 0, 255), np.uint8)


class Dark(Disturber):
    """Nearly no light is left: a lamp is smashed, or the camera's own infrared is broken."""

    def gain(self, at_s: float) -> float:
        return 0.05 if self.within(at_s) else 1.0
