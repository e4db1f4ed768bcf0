"""The films of `bench motion`: rendered scenes with exact truth, the same with other seeds, real clips by their labels.

The agent's constants and the peers' settings were chosen on the scenes as they are catalogued. What is published is of
scenes with seeds that nobody has looked at: other people on other ways, other rain, other noise, on the same plates.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import av

from bench.motion_score import Mover, TrueFrame
from bench.truth import FPS, Absent, street
from tests import scenes
from tests.scenes.catalogue.disturbances import visitors
from tests.scenes.labels import Labels

VISIBLE = 0.2  # less of an actor cannot be asked for
QUICK = ("none-day", "rain-night", "headlights-night")
HELD_OUT = 1000  # is added to a seed


@dataclass(frozen=True)
class Case:
    """A film and its truth; `step`: which of its pictures count, to be about FPS a second."""

    name: str
    seed: int | None
    path: Path
    truth: tuple[TrueFrame, ...]
    step: int = 1

    @property
    def real(self) -> bool:
        """Filmed, not rendered."""
        return self.seed is None


def catalogued(*, quick: bool) -> Sequence[scenes.Scene]:
    """Scenes with the seeds that were chosen on."""
    if quick:
        return [scenes.named(name) for name in QUICK]
    return [*scenes.group("motion"), *scenes.group("quiet")]


def held_out(scene: scenes.Scene) -> scenes.Scene:
    """The scene with another seed; its visitors are others too, where they are drawn by the seed."""
    seed = scene.seed + HELD_OUT
    drawn = scene.actors == visitors(scene.seed)
    return replace(scene, name=f"{scene.name}-{seed}", seed=seed, actors=visitors(seed) if drawn else scene.actors)


def rendered(scene: scenes.Scene) -> Case:
    """With exact boxes. Raises AssetError, OSError."""
    frames = tuple(
        TrueFrame(
            frame.at_s,
            frame.moving,
            tuple(Mover(each.actor, each.box, each.moving) for each in frame.boxes if each.visible >= VISIBLE),
        )
        for frame in scenes.truth(scene).frames
    )
    return Case(scene.name, scene.seed, scenes.video(scene), frames)


def filmed(*, quick: bool) -> Iterator[Case]:
    """The real clips: the car park (and the motorway) by times labelled by eye, the street by its ground truth."""
    for clip in clips():
        if clip.name == "vtest" or (quick and clip.name != "carpark"):
            continue
        labels = clip.labels
        step = max(1, round(labels.fps / FPS))
        times = [index / labels.fps for index in range(0, int(labels.seconds * labels.fps), step)]
        frames = tuple(TrueFrame(at_s, _moving(labels, at_s), None) for at_s in times)
        yield Case(f"{clip.name} (real)", None, clip.path, frames, step)
    if not quick:
        yield _street()


def clips() -> Sequence[scenes.Clip]:
    """Raises Absent when there is none."""
    found = scenes.clips()
    if not found:
        raise Absent("there is no real clip to measure on")
    return found


def _moving(labels: Labels, at_s: float) -> bool | None:
    if any(each.from_s <= at_s <= each.to_s for each in labels.unsure):
        return None
    return any(each.from_s <= at_s <= each.to_s for each in labels.moving)


def _street() -> Case:
    # Nobody stands still for long in it; all are taken for moving.
    told = street(False)
    people: dict[int, list[Mover]] = {}
    for each in told.boxes:
        people.setdefault(each.frame, []).append(Mover(str(each.person), each.box, True))
    frames = tuple(
        TrueFrame(index / FPS, bool(people.get(index + 1)), tuple(people.get(index + 1, ())))
        for index in range(told.frames)
    )
    return Case("vtest (real)", None, told.video, frames)


def decoded(path: Path) -> Iterator[av.VideoFrame]:
    """All pictures of a film."""
    with av.open(str(path)) as container:
        yield from container.decode(video=0)
