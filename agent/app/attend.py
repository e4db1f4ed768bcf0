"""What vision made of a frame, told to whoever decides how closely the camera is looked at next."""

from agent.capture.attention import Attention, Told
from agent.config.camera import CameraSection
from agent.config.labels import MOTION
from agent.pipeline import Analysis, wanted_labels

LOOKED_S = 2.0  # so long does a run of the model speak for what moves: it looks seldom where it found nobody


class Attending:
    """One camera's way back from vision to capture, the same live and in a replay."""

    def __init__(self, attention: Attention, camera: CameraSection, *, has_model: bool) -> None:
        self._attention = attention
        self._has_model = has_model
        self._looked_s = float("-inf")
        # Whom no rule asks about need not be followed closely. Without a model whatever moves is somebody.
        self._wanted = wanted_labels(camera)

    def tell(self, analysis: Analysis) -> None:
        """Of each frame, in their order."""
        followed = tuple(track.box for track in analysis.tracks if track.label == MOTION or self._wanted(track.label))
        at_s = analysis.at.mono_s
        if self._has_model and analysis.inferences:
            self._looked_s = at_s
        looked = analysis.motion.boxes if 0.0 <= at_s - self._looked_s <= LOOKED_S else ()
        still = self._has_model and analysis.motion.ready and not analysis.motion.boxes and not followed
        self._attention.tell(Told(at_s, followed, looked, still))
