"""Where a camera's own time stamps lie on the node's monotonic clock.

In: time stamps and arrival times, both in nanoseconds. Out: when each picture was taken, free of network and scheduler
jitter, and whether the stream broke off (a new run). Pure; knows nothing of video.
"""

NS = 10**9
JUMP_NS = 10 * NS  # a longer leap forward is not a pause of the camera but a new stream
BACK_NS = NS  # less than this backwards is jitter of the sender
WINDOW_NS = 30 * NS  # how long an arrival counts as "the quickest of late"
SETTLE_SHARE = 2  # falling: time runs at no less than half speed
DRIFT_SHARE = 1000  # rising: at most 1 ms per second, far above the drift of two crystals


class Timeline:
    """One camera. The anchor is the running minimum of arrival - stamp: the packet that was least delayed tells best.

    It is approached in small steps, so that a burst after opening or a drifting crystal never makes time leap.
    """

    def __init__(self) -> None:
        self._anchor_ns: int | None = None
        self._last_dts_ns = 0
        self._window_start_ns = 0
        self._least_ns = 0  # minimum of this window
        self._least_before_ns = 0  # minimum of the window before
        self._last_picture_ns: int | None = None

    def advance(self, dts_ns: int, arrival_ns: int) -> bool:
        """Takes one packet, in decoding order. True when it begins a new run: the first, or after a jump."""
        offset_ns = arrival_ns - dts_ns
        step_ns = dts_ns - self._last_dts_ns
        if self._anchor_ns is None or not -BACK_NS <= step_ns <= JUMP_NS:
            self._anchor_ns = self._least_ns = self._least_before_ns = offset_ns
            self._last_dts_ns = self._window_start_ns = dts_ns
            return True
        if dts_ns - self._window_start_ns > WINDOW_NS:
            self._least_before_ns, self._least_ns = self._least_ns, offset_ns
            self._window_start_ns = dts_ns
        self._least_ns = min(self._least_ns, offset_ns)
        target_ns = min(self._least_ns, self._least_before_ns)
        step_ns = max(step_ns, 0)
        if target_ns < self._anchor_ns:
            self._anchor_ns = max(target_ns, self._anchor_ns - step_ns // SETTLE_SHARE)
        else:
            self._anchor_ns = min(target_ns, self._anchor_ns + step_ns // DRIFT_SHARE)
        self._last_dts_ns = max(self._last_dts_ns, dts_ns)
        return False

    def at_ns(self, pts_ns: int) -> int:
        """The monotonic nanosecond at which the picture with this stamp was taken."""
        return pts_ns + (self._anchor_ns or 0)

    def picture_ns(self, pts_ns: int) -> int:
        """The same for pictures in display order: strictly later than the picture before."""
        at_ns = self.at_ns(pts_ns)
        if self._last_picture_ns is not None:
            at_ns = max(at_ns, self._last_picture_ns + 1)
        self._last_picture_ns = at_ns
        return at_ns
