"""How closely a camera is looked at. Decided in capture, from the frames alone, so that replay decides the same.

Comes in: each frame, and from vision whether it follows anybody. Goes out: `idle`, by which capture decodes no more
than it must. How motion is seen is handed in.
"""

from collections.abc import Callable

from agent.config.devices import IdleSection
from agent.shrink import shrunk
from agent.values import Frame, Motion, Small

STILL_S = 10.0  # a picture in which nothing stirred, and nobody is, goes to vision this often ...
STOOD_S = 3.0  # ... and when somebody stands in it
STIRRED_S = 1.0  # what stirred is looked at in full for so long; if it was something, motion confirms it by then
STANDING = 2.0  # times `after`, for who stands still in view


class Attention:
    """One camera. Begins in full. `idle` may be read, and `following` set, in any thread."""

    def __init__(self, section: IdleSection, motion: Callable[[Small], Motion]) -> None:
        self.section = section
        self.idle = False
        self.following = False  # vision has somebody or something in view
        self._motion = motion
        self._still_s: float | None = None  # since when nothing moved, in the frames' time
        self._awake_s = 0.0  # until then at least
        self._given_s: float | None = None  # when vision last got a frame

    def look(self, frame: Frame) -> bool:
        """Take one frame, in the order of time; True when it ends the idling."""
        if not self.section.enabled:
            return False
        motion, at_s, was_idle = self._motion(shrunk(frame)), frame.at.mono_s, self.idle
        if motion.boxes or not motion.ready or self._still_s is None:
            self._still_s = at_s
        elif motion.stirred:
            self._awake_s = at_s + STIRRED_S
        patience_s = self.section.after * (STANDING if self.following else 1.0)
        self.idle = at_s - self._still_s >= patience_s and at_s >= self._awake_s
        return was_idle and not self.idle

    def worth(self, at_s: float) -> bool:
        """Whether vision should have the frame of `at_s` that was just looked at."""
        since_s = None if self._given_s is None else at_s - self._given_s
        every_s = STOOD_S if self.following else STILL_S
        if self.idle and since_s is not None and 0.0 <= since_s < every_s:
            return False
        self._given_s = at_s
        return True

    @property
    def between_s(self) -> float:
        """How long vision may be without a frame because nothing happens; 0 in full."""
        return STILL_S + self.section.every + self.section.max_gop if self.idle else 0.0

    def wake(self) -> None:
        """Look in full until nothing has moved for a while: vision begins anew."""
        self.idle, self._still_s = False, None
