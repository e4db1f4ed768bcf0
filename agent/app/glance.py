"""A copy of a camera's next analysed frame, for whoever asks; while nobody does, it costs one look at a dictionary."""

import threading
from dataclasses import replace

from agent.values import Frame


class Glance:
    """`seen` is called by the vision threads with each frame; `ask` by a thread that may wait."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._asked: dict[str, Frame | None] = {}

    def seen(self, frame: Frame) -> None:
        """One frame was analysed. Copied only when it is asked for: the decoder's buffers are not held."""
        if frame.cam not in self._asked or frame.rewound:
            return
        copy = replace(frame, luma=frame.luma.copy(), u=frame.u.copy(), v=frame.v.copy())
        with self._changed:
            if frame.cam in self._asked:
                self._asked[frame.cam] = copy
                self._changed.notify_all()

    def ask(self, cam: str, patience_s: float) -> Frame | None:
        """The next frame of `cam`; None when none comes in time. One asker at a time."""
        with self._changed:
            self._asked[cam] = None
            self._changed.wait_for(lambda: self._asked[cam] is not None, patience_s)
            return self._asked.pop(cam)
