"""Which of the moving pieces are one region: head and legs of a person, but not a crossing's four corners."""

from agent.values import Box

NEAR = 0.02  # of the picture: pieces this near are one region ...
LOOSE = 1.6  # ... unless the region around both would be mostly empty: this many times their own areas


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
