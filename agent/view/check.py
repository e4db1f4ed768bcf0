"""Frames in, View out: is the camera covered, moved, blurred, dark or blinded?

A look is taken every three seconds, every second while the view is learnt or something seems wrong. What seems wrong
must go on for a while (`SUSTAIN_S`) over several looks before it is told; then it is told with the time at which it
began.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from agent.clock import Moment
from agent.values import Frame, Motion, Small, View, ViewState
from agent.view.signs import Suspicion, suspicion_of
from agent.view.usual import Look, Usual

LOOK_S, CALM_LOOK_S = 1.0, 3.0
LOOKS = 3  # at least, before anything is told: an idle camera gives few frames
CLEAN_LOOKS = 2  # and the view is well again
SUSTAIN_S: Mapping[ViewState, float] = {
    ViewState.COVERED: 4.0,
    ViewState.MOVED: 4.0,
    ViewState.BLURRED: 6.0,
    ViewState.DARK: 6.0,
    ViewState.BLINDED: 4.0,
}
UNSURE_S = 60.0  # something large may stand before the camera: a bus at a red light moves on sooner
SAME_SHIFT = 0.02  # of the picture: a camera that was turned stays turned, a chance peak jumps about
ACCEPTED_S = 600.0  # a turned camera's new view is the usual one from then on
MOST_S = 12 * 3600.0  # so is whatever else lasts: no mistake lasts for ever
COLOURED, GREY = 1.2, 0.4  # mean distance of chroma from grey: above is colour, below infrared light
STEP = 16  # every so many chroma samples
LEAST = 64  # pixels across and down: a smaller picture tells nothing of the view


class ViewCheck:
    """One camera's view. Knows a usual view in colour and one in grey, for cameras see the night in infrared light."""

    def __init__(self) -> None:
        self._shape: tuple[int, int] | None = None
        self._usual: dict[bool, Usual] = {}
        self._grey = False
        self._view = View()
        self._looked_s: float | None = None
        self._since: Moment | None = None  # of what seems wrong
        self._looks = self._surely = self._cleans = 0
        self._shift: tuple[float, float] | None = None

    def update(self, frame: Frame, small: Small, motion: Motion) -> View:
        """How the view is as of this frame. `small.at` is the time that counts."""
        now_s = small.at.mono_s
        if min(frame.luma.shape) < LEAST:
            return self._view
        if self._looked_s is not None and 0.0 <= now_s - self._looked_s < self._pause_s():
            return self._view
        self._looked_s = now_s
        if self._shape != (small.height, small.width):
            self._shape = (small.height, small.width)
            self._usual = {False: Usual(), True: Usual()}
        self._grey = _is_grey(frame, self._grey)
        look, suspicion = self._look(frame, small)
        if suspicion is not None:
            self._suspect(small.at, suspicion)
        else:
            self._clean(small.at, look)
        return self._view

    def reset(self) -> None:
        """The time line broke. The usual view stays known, for the camera hangs where it hung."""
        self._view = View()
        self._looked_s = None
        self._forget()

    def _pause_s(self) -> float:
        return CALM_LOOK_S if self._since is None and self._usual[self._grey].ready else LOOK_S

    def _look(self, frame: Frame, small: Small) -> tuple[Look, Suspicion | None]:
        mine, other = self._usual[self._grey], self._usual[not self._grey]
        first, second = (mine, other) if mine.ready or not other.ready else (other, mine)
        comparison, look = first.compare(frame, small)
        if first is other:
            comparison = replace(comparison, sharp=None)  # the lens focuses infrared light elsewhere
        suspicion = suspicion_of(comparison, first.ready)
        if suspicion is not None and first.ready and second.ready and suspicion_of(second.beside(look), True) is None:
            return look, None
        if suspicion is not None and suspicion.shifted and first.ready:
            suspicion = self._shifted(first, look, suspicion)
        return look, suspicion

    def _shifted(self, usual: Usual, look: Look, suspicion: Suspicion) -> Suspicion | None:
        """Something hides the view, or it has moved: a shift that stays the same tells."""
        across, down, sure = usual.shift(look)
        before, self._shift = self._shift, (across, down)
        if sure and before is not None and np.hypot(across - before[0], down - before[1]) <= SAME_SHIFT:
            return replace(suspicion, sure=np.hypot(across, down) > SAME_SHIFT)
        return suspicion if suspicion.large else None

    def _suspect(self, at: Moment, suspicion: Suspicion) -> None:
        self._cleans = 0
        if self._since is None:
            self._since, self._looks = at, 0
        self._looks += 1
        lasts_s = at.mono_s - self._since.mono_s
        self._surely = self._surely + 1 if suspicion.sure else 0
        need_s = SUSTAIN_S[suspicion.state] if self._surely >= LOOKS else UNSURE_S
        if self._looks >= LOOKS and lasts_s >= need_s and self._view.state is not suspicion.state:
            self._view = View(suspicion.state, self._since)
        accepted_s = ACCEPTED_S if self._view.state is ViewState.MOVED else MOST_S
        if lasts_s >= accepted_s:
            self._usual[self._grey] = Usual()
            self._view = View(ViewState.OK, at)
            self._forget()

    def _clean(self, at: Moment, look: Look) -> None:
        self._cleans += 1
        self._shift = None
        if self._since is not None and self._cleans < CLEAN_LOOKS:
            return
        if self._view.state is not ViewState.OK:
            self._view = View(ViewState.OK, at)
        self._since = None
        self._surely = 0
        self._usual[self._grey].learn(look)

    def _forget(self) -> None:
        self._since = None
        self._looks = self._surely = self._cleans = 0
        self._shift = None


def _is_grey(frame: Frame, was_grey: bool) -> bool:
    """Is the picture without colour? In between it stays as it was."""
    u, v = frame.u[::STEP, ::STEP].astype(np.float32), frame.v[::STEP, ::STEP].astype(np.float32)
    colour = float(np.abs(u - 128.0).mean() + np.abs(v - 128.0).mean())
    return colour < (COLOURED if was_grey else GREY)
