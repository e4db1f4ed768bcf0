"""The two workers of footage: one writes what the cameras send, one cuts what events want."""

import logging
import re
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from agent.clock import Clock
from agent.errors import StorageError
from agent.footage.doors import AnyFootage
from agent.footage.queue import PacketQueue
from agent.i18n import Text
from agent.values import Clip, ClipWanted
from agent.worker import Outcome, Reporter

log = logging.getLogger(__name__)
WAIT_S = 2.0
AT_ONCE = 64  # packets; while a camera idles they come in rows
EXPIRE_EVERY_S = 10.0
LOOK_EVERY_S = 2.0
HOUR_S = 3600.0
ENTER_EVERY_S = 60.0  # rows of finished segments are written together: each write costs pages of the card
SUSPECT = Text(
    en="The clock cannot be right beside the footage of the start before: nothing is deleted by its date",
    vi="Đồng hồ không khớp với hình đã ghi ở lần chạy trước: không xoá hình nào theo ngày",
)
INDEX, CLOCK = "footage-index", "footage-clock"  # sources of faults


class FootageJob:
    """Drains `queue` into `footage`; keeps the ring within its bounds; dates footage whenever the clock is set.

    Made anew after an error, it begins by mending what was found damaged. Trouble with the index or with removing is
    told to `faults` and does not keep pictures from being written. Raises StorageError.
    """

    def __init__(self, footage: AnyFootage, queue: PacketQueue, clock: Clock, faults: Reporter | None = None) -> None:
        self._footage = footage
        self._queue = queue
        self._clock = clock
        self._faults = faults
        self._expired_s: float | None = None
        self._entered_s = self._hour_s = clock.mono_s()
        self.hourly: Callable[[], None] = lambda: None  # what else belongs to this thread; told to raise nothing
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
        try:
            self._footage.mend()
            self._footage.expire()  # first of all: everything else needs room
            self._footage.redate(self._clock)
            if now_s - self._entered_s >= ENTER_EVERY_S:
                self._entered_s = now_s
                self._footage.enter()
        except StorageError as error:
            if self._faults is None:
                log.warning("footage goes on all the same: %s", error)
            else:
                self._faults.raised(INDEX, error)
        else:
            if self._faults is not None:
                self._faults.cleared(INDEX)
        self._tell_clock()
        self._footage.settle()
        if now_s - self._hour_s >= HOUR_S:
            self._hour_s = now_s
            self.hourly()

    def _tell_clock(self) -> None:
        if self._faults is None:
            return
        if self._footage.look().suspect:
            code = "clock_suspect"
            self._faults.raised(CLOCK, StorageError(SUSPECT, code=code))
        else:
            self._faults.cleared(CLOCK)


class ClipJob:
    """Cuts each clip that `wanted` gives once its footage is there or it is due, and hands it to `deliver`.

    `deliver` gets None when nothing of the range exists; `wanted` must then forget the clip. While `may_wait` says so,
    the footage stays in the ring, which keeps what is pinned: a clip that cannot leave yet is not written to the card.
    """

    def __init__(
        self,
        footage: AnyFootage,
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
        self.may_wait: Callable[[ClipWanted], bool] = lambda _wanted: False  # see agent/app/cutting.py
        self.tidy: Callable[[], object] = lambda: None  # what else belongs to clips, every two seconds
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def run_once(self) -> Outcome:
        """Cut what is ready, then rest two seconds. Raises StorageError."""
        wanted = tuple(self._wanted())
        self._footage.pin(wanted)
        worked = False
        for one in wanted:
            if self._stop.is_set():
                break
            if self.may_wait(one) or not self._footage.ready(one):
                continue
            name = re.sub(r"[^A-Za-z0-9_-]", "_", one.id)
            self._deliver(one, self._footage.library.cut(one, self._folder / f"{name}.mp4"))
            worked = True
        self.tidy()
        if worked:
            return Outcome.WORKED
        self._stop.wait(LOOK_EVERY_S)
        return Outcome.IDLE

    def close(self) -> None:
        """Nothing to give back."""
