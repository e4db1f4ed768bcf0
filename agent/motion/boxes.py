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


def speeds(boxes: Sequence[Box], before: Sequence[Box], seconds: float) -> list[Speed | None]:
    """How fast each of `boxes` has gone since the nearest of `before`, `seconds` ago; None: it is new."""
    places = [(old.left + old.right, old.top + old.bottom, old) for old in before]
    result: list[Speed | None] = []
    for box in boxes:
        across, down, nearest, place = box.left + box.right, box.top + box.bottom, math.inf, None
        for each in places:
            distance = abs(across - each[0]) + abs(down - each[1])
            if distance < nearest:
                nearest, place = distance, each
        if place is None or box.overlap(place[2]) <= 0.0:
            result.append(None)
        elif not _alike(box, place[2]):
            result.append((0.0, 0.0))
        else:
            result.append(((across - place[0]) / (2 * seconds), (down - place[1]) / (2 * seconds)))
    return result


def carried(box: Box, speed: Speed | None, seconds: float) -> Box:
    """Where the box will be, as far as it is in the picture; a new one stays."""
    if speed is None:
        return box
    across, down = seconds * speed[0], seconds * speed[1]
    left, right = max(box.left + across, 0.0), min(box.right + across, 1.0)
    top, bottom = max(box.top + down, 0.0), min(box.bottom + down, 1.0)
    return Box(left, top, right, bottom) if left < right and top < bottom else box


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
