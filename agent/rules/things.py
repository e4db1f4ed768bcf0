"""Lasting changes as rules use them: which lie in a zone, and how an event tells them."""

from agent.config.labels import MOTION, PERSON
from agent.rules.geometry import foot_of, inside
from agent.rules.lifecycle import thinned
from agent.values import Box, ChangeKind, EventObject, Point, Scene, StaticChange, ViewState

UNKNOWN = "object"  # the label of what nobody knows
ALIVE = frozenset((*PERSON, "bird", "cat", "dog", "horse", "sheep", "cow"))  # they stand still too, and walk on
# Of the picture's height. What is flatter is the edge of a shadow or the far end of a road with its traffic.
LEAST_HEIGHT = 0.03
# Of a change: what a cloud or a bus before the lens leaves in the picture for a look or two is no thing.
SETTLED_S = 5.0
SAME_SHARE = 0.5  # of the smaller box: it is the same thing in the same place


def changes(scene: Scene, kind: ChangeKind, polygon: tuple[Point, ...] | None) -> tuple[StaticChange, ...]:
    """Those of that kind whose foot is in the zone, flat ones left out. None while the camera cannot see properly."""
    if scene.view.state is not ViewState.OK:
        return ()
    return tuple(
        change
        for change in scene.changes
        if change.kind is kind
        and change.box.height >= LEAST_HEIGHT
        and (polygon is None or inside(polygon, foot_of(change.box)))
    )


def label_of(change: StaticChange) -> str | None:
    """What it is; None when nobody knows: mere motion stood there too."""
    return None if change.label in (None, MOTION) else change.label


def thing(change: StaticChange) -> EventObject:
    """The change as an event tells it."""
    return EventObject(
        track=change.track or 0,
        label=label_of(change) or UNKNOWN,
        score=1.0,
        box=change.box.clipped(),
        dwell_s=change.stood_s,
        path=thinned((foot_of(change.box),)),
    )


def same_place(one: Box, other: Box) -> bool:
    """Do the two boxes cover the same place?"""
    return one.overlap(other) >= SAME_SHARE * max(min(one.area, other.area), 1e-9)
