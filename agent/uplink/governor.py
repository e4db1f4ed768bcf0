"""One budget for everything that leaves the house: the cap, the day's megabytes, the quiet hours, and stepping back.

Messages are counted and never held up: they are a few kilobytes a minute, and what the node is for. Clips make room for
them and for a picture of now that somebody looks at (`share.py`).
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

from agent.clock import NS, Clock
from agent.config.model import UplinkSection
from agent.uplink.ledger import DayLedger
from agent.uplink.limiter import TokenBucket
from agent.uplink.pace import Pace, Paced
from agent.uplink.share import LineDoors, LiveShare
from agent.uplink.stats import LinkStats
from agent.values import LineBudget, Rest, Waiting

log = logging.getLogger(__name__)
CATCH_UP_S = 0.1  # a thread that woke late may send so much of the pace at once
STEP_S = 0.02  # how much is handed to the socket at once while we watch the line
MB = 1_000_000
LIVE_PART = 0.8  # of the cap: messages always fit beside it
CARRIED = 0.8  # of what uploads have measured, for a picture that must not fall behind


@dataclass(frozen=True, slots=True)
class Household:
    """What the family has allowed, and where their days begin."""

    section: UplinkSection
    zone: tzinfo


class Governor(Paced):
    """One for the life of the process. What is said to be of clips belongs to the upload thread."""

    def __init__(self, household: Household, stats: LinkStats, ledger: DayLedger, clock: Clock) -> None:
        section = household.section
        super().__init__(Pace(clock, CATCH_UP_S) if section.yields else None)
        self.stats = stats
        self._zone = household.zone
        self._quiet = section.quiet_span()
        self._ledger = ledger
        self._clock = clock
        self._cap = TokenBucket(section.max_kbps, clock)
        self._ceiling = section.max_kbps * 125.0
        self._lock = threading.Lock()
        self._owed = 0  # bytes of messages and live pictures that have left, and for which clips make room
        self._live_cap = TokenBucket(LIVE_PART * section.max_kbps, clock)
        self._shares: tuple[LiveShare, ...] = ()
        self._told: Waiting | None = None
        self.seen: Callable[[str, int], None] = lambda _kind, _count: None  # messages, clips or live, and bytes

    # Of the whole line, from any thread

    def state(self) -> LineBudget:
        """For health."""
        self._count_messages()
        reason = self._reason()
        return LineBudget(self._kbps(), round(self._ledger.sent() / MB, 1), self._is_quiet(), reason)

    def close(self) -> None:
        """Write down what was sent."""
        self._count_messages()
        self._ledger.close()

    # Of live pictures, from any thread

    def live_kbps(self) -> float | None:
        """What one more live picture may take, as far as anybody knows; None: no limit is known."""
        taken = sum(share.kbps for share in self._shares)
        limits = [LIVE_PART * self._ceiling / 125] if self._ceiling else []
        measured = self.stats.state().uplink_kbps
        limits += [CARRIED * measured] if measured is not None and self._pace is not None else []
        return max(0.0, min(limits) - taken) if limits else None

    def share(self, kbps: float) -> LiveShare:
        """For one push of about so many kilobits per second; `close` it afterwards."""
        doors = LineDoors(self._count_live, lambda: self.stats.in_flight > 0, self._give_back)
        share = LiveShare(kbps, doors, self._clock, yields=self._pace is not None)
        with self._lock:
            self._shares = (*self._shares, share)
        return share

    def _count_live(self, count: int) -> float:
        self._ledger.add(count)
        self.seen("live", count)
        with self._lock:
            self._owed += count
            return self._live_cap.take(count)

    def _give_back(self, share: LiveShare) -> None:
        with self._lock:
            self._shares = tuple(one for one in self._shares if one is not share)

    # Of clips

    def rests(self) -> bool:
        """May no clip leave now? Says why once, whenever that changes."""
        self._count_messages()
        reason = self._reason()
        if reason != self._told:
            self._told = reason
            log.info("clips %s", f"wait: {reason}" if reason else "leave again")
        return reason is not None

    def rest(self) -> Rest | None:
        """Why no clip may leave now, and until when. None: they may."""
        reason = self._reason()
        if reason is None:
            return None
        ends = self._quiet.end if reason == "quiet_hours" and self._quiet is not None else time()
        return Rest(reason, self._next_ns(ends))

    def others_first(self) -> bool:
        """Does a message wait for the broker's word, or a live picture for its turn? Then the line is theirs."""
        return self.stats.in_flight > 0 or any(share.short for share in self._shares)

    @property
    def piece_bytes(self) -> int:
        """How much to hand to the socket at once."""
        most = self._cap.piece_bytes
        return most if self._pace is None else min(most, self._pace.piece_bytes(STEP_S))

    def take(self, count: int) -> float:
        """Count `count` bytes of a clip as sent; gives the seconds to wait before sending them."""
        self._count_messages()
        self._ledger.add(count)
        self.seen("clips", count)
        step_s = self._pace.take(count) if self._pace is not None else 0.0
        with self._lock:
            owed, self._owed = self._owed, 0
        return max(self._cap.take(count + owed), step_s)

    def _count_messages(self) -> None:
        count = self.stats.take_published()
        if count:
            self._ledger.add(count)
            self.seen("messages", count)
            with self._lock:
                self._owed += count

    def _kbps(self) -> int | None:
        limits = [self._ceiling] if self._ceiling else []
        limits += [self._pace.bytes_per_s] if self._pace is not None else []
        return round(min(limits) / 125) if limits else None

    def _reason(self) -> Waiting | None:
        if self._is_quiet():
            return "quiet_hours"
        return "day_spent" if self._ledger.spent() else None

    def _next_ns(self, at: time) -> int | None:
        """The next time that it is this time of day here; None when no clock says so."""
        moment = self._clock.now()
        if not moment.trusted:
            return None
        now = datetime.fromtimestamp(moment.wall_ns // NS, self._zone)
        day = now.date() if now.time() < at else now.date() + timedelta(days=1)
        return round(datetime.combine(day, at, self._zone).timestamp()) * NS

    def _is_quiet(self) -> bool:
        now = self._clock.now()
        if self._quiet is None or not now.trusted:  # a wrong clock must not keep clips for ever
            return False
        return self._quiet.covers(datetime.fromtimestamp(now.wall_ns / NS, self._zone).time())
