"""What a region that shows something else than the ground is: a thing that came, one that went, or only light."""

import cv2
import numpy as np

from agent.change.ground import Mask, Plane
from agent.edges import Edges, edges_of
from agent.values import ChangeKind

RING = np.ones((3, 3), np.uint8)
SAME_SURFACE = 0.6  # agreement of the edges inside: the same pavement in another light
TEXTURED = 0.04  # edge energy inside: less tells nothing
MOVED_SHARE = 0.3  # of the region: nothing comes or goes without moving there


class Verdicts:
    """Judges the regions of one look. Planes (rows, columns): the ground, and what is shown."""

    def __init__(self, scene: Plane, shown: Plane) -> None:
        self._scene, self._shown = _edges(scene), _edges(shown)

    def kind(self, mask: Mask) -> ChangeKind | None:
        """None: a shadow, or the light of a lamp.

        The outline of a thing is an edge of the picture in which the thing is (after Tian et al. 2005, who compare
        along the region's boundary).
        """
        region = mask.astype(np.uint8)
        inner = cv2.erode(region, RING).astype(bool)
        if self._same_surface(inner if np.count_nonzero(inner) >= 12 else mask):
            return None
        ring = cv2.dilate(region, RING).astype(bool) & ~inner
        now, before = float(self._shown.energy()[ring].mean()), float(self._scene.energy()[ring].mean())
        return ChangeKind.APPEARED if now >= before else ChangeKind.VANISHED

    def _same_surface(self, mask: Mask) -> bool:
        before, now = self._scene.energy()[mask], self._shown.energy()[mask]
        if float(before.mean()) < TEXTURED or float(now.mean()) < TEXTURED:
            return False
        shared = float(self._scene.shared(self._shown)[mask].sum())
        return shared >= SAME_SURFACE * float(np.sqrt(before.sum() * now.sum()))


def _edges(plane: Plane) -> Edges:
    return edges_of(np.clip(plane, 0.0, 255.0).astype(np.uint8))
