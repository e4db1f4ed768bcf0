"""What vision made of a frame, told to whoever decides how closely the camera is looked at next."""

from agent.capture.attention import Attention, Told
from agent.config.camera import CameraSection
from agent.config.labels import MOTION
from agent.pipeline import Analysis


class Attending:
    """One camera's way back from vision to capture, the same live and in a replay."""

    def __init__(self, attention: Attention, camera: CameraSection, *, has_model: bool) -> None:
        self._attention = attention
        self._has_model = has_model
        # Whom no rule asks about need not be followed closely. Without a model whatever moves is somebody.
        self._wanted = frozenset(name for rule in camera.rules for name in getattr(rule, "classes", ())) | {MOTION}

    def tell(self, analysis: Analysis) -> None:
        """Of each frame, in their order."""
        followed = tuple(track.box for track in analysis.tracks if track.label in self._wanted)
        looked = analysis.motion.boxes if self._has_model and analysis.inferences else ()
        self._attention.tell(Told(analysis.at.mono_s, followed, looked))
