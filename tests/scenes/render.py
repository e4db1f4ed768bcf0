"""Pictures of a scene with their truth; the same scene always gives the same pictures, to the last bit."""

from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from agent.values import Picture
from tests.scenes.disturb import Disturber, disturber
from tests.scenes.plates import lamp, plate
from tests.scenes.script import Pose, poses
from tests.scenes.truth import frame_truth
from tests.scenes.values import HEIGHT, WIDTH, FrameTruth, Scene

DAY_NOISE, NIGHT_NOISE = 2.0, 5.0  # standard deviation in grey levels: what cheap sensors show by day and by night
GRAINS = 8  # noise pictures of a scene; each frame takes one, rolled by a random way
DRIFT, DRIFT_S = 0.015, 47.0  # the light is never quite the same


def render(scene: Scene) -> Iterator[tuple[Picture, FrameTruth]]:
    """(360, 640, 3) BGR pictures, with what is true in each."""
    studio = _Studio(scene)
    for index in range(scene.frames):
        yield studio.picture(index), frame_truth(scene, index)


class _Studio:
    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._chance = np.random.default_rng(scene.seed)
        self._ground = plate(scene.plate, scene.light)
        self._lamp = lamp()
        self._poses = poses(scene)
        self._weather: Disturber = disturber(scene)
        sigma = NIGHT_NOISE if scene.light == "night" else DAY_NOISE
        self._grains = [self._grain(sigma * self._weather.noise) for _ in range(GRAINS)]

    def picture(self, index: int) -> Picture:
        at_s = index / self._scene.fps
        canvas = self._weather.ground(self._ground.picture.copy(), at_s)
        dx, dy = self._weather.shift(at_s)
        for pose in self._poses[index]:
            _put(
                canvas,
                replace(pose, x=pose.x + dx, y=pose.y + dy),
                self._lamp if self._scene.light == "night" else None,
            )
        canvas = self._weather.lens(canvas, at_s)
        drift = 1 + DRIFT * np.sin(2 * np.pi * (at_s / DRIFT_S + self._scene.seed % 7 / 7))
        gain = self._weather.gain(at_s) * drift
        lit = cv2.convertScaleAbs(canvas, alpha=gain) if abs(gain - 1) > 1e-4 else canvas
        grain = self._grains[int(self._chance.integers(GRAINS))]
        down, right = (int(way) for way in self._chance.integers(0, 16, 2))
        part = grain[down : down + HEIGHT, right : right + WIDTH]
        return np.asarray(cv2.add(lit, part, dtype=cv2.CV_8U), np.uint8)

    def _grain(self, sigma: float) -> npt.NDArray[np.int16]:
        # Luma noise with a little colour in it, slightly soft as after a sensor's own interpolation.
        size = (HEIGHT + 16, WIDTH + 16)
        luma = cv2.GaussianBlur(self._chance.normal(0, sigma * 1.4, size).astype(np.float32), (0, 0), 0.6)
        noise = np.repeat(luma[:, :, None], 3, axis=2)
        if self._scene.light == "day":
            colour = self._chance.normal(0, sigma * 0.6, (*size, 3)).astype(np.float32)
            noise += np.asarray(cv2.GaussianBlur(colour, (0, 0), 0.8), np.float32)
        return np.asarray(np.round(noise), np.int16)


def _put(canvas: Picture, pose: Pose, light: npt.NDArray[np.float32] | None) -> None:
    sprite = pose.look.sprites[pose.sprite]
    inner = pose.look.inner[pose.sprite]
    left, top, right, bottom = pose.extent
    height, width = sprite.alpha.shape
    margin = 3
    x0 = max(int(left - inner[0] * pose.zoom) - margin, 0)
    y0 = max(int(top - inner[1] * pose.zoom) - margin, 0)
    x1 = min(int(right + (width - inner[2]) * pose.zoom) + margin + 1, WIDTH)
    y1 = min(int(bottom + (height - inner[3]) * pose.zoom) + margin + 1, HEIGHT)
    if x1 <= x0 or y1 <= y0:
        return
    _shade(canvas, pose)
    turn = -1.0 if pose.mirrored else 1.0
    middle = (inner[0] + inner[2]) / 2
    matrix = np.array(
        [
            [turn * pose.zoom, 0, pose.x - turn * middle * pose.zoom - x0],
            [0, pose.zoom, pose.y - inner[3] * pose.zoom - y0],
        ],
        np.float32,
    )
    kind = cv2.INTER_LINEAR if pose.zoom > 0.6 else cv2.INTER_AREA
    size = (x1 - x0, y1 - y0)
    colour = cv2.warpAffine(sprite.picture, matrix, size, flags=kind, borderMode=cv2.BORDER_REPLICATE)
    alpha = cv2.warpAffine(sprite.alpha, matrix, size, flags=kind).astype(np.float32)[:, :, None] / 255
    part = canvas[y0:y1, x0:x1]
    if light is not None:
        grey = cv2.cvtColor(colour, cv2.COLOR_BGR2GRAY).astype(np.float32) / 255
        # Cloth throws infrared back better than it looks by day; paint and glass do not.
        level = 175 * (0.1 + 0.9 * grey) if pose.look.label == "person" else 210 * grey**1.3
        lit = level * light[y0:y1, x0:x1] + 14
        colour = np.repeat(lit[:, :, None], 3, axis=2)
    part[:] = (part + alpha * (colour - part.astype(np.float32))).astype(np.uint8)


def _shade(canvas: Picture, pose: Pose) -> None:
    # A soft shadow under it, as on an overcast day: without it things hover.
    left, _, right, _ = pose.extent
    half = (right - left) * 0.55
    x0, x1 = max(int(pose.x - half), 0), min(int(pose.x + half) + 1, WIDTH)
    y0, y1 = max(int(pose.y - half * 0.22), 0), min(int(pose.y + half * 0.22) + 1, HEIGHT)
    if x1 <= x0 or y1 <= y0:
        return
    rows, columns = np.mgrid[y0:y1, x0:x1].astype(np.float32)
    away = ((columns - pose.x) / half) ** 2 + ((rows - pose.y) / (half * 0.22)) ** 2
    dark = 1 - 0.35 * np.clip(1 - away, 0, 1)
    part = canvas[y0:y1, x0:x1]
    part[:] = (part * dark[:, :, None]).astype(np.uint8)
