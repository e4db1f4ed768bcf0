"""What was sent today: counted in memory, kept over restarts with as few writes as that takes.

A day is the node's local one while the clock can be trusted, else 24 hours of monotonic time from the first byte on.
However the clock steps, at least 20 hours of monotonic time lie between the begin of a day and that of the next.
"""

import json
import logging
import threading
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path

from agent.clock import NS, Clock
from agent.durable import write_durably

log = logging.getLogger(__name__)
DAY_S = 86_400.0
SHORTEST_DAY_S = 20 * 3600.0  # a clock that steps over midnight, back and over it again, does not make three days
KEEP_EVERY_S = 60.0
SHARE = 50  # a fiftieth of a day's allowance more is worth a write
NO_DATE = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """As it stands in the file; `date` is empty for a day that no trusted clock named."""

    date: str
    sent: int


class DayLedger:
    """Bytes of the running day; thread-safe. `file` None: in memory alone."""

    def __init__(self, file: Path | None, allowance: int, zone: tzinfo, clock: Clock) -> None:
        self._file = file
        self._worth = max(allowance // SHARE, 1)
        self._allowance = allowance
        self._zone = zone
        self._clock = clock
        self._lock = threading.Lock()
        kept = _load(file) if file is not None and allowance else None
        self._date = kept.date if kept else NO_DATE
        self._sent = kept.sent if kept else 0
        self._kept = kept
        self._failed = False
        self._turned = False  # since the start
        self._since_s = clock.mono_s()
        self._tried_s = clock.mono_s()

    def add(self, count: int) -> None:
        """So many bytes have left."""
        with self._lock:
            self._turn_page()
            self._sent += count
            kept = self._kept if self._kept is not None and self._kept.date == self._date else None
            # A fiftieth is written down at once: else one that crashes each minute would spend the day again and again.
            worth = self._sent - (kept.sent if kept else 0) >= self._worth
            rests = self._clock.mono_s() - self._tried_s < KEEP_EVERY_S
            if (worth and not (self._failed and rests)) or (kept is None and not rests):
                self._keep()

    def sent(self) -> int:
        """Bytes so far today."""
        with self._lock:
            self._turn_page()
            return self._sent

    def spent(self) -> bool:
        """Is the day's allowance used up? Never without one."""
        return self._allowance > 0 and self.sent() >= self._allowance

    def close(self) -> None:
        """Keep what is new."""
        with self._lock:
            self._keep()

    def _turn_page(self) -> None:
        now = self._clock.now()
        if not now.trusted:
            # A date from before, kept or not, may be this day's: what was spent counts until a day has gone by.
            if self._clock.mono_s() - self._since_s >= DAY_S:
                self._open(NO_DATE)
            return
        today = datetime.fromtimestamp(now.wall_ns / NS, self._zone).date().isoformat()
        if self._date == NO_DATE:
            self._date = today  # the clock has just been set: what was sent until now counts for today
        elif self._date != today and self._may_turn(today):
            self._open(today)

    def _may_turn(self, today: str) -> bool:
        # After a start nobody knows when the kept day began: a later date is taken at its word, an earlier one is not.
        first = not self._turned and today > self._date
        return first or self._clock.mono_s() - self._since_s >= SHORTEST_DAY_S

    def _open(self, date: str) -> None:
        self._date, self._sent, self._turned = date, 0, True
        self._since_s = self._clock.mono_s()

    def _keep(self) -> None:
        self._tried_s = self._clock.mono_s()
        now = Kept(self._date, self._sent)
        if self._file is None or not self._allowance or now == self._kept:
            return
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_durably(self._file, json.dumps({"date": now.date, "sent": now.sent}).encode())
        except OSError as error:
            log.warning("what was sent today could not be written down: %s", error)
            self._failed = True
            return
        self._kept, self._failed = now, False


def _load(file: Path) -> Kept | None:
    try:
        body = json.loads(file.read_bytes())
        date, sent = body["date"], body["sent"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Kept(date, sent) if isinstance(date, str) and isinstance(sent, int) and sent >= 0 else None
