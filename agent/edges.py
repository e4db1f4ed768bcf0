"""The edges of a small picture, told so that the light does not matter: where they are and which way they run.

Comes in: 8-bit luma. Goes out: two float32 planes, the doubled angle of each pixel's gradient (Bigun & Granlund 1987),
as long as the gradient is clear of noise. Doubled, because an edge that turns from dark-light to light-dark (infrared
light, a lamp on the other side) is the same edge.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from agent.values import Picture

Plane = npt.NDArray[np.float32]
CLEAR = 24.0  # Sobel: a step of six grey levels between neighbours; half as long as a full one


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """Planes (rows, columns): `across` is cos and `along` sin of the doubled angle, times 0..1 for its clearness."""

    across: Plane
    along: Plane

    def shared(self, other: "Edges") -> Plane:
        """Pixel by pixel: 1 where both have the same clear edge, -1 where they cross, 0 where one has none."""
        return np.asarray(self.across * other.across + self.along * other.along)

    def energy(self) -> Plane:
        """Pixel by pixel: 0 without an edge, up to 1."""
        return self.shared(self)


def edges_of(luma: Picture) -> Edges:
    """The edges of (rows, columns) luma."""
    dx = np.asarray(cv2.Sobel(luma, cv2.CV_32F, 1, 0), dtype=np.float32)
    dy = np.asarray(cv2.Sobel(luma, cv2.CV_32F, 0, 1), dtype=np.float32)
    dx2, dy2 = dx * dx, dy * dy
    scale = np.float32(1.0) / (dx2 + dy2 + np.float32(CLEAR * CLEAR))
    return Edges((dx2 - dy2) * scale, np.float32(2.0) * dx * dy * scale)
