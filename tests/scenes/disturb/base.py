"""What a disturbance may do to a picture."""

import numpy as np

from agent.values import Picture
from tests.scenes.values import Scene


class Disturber:
    """Does nothing; kinds override what they do. Noise is the standard deviation's factor of the whole scene."""

    noise = 1.0

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.seed = scene.seed

    def within(self, at_s: float) -> bool:
        """Is it going on?"""
        return self.scene.disturbance.from_s <= at_s < self.scene.disturbance.to_s

    def chance(self, *salt: int) -> np.random.Generator:
        """A source of randomness of its own for each salt, the same on every call."""
        return np.random.default_rng([self.seed, *salt])

    def ground(self, picture: Picture, at_s: float) -> Picture:
        """The empty street, before actors are put into it. May change `picture`."""
        return picture

    def lens(self, picture: Picture, at_s: float) -> Picture:
        """The whole picture, actors in it, before gain and noise. May change `picture`."""
        return picture

    def gain(self, at_s: float) -> float:
        """How bright all of it is."""
        return 1.0

    def shift(self, at_s: float) -> tuple[float, float]:
        """How far it moves the picture, in pixels to the right and down."""
        return 0.0, 0.0
