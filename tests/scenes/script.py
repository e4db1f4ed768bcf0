"""Where each actor of a scene is in each frame, and in which of its cut-outs: geometry only, no pixels."""

import math
from dataclasses import dataclass
from functools import lru_cache

from agent.values import Box
from tests.scenes.looks import Look, look
from tests.scenes.plates import Plate, plate
from tests.scenes.values import HEIGHT, WIDTH, Actor, Scene

STILL_PX = 0.8  # an actor that moves less from one frame to the next (10 fps) stands


@dataclass(frozen=True, slots=True)
class Pose:
    """An actor in one frame. `x`, `y`: its foot in pixels of the picture; `zoom`: picture pixels per cut-out pixel."""

    actor: Actor
    look: Look
    sprite: int
    x: float
    y: float
    zoom: float
    mirrored: bool
    moving: bool

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom in pixels of the picture, uncut."""
        left, top, right, bottom = self.look.inner[self.sprite]
        half = (right - left) / 2 * self.zoom
        return self.x - half, self.y - (bottom - top) * self.zoom, self.x + half, self.y

    def box(self) -> Box | None:
        """What of it is inside the picture; None: nothing."""
        left, top, right, bottom = self.extent
        left, right = max(left, 0.0), min(right, float(WIDTH))
        top, bottom = max(top, 0.0), min(bottom, float(HEIGHT))
        if right - left < 1 or bottom - top < 1:
            return None
        return Box(left / WIDTH, top / HEIGHT, right / WIDTH, bottom / HEIGHT)


@lru_cache(maxsize=8)
def poses(scene: Scene) -> tuple[tuple[Pose, ...], ...]:
    """Per frame the actors in the picture, far ones first."""
    ground = plate(scene.plate)
    frames: list[list[Pose]] = [[] for _ in range(scene.frames)]
    for actor in scene.actors:
        for index, pose in _walk(scene, ground, actor):
            frames[index].append(pose)
    return tuple(tuple(sorted(each, key=lambda pose: pose.y)) for each in frames)


def place(actor: Actor, at_s: float) -> tuple[float, float] | None:
    """Its foot, 0..1, or None when it is not there."""
    if not actor.way[0].at_s <= at_s <= actor.way[-1].at_s:
        return None
    for start, end in zip(actor.way, actor.way[1:], strict=False):
        if at_s <= end.at_s:
            share = (at_s - start.at_s) / (end.at_s - start.at_s) if end.at_s > start.at_s else 1.0
            return start.x + share * (end.x - start.x), start.y + share * (end.y - start.y)
    return actor.way[-1].x, actor.way[-1].y


def _walk(scene: Scene, ground: Plate, actor: Actor) -> list[tuple[int, Pose]]:
    shape = look(actor.look)
    walk: list[tuple[int, Pose]] = []
    stepped, mirrored = 0.0, actor.towards * shape.faces < 0
    before: tuple[float, float] | None = None
    for index in range(scene.frames):
        spot = place(actor, index / scene.fps)
        if spot is None:
            before = None
            continue
        x, y = spot[0] * WIDTH, spot[1] * HEIGHT
        unit = ground.unit(spot[1]) * actor.size
        dx, dy = (x - before[0], y - before[1]) if before else (0.0, 0.0)
        moving = math.hypot(dx, dy) >= STILL_PX
        if moving and shape.stride:
            # Away and back look about half as long as across, seen from a height.
            stepped += math.hypot(dx, 2 * dy) / unit / shape.stride
        if shape.faces and not actor.towards and abs(dx) > 0.3:
            mirrored = dx * shape.faces < 0
        sprite = _sprite(shape, unit, stepped, moving)
        pose = Pose(actor, shape, sprite, x, y, unit / shape.sprites[sprite].unit, mirrored, moving)
        if pose.box() is not None:
            walk.append((index, pose))
        before = (x, y)
    return walk


def _sprite(shape: Look, unit: float, stepped: float, moving: bool) -> int:
    if shape.stride:
        return int(stepped) % len(shape.sprites) if moving else shape.rest
    return min(range(len(shape.sprites)), key=lambda i: abs(shape.sprites[i].unit - unit))
