"""Is anything moving, and where: cheap, on a small copy of the luma plane, for every analysed frame."""

from agent.motion.detector import MotionDetector

__all__ = ["MotionDetector"]
