"""Which of the moving pieces are one region: head and legs of a person, but not a crossing's four corners.

And where a region is a little later.
"""

import math
from collections.abc import Sequence

from agent.values import Box

NEAR = 0.02  # of the picture: pieces this near are one region ...
LOOSE = 1.6  # ... unless the region around both would be mostly empty: this many times their own areas

Speed = tuple[float, float]  # across and down, 0..1 of the picture a second
ALIKE = 1.5  # times as wide or high: what is a better part, or two people in one, tells no speed


def speeds(boxes: Sequence[Box], before: Sequence[Box], expected: Sequence[Box], seconds: float) -> list[Speed | None]:
    """How fast each of `boxes` has gone since `before`, `seconds` ago; None: it is new.

    It is taken for the one that was `expected` nearest.
    """
    return [_speed(box, before, expected, seconds) for box in boxes]


def _speed(box: Box, before: Sequence[Box], expected: Sequence[Box], seconds: float) -> Speed | None:
    left, top, right, bottom = box.left, box.top, box.right, box.bottom
    distance, nearest = math.inf, None
    for old, then in zip(expected, before, strict=True):
        if old.left < right and left < old.right and old.top < bottom and top < old.bottom:
            away = abs(left + right - old.left - old.right) + abs(top + bottom - old.top - old.bottom)
            if away < distance:
                distance, nearest = away, then
    if nearest is None:
        return None
    if not _alike(box, nearest):
        return 0.0, 0.0
    across, down = left + right - nearest.left - nearest.right, top + bottom - nearest.top - nearest.bottom
    return across / (2 * seconds), down / (2 * seconds)


def carried(box: Box, speed: Speed | None, seconds: float) -> Box:
    """Where the box will be, as far as it is in the picture; a new one stays."""
    if speed is None:
        return box
    across, down = seconds * speed[0], seconds * speed[1]
    left, top, right, bottom = box.left + across, box.top + down, box.right + across, box.bottom + down
    if left < 0.0 or top < 0.0 or right > 1.0 or bottom > 1.0:
        left, top, right, bottom = max(left, 0.0), max(top, 0.0), min(right, 1.0), min(bottom, 1.0)
        if left >= right or top >= bottom:
            return box
    return Box(left, top, right, bottom)


def merged(boxes: list[Box]) -> list[Box]:
    """Boxes that (nearly) touch become one where that leaves little empty space between them."""
    result: list[Box] = []
    for box in boxes:
        joined = box
        while True:
            near = [other for other in result if _near(joined, other)]
            if not near:
                break
            for other in near:
                result.remove(other)
                joined = joined.union(other)
        result.append(joined)
    return result


def _near(one: Box, other: Box) -> bool:
    touching = (
        one.left - NEAR <= other.right
        and other.left - NEAR <= one.right
        and one.top - NEAR <= other.bottom
        and other.top - NEAR <= one.bottom
    )
    return touching and one.union(other).area <= LOOSE * (one.area + other.area)


def _alike(one: Box, other: Box) -> bool:
    wide = (one.right - one.left) / (other.right - other.left)
    high = (one.bottom - one.top) / (other.bottom - other.top)
    return 1 / ALIKE < wide < ALIKE and 1 / ALIKE < high < ALIKE
