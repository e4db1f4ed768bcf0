"""All scenes. Seeds are part of them: the same scene gives the same pictures on every machine with the same clips."""

from tests.scenes.catalogue.alike import ALIKE
from tests.scenes.catalogue.disturbances import MOTION, QUIET
from tests.scenes.catalogue.rules import TRAFFIC
from tests.scenes.catalogue.tampering import BENIGN, TAMPER
from tests.scenes.catalogue.things import THINGS
from tests.scenes.values import Scene

SCENES: tuple[Scene, ...] = (*MOTION, *QUIET, *TAMPER, *BENIGN, *TRAFFIC, *ALIKE, *THINGS)


def group(name: str) -> tuple[Scene, ...]:
    """The scenes of a group: motion, quiet, tamper, benign, rules."""
    return tuple(scene for scene in SCENES if scene.group == name)


def named(name: str) -> Scene:
    """One scene. Raises KeyError."""
    return {scene.name: scene for scene in SCENES}[name]
