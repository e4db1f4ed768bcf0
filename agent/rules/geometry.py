"""Where a foot stands: in a polygon, and on which side of a line. Coordinates 0..1 of the picture, y downwards.

Margins are shares of the picture too; the picture's shape is not known here, so they are a little wider than high.
"""

import math
from dataclasses import dataclass

from agent.values import Box, Point

ON_EDGE = 1e-9


def foot_of(box: Box) -> Point:
    """Where the thing stands, held inside the picture: boxes may reach a little over its edge."""
    foot = box.foot
    return Point(min(max(foot.x, 0.0), 1.0), min(max(foot.y, 0.0), 1.0))


def margin_of(box: Box) -> float:
    """How far a foot jitters although nothing moves: a share of the box's height, within bounds."""
    return min(max(0.05 * box.height, 0.004), 0.02)


def distance(a: Point, b: Point) -> float:
    """Shares of the picture."""
    return math.hypot(a.x - b.x, a.y - b.y)


def edge_distance(polygon: tuple[Point, ...], point: Point) -> float:
    """How far `point` is from the nearest edge, inside or outside."""
    return min(_to_segment(point, a, b) for a, b in zip(polygon, (*polygon[1:], polygon[0]), strict=True))


def inside(polygon: tuple[Point, ...], point: Point) -> bool:
    """Is `point` in `polygon` or on its edge? Even-odd rule, by casting a ray to the right."""
    odd = False
    for a, b in zip(polygon, (*polygon[1:], polygon[0]), strict=True):
        if (a.y > point.y) != (b.y > point.y) and point.x < a.x + (point.y - a.y) * (b.x - a.x) / (b.y - a.y):
            odd = not odd
    return odd or edge_distance(polygon, point) <= ON_EDGE


def still_inside(polygon: tuple[Point, ...], point: Point, margin: float) -> bool:
    """Has something that was inside not yet clearly left? It must be `margin` away from the zone to be outside."""
    return inside(polygon, point) or edge_distance(polygon, point) <= margin


def heading_deg(path: tuple[Point, ...]) -> float | None:
    """The way of the last points of a path, 0 up, 90 right; None while there is hardly any."""
    if len(path) < 2:
        return None
    start, end = path[max(0, len(path) - 10)], path[-1]
    if distance(start, end) < 0.01:
        return None
    return math.degrees(math.atan2(end.x - start.x, start.y - end.y)) % 360.0


@dataclass(frozen=True, slots=True)
class Line:
    """A line from `a` to `b`. Whoever stands at `a` and looks to `b` has its left side at the left hand.

      left  │ b          on the picture: a below, b above;
    ────────┼──────►     walking from left to right is `in`,
       in   │ a  right   from right to left is `out`.
    """

    a: Point
    b: Point

    def side(self, point: Point) -> float:
        """How far right of the line (and of its extension) the point is; negative: left."""
        dx, dy = self.b.x - self.a.x, self.b.y - self.a.y
        return (dx * (point.y - self.a.y) - dy * (point.x - self.a.x)) / math.hypot(dx, dy)

    def cut_by(self, start: Point, end: Point) -> bool:
        """Does the step from `start` to `end`, which changes sides, do so between the line's two ends?"""
        before, after = self.side(start), self.side(end)
        if before == after:
            return False
        share = before / (before - after)
        x, y = start.x + share * (end.x - start.x), start.y + share * (end.y - start.y)
        dx, dy = self.b.x - self.a.x, self.b.y - self.a.y
        along = ((x - self.a.x) * dx + (y - self.a.y) * dy) / (dx * dx + dy * dy)
        return 0.0 <= along <= 1.0


def _to_segment(point: Point, a: Point, b: Point) -> float:
    dx, dy = b.x - a.x, b.y - a.y
    length2 = dx * dx + dy * dy
    along = 0.0 if length2 == 0 else min(max(((point.x - a.x) * dx + (point.y - a.y) * dy) / length2, 0.0), 1.0)
    return math.hypot(point.x - a.x - along * dx, point.y - a.y - along * dy)
