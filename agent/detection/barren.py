"""Movement in which nobody is found again and again, place by place: a waving branch, cars that the model cannot know.

Each look in vain doubles the time until the next one there; somebody found ends that at once. Movement of another
size is another matter: a person who walks under the waving branch is looked at without delay, and so is any place
that was not looked at lately. Only looks at movement that no track explains are held back; motion itself, and whoever
is followed, are seen as ever.
"""

import math
from collections.abc import Sequence

import numpy as np

from agent.values import Box, Track

FIRST_S, LONGEST_S = 0.25, 8.0  # between two looks: after none in vain, and at most
ROWS, COLUMNS = 12, 16
SIZES, SMALLEST, STEP = 5, 0.001, 4.0  # kinds of size; areas of the picture: the first kind ends there, factor of each
SHARED = 0.3  # of the smaller of a movement and a track: it was that track
FORGET_S = 600.0  # a place without vain looks for so long is as good as new
MOST = math.log2(LONGEST_S / FIRST_S)
LUCK = 1 / 8  # weight of the newest look in the share of looks that were in vain, over the whole picture
UNLUCKY = 5.0  # where nobody was found of late, one look in vain at a place counts for up to so many
KNOWN = 0.5  # looks in vain per cell of a place: it was looked at for what moves there

_Place = tuple[int, slice, slice]


class Barren:
    """How often each place of one camera's picture was looked at in vain, by the size of what moved there."""

    def __init__(self) -> None:
        self._vain = np.zeros((SIZES, ROWS, COLUMNS))
        self._at_s = np.full((SIZES, ROWS, COLUMNS), -math.inf)
        self._open: list[tuple[float, Box]] = []  # looked at, not yet known whether in vain
        self._unlucky = 0.0  # the share of looks in vain of late

    def reset(self) -> None:
        """Forget all places."""
        self._vain[:] = 0.0
        self._at_s[:] = -math.inf
        self._open.clear()
        self._unlucky = 0.0

    def rest_s(self, now_s: float, box: Box) -> float:
        """How long after the last look movement in `box` need not be looked at."""
        place = _place(box)
        vain = np.where(now_s - self._at_s[place] < FORGET_S, self._vain[place], 0.0)
        known = float(vain.mean())
        return float(FIRST_S * 2.0 ** (max(known, UNLUCKY * self._unlucky) if known >= KNOWN else known))

    def looked(self, now_s: float, box: Box) -> None:
        """Movement in `box`, which no track explains, is being looked at. `learn` tells what came of it."""
        self._open.append((now_s, box))

    def learn(self, tracks: Sequence[Track]) -> None:
        """The targets after the last looks that matter, tentative ones too: who was found there?

        Who is not sure yet proves nothing: a model takes a car seen from above for a telephone now and then.
        """
        vain = np.zeros(self._vain.shape, bool)
        for then_s, box in self._open:
            place = _place(box)
            found = [track for track in tracks if _found(track, then_s, box)]
            if any(track.confirmed for track in found):
                self._vain[place] = 0.0
                self._unlucky -= LUCK * self._unlucky
            elif not found:
                vain[place] = True
                self._at_s[place] = then_s
                self._unlucky += LUCK * (1.0 - self._unlucky)
        self._open.clear()
        # Once for all movements of a frame that share a place: it was one look.
        self._vain[vain] = np.minimum(self._vain[vain] + 1.0, MOST)


def _found(track: Track, then_s: float, box: Box) -> bool:
    return track.last_seen.mono_s >= then_s and track.box.overlap(box) >= SHARED * min(track.box.area, box.area)


def _place(box: Box) -> _Place:
    inside = box.clipped()
    size = math.ceil(math.log(max(inside.area, 1e-9) / SMALLEST, STEP))
    left, top = min(int(inside.left * COLUMNS), COLUMNS - 1), min(int(inside.top * ROWS), ROWS - 1)
    right, bottom = max(math.ceil(inside.right * COLUMNS), left + 1), max(math.ceil(inside.bottom * ROWS), top + 1)
    return min(max(size, 0), SIZES - 1), slice(top, bottom), slice(left, right)
