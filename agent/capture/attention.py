"""How closely a camera is looked at. Decided in capture, from the frames alone, so that replay decides the same.

Comes in: each frame, and from vision what it made of earlier ones. Goes out: `idle`, by which capture decodes no more
than it must. How motion is seen is handed in.

What vision tells of a frame counts from a later frame on, `HEEDED_S` after it in the frames' own time: live, vision has
spoken by then, so a replay, where it speaks at once, decides the same.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from agent.capture.vain import VainPlaces
from agent.config.devices import IdleSection
from agent.shrink import shrunk
from agent.values import Box, Frame, Motion, Small

STILL_S = 10.0  # a picture in which nothing stirred, and nobody is, goes to vision this often ...
STOOD_S = 3.0  # ... and when somebody stands in it
STIRRED_S = 1.0  # what stirred is looked at in full for so long; if it was something, motion confirms it by then
STANDING = 2.0  # times `after`, while somebody is in view, and ...
STANDING_S = 10.0  # ... at least so long: whoever stands still would be seen by glances only
HEEDED_S = 0.75  # less than glances are apart, and no whole number of frames at any usual rate
MOST_TOLD = 64


@dataclass(frozen=True, slots=True)
class Told:
    """What vision made of the frame of `at_s`."""

    at_s: float
    followed: tuple[Box, ...]  # whom some rule asks about
    looked: tuple[Box, ...]  # what moved, when the model looked lately; () when it did not, or there is none
    still: bool = False  # vision saw nothing move, so that there was nothing to look at


class Attention:
    """One camera. Begins in full. `idle` may be read, `following` and `watched` set, in any thread."""

    def __init__(
        self, section: IdleSection, motion: Callable[[Small], Motion], places: VainPlaces | None = None
    ) -> None:
        self.section = section
        self.idle = False
        self.following = False  # vision has somebody in view
        self.watched = False  # somebody of the ward looks at these pictures now: none is left out
        self._motion = motion
        self._told: deque[Told] = deque(maxlen=MOST_TOLD)
        self._seen: deque[tuple[float, tuple[Box, ...]]] = deque(maxlen=MOST_TOLD)  # what moved here, and when
        self._vain = places or VainPlaces()
        self._moving = False  # in the frame looked at last
        self._followed_before = False
        self._still_s: float | None = None  # since when nothing moved, in the frames' time
        self._awake_s = 0.0  # until then at least
        self._given_s: float | None = None  # when vision last got a frame

    def tell(self, told: Told) -> None:
        """From vision's thread, for each frame it has analysed, in their order."""
        self._told.append(told)

    def look(self, frame: Frame) -> bool:
        """Take one frame, in the order of time; True when it ends the idling."""
        if not self.section.enabled:
            return False
        motion, at_s, was_idle = self._motion(shrunk(frame)), frame.at.mono_s, self.idle
        self._heed(at_s)
        found = was_idle and self.following and not self._followed_before
        self._moving = bool(motion.boxes)
        self._seen.append((at_s, motion.boxes))
        awaited = self._moving and (self.following or not self._vain.all_in_vain(motion.boxes))
        if awaited or found or not motion.ready or self._still_s is None:
            self._still_s = at_s
        elif motion.stirred and not self._moving and was_idle:
            self._awake_s = at_s + STIRRED_S
        after_s = self.section.after
        patience_s = max(STANDING * after_s, STANDING_S) if self.following else after_s
        calm = self._moving or not motion.stirred  # what stirs in full is confirmed or gone with the next frames
        self.idle = not self.watched and calm and at_s - self._still_s >= patience_s and at_s >= self._awake_s
        return was_idle and not self.idle

    def worth(self, at_s: float) -> bool:
        """Whether vision should have the frame of `at_s` that was just looked at."""
        since_s = None if self._given_s is None else at_s - self._given_s
        every_s = STOOD_S if self.following else STILL_S
        if self.idle and not self._moving and since_s is not None and 0.0 <= since_s < every_s:
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

    def _heed(self, at_s: float) -> None:
        self._followed_before = self.following
        while self._told and self._told[0].at_s <= at_s - HEEDED_S:
            told = self._told.popleft()
            self.following = bool(told.followed)
            # What moves here only is nothing for the model: that is in vain as well.
            looked = told.looked or (self._seen_at(told.at_s) if told.still else ())
            if looked or told.followed:
                self._vain.looked(told.at_s, looked, told.followed)

    def _seen_at(self, at_s: float) -> tuple[Box, ...]:
        while self._seen and self._seen[0][0] < at_s:
            self._seen.popleft()
        return self._seen[0][1] if self._seen and self._seen[0][0] == at_s else ()
