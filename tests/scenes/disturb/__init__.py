"""What else happens to a picture: one kind each, told by name; each is a function of the seed and the time alone."""

from functools import lru_cache

from tests.scenes.disturb.base import Disturber
from tests.scenes.disturb.kinds import KINDS
from tests.scenes.values import Scene

__all__ = ["KINDS", "Disturber", "disturber", "shift"]


@lru_cache(maxsize=4)
def disturber(scene: Scene) -> Disturber:
    """The disturbance of a scene. Raises KeyError."""
    return KINDS[scene.disturbance.kind](scene)


def shift(scene: Scene, at_s: float) -> tuple[float, float]:
    """How far the disturbance moves the picture, in pixels to the right and down."""
    return disturber(scene).shift(at_s)
