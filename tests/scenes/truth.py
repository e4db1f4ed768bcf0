"""The truth of a scene, from its script alone."""

from functools import lru_cache

from agent.values import Box, ChangeKind
from tests.scenes.disturb import shift
from tests.scenes.script import Pose, place, poses
from tests.scenes.values import HEIGHT, WIDTH, Actor, FrameTruth, Scene, TrueBox, TrueChange, Truth

SEEN = 0.2  # less of an actor cannot be asked for
STANDS_S = 5.0  # a thing that stays this long is a change of the scene


@lru_cache(maxsize=32)
def truth(scene: Scene) -> Truth:
    """Everything that is true in it."""
    frames = tuple(_frame(scene, index, each) for index, each in enumerate(poses(scene)))
    changes = tuple(change for actor in scene.actors for change in _changes(scene, actor))
    return Truth(frames, changes, scene.view, scene.events)


def frame_truth(scene: Scene, index: int) -> FrameTruth:
    """Of one frame."""
    return truth(scene).frames[index]


def _frame(scene: Scene, index: int, present: tuple[Pose, ...]) -> FrameTruth:
    at_s = index / scene.fps
    dx, dy = shift(scene, at_s)
    boxes = []
    for rank, pose in enumerate(present):
        box = pose.box()
        if box is None:
            continue
        left, top, right, bottom = pose.extent
        whole = (right - left) * (bottom - top) / (WIDTH * HEIGHT)
        seen = box.area / whole if whole else 0.0
        for nearer in present[rank + 1 :]:
            cover = nearer.box()
            if cover is not None:
                seen *= 1 - box.overlap(cover) / box.area
        moved = Box(box.left + dx / WIDTH, box.top + dy / HEIGHT, box.right + dx / WIDTH, box.bottom + dy / HEIGHT)
        boxes.append(TrueBox(pose.actor.id, pose.look.label, moved, round(seen, 3), pose.moving))
    return FrameTruth(index, at_s, tuple(boxes), any(each.moving and each.visible >= SEEN for each in boxes))


def _changes(scene: Scene, actor: Actor) -> list[TrueChange]:
    # A thing that stands: it appeared when it came to stand there, and vanished when it went, if it was there at first.
    changes: list[TrueChange] = []
    people = actor.look.startswith("person")
    for start, end in _rests(scene, actor):
        if people or end - start < STANDS_S:
            continue
        boxes = [
            each.box
            for each in _frame(scene, round(start * scene.fps) + 2, poses(scene)[round(start * scene.fps) + 2]).boxes
            if each.actor == actor.id
        ]
        if not boxes:
            continue
        if start > 0:
            changes.append(TrueChange(ChangeKind.APPEARED, boxes[0], start, end, actor.id))
        elif end < scene.seconds:
            changes.append(TrueChange(ChangeKind.VANISHED, boxes[0], end, scene.seconds, actor.id))
    return changes


def _rests(scene: Scene, actor: Actor) -> list[tuple[float, float]]:
    rests: list[tuple[float, float]] = []
    for start, end in zip(actor.way, actor.way[1:], strict=False):
        if (start.x, start.y) == (end.x, end.y):
            if rests and rests[-1][1] == start.at_s:
                rests[-1] = (rests[-1][0], min(end.at_s, scene.seconds))
            else:
                rests.append((max(start.at_s, 0.0), min(end.at_s, scene.seconds)))
    return [(start, end) for start, end in rests if place(actor, start) is not None]
