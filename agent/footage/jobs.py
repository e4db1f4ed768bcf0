"""The two workers of footage: one writes what the cameras send, one cuts what events want."""

import re
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from agent.clock import Clock
from agent.footage.queue import PacketQueue
from agent.footage.store import Footage
from agent.values import Clip, ClipWanted
from agent.worker import Outcome

WAIT_S = 2.0
AT_ONCE = 64  # packets; while a camera idles they come in rows
EXPIRE_EVERY_S = 10.0
LOOK_EVERY_S = 2.0


class FootageJob:
    """Drains `queue` into `footage`; keeps the ring within its bounds; dates footage when the clock becomes right.

    Made anew after an error, it begins by mending what was found damaged. Raises StorageError.
    """

    def __init__(self, footage: Footage, queue: PacketQueue, clock: Clock) -> None:
        self._footage = footage
        self._queue = queue
        self._clock = clock
        self._expired_s: float | None = None
        self._dated = False
        footage.mend()

    def run_once(self) -> Outcome:
        """What lies ready, or a while of waiting for it. Raises StorageError."""
        self._tidy()
        for number in range(AT_ONCE):
            item = self._queue.get(0.0 if number else WAIT_S)
            if item is None:
                return Outcome.WORKED if number else Outcome.IDLE
            self._footage.write(item.packet, item.lost)
        return Outcome.WORKED

    def close(self) -> None:
        """Nothing to give back: `footage` and `queue` live on."""

    def _tidy(self) -> None:
        now_s = self._clock.mono_s()
        if self._expired_s is not None and now_s - self._expired_s < EXPIRE_EVERY_S:
            return
        self._expired_s = now_s
        self._footage.expire()
        self._footage.settle()
        if not self._dated and self._clock.trusted():
            self._footage.redate(self._clock)
            self._dated = True


class ClipJob:
    """Cuts each clip that `wanted` gives once its footage is there or it is due, and hands it to `deliver`.

    `deliver` gets None when nothing of the range exists; `wanted` must then forget the clip.
    """

    def __init__(
        self,
        footage: Footage,
        wanted: Callable[[], Sequence[ClipWanted]],
        deliver: Callable[[ClipWanted, Clip | None], None],
        folder: Path,
        stop: threading.Event,
    ) -> None:
        self._footage = footage
        self._wanted = wanted
        self._deliver = deliver
        self._folder = folder
        self._stop = stop
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def run_once(self) -> Outcome:
        """Cut what is ready, then rest two seconds. Raises StorageError."""
        wanted = tuple(self._wanted())
        self._footage.pin(wanted)
        ready = [one for one in wanted if self._footage.ready(one)]
        for one in ready:
            if self._stop.is_set():
                break
            name = re.sub(r"[^A-Za-z0-9_-]", "_", one.id)
            self._deliver(one, self._footage.library.cut(one, self._folder / f"{name}.mp4"))
        if ready:
            return Outcome.WORKED
        self._stop.wait(LOOK_EVERY_S)
        return Outcome.IDLE

    def close(self) -> None:
        """Nothing to give back."""
