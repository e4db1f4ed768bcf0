"""What a region that shows something else than the ground is: a thing that came, one that went, or only light."""

from collections.abc import Iterable

import cv2
import numpy as np

from agent.change.ground import Mask, Plane
from agent.edges import Edges, edges_of
from agent.values import ChangeKind, Picture

RING = np.ones((3, 3), np.uint8)
SAME_SURFACE = 0.6  # agreement of the edges inside: the same pavement in another light
TEXTURED = 0.04  # edge energy inside: less tells nothing
MOVED_SHARE = 0.3  # of the region: nothing comes or goes without moving there
CLEARLY = 0.75  # of the ground's outline: what has vanished leaves less than that
WITNESSED = 0.5  # of the ground's outline was in one of the pictures before
FLAT = 36.0  # grey levels squared: less contrast inside has no pattern
SAME_PATTERN = 0.9  # correlation of light and dark inside: the same surface in another light


class Verdicts:
    """Judges the regions of one look. Planes (rows, columns): the ground, and what is shown."""

    def __init__(self, scene: Plane, shown: Plane) -> None:
        self._levels = scene, shown
        self._scene, self._shown = _edges(scene), _edges(shown)

    def kind(self, mask: Mask, before: Iterable[Picture]) -> ChangeKind | None:
        """None: a shadow, or the light of a lamp. `before`: pictures of the time before it was so, newest first.

        The outline of a thing is an edge of the picture in which the thing is (after Tian et al. 2005, who compare
        along the region's boundary). The ground was not learnt from one picture: the rims of what it learnt of a
        passing cloud, bit by bit, look like outlines, but no picture ever showed them.
        """
        region = mask.astype(np.uint8)
        inner = cv2.erode(region, RING).astype(bool)
        if self._same_surface(inner if np.count_nonzero(inner) >= 12 else mask) or self._same_pattern(mask):
            return None
        ring = cv2.dilate(region, RING).astype(bool) & ~inner
        now, was = float(self._shown.energy()[ring].mean()), float(self._scene.energy()[ring].mean())
        if now >= was:
            return ChangeKind.APPEARED
        if now < CLEARLY * was and any(self._outlined(picture, ring) >= WITNESSED * was for picture in before):
            return ChangeKind.VANISHED
        return None

    def _outlined(self, picture: Picture, ring: Mask) -> float:
        """How much of the ground's edges along the ring one picture shows."""
        rows, columns = np.flatnonzero(ring.any(axis=1)), np.flatnonzero(ring.any(axis=0))
        part = np.s_[max(int(rows[0]) - 1, 0) : int(rows[-1]) + 2, max(int(columns[0]) - 1, 0) : int(columns[-1]) + 2]
        ground = Edges(self._scene.across[part], self._scene.along[part])
        return float(ground.shared(edges_of(np.ascontiguousarray(picture[part])))[ring[part]].mean())

    def _same_pattern(self, mask: Mask) -> bool:
        """Is what is shown the ground, brighter or darker by a factor?"""
        before, now = self._levels[0][mask], self._levels[1][mask]
        a, b = before - before.mean(), now - now.mean()
        spread = float(np.sqrt((a * a).mean() * (b * b).mean()))
        return spread > FLAT and float((a * b).mean()) >= SAME_PATTERN * spread

    def _same_surface(self, mask: Mask) -> bool:
        before, now = self._scene.energy()[mask], self._shown.energy()[mask]
        if float(before.mean()) < TEXTURED or float(now.mean()) < TEXTURED:
            return False
        shared = float(self._scene.shared(self._shown)[mask].sum())
        return shared >= SAME_SURFACE * float(np.sqrt(before.sum() * now.sum()))


def _edges(plane: Plane) -> Edges:
    return edges_of(np.clip(plane, 0.0, 255.0).astype(np.uint8))
