"""What left this house, by kind and day, for the household's page: counted as it leaves, kept for eight days.

`data_dir/household/sent.json` is written now and then, so a power cut forgets up to a quarter of an hour of counts; the
budget's own count (agent/uplink/ledger.py) is another and does not depend on it. Bytes of clips and live pictures are
those that went over the line, those of a try that failed too. Nothing is kept of what an event was about.
"""

import json
import logging
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

from agent.clock import NS, Clock, Moment
from agent.durable import write_durably
from agent.values import LiveNews, OutgoingClip, OutgoingMessage

log = logging.getLogger(__name__)
FOLDER, FILE = "household", "sent.json"
MESSAGES = "messages"  # all of them; those of events are in `events` as well
EVENTS, CLIPS, ASKED, LIVE = "events", "clips", "asked", "live"
NO_DATE = ""  # before the clock is set; counts for the day that it then shows
DAYS = 8
NEWEST = 60
KEEP_EVERY_S = 900.0
IN_FLIGHT = 1000
MOST_BYTES = 100_000
Pending = Callable[[int, Collection[int]], tuple[OutgoingMessage, ...]]
Ack = Callable[[Iterable[int]], None]


@dataclass(frozen=True, slots=True)
class Left:
    """One thing that left: an event, a clip, what was asked for, or a live picture that has ended."""

    at_ns: int  # Unix nanoseconds
    sure: bool
    kind: str
    cam: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Count:
    """So many, and so many bytes."""

    things: int = 0
    bytes: int = 0


class Sent:
    """One for the life of the process; thread-safe. A disk that fails costs the numbers, never what is sent."""

    def __init__(self, data_dir: Path, zone: tzinfo, clock: Clock) -> None:
        self._file = data_dir / FOLDER / FILE
        self._zone = zone
        self._clock = clock
        self._lock = threading.Lock()
        self._days: dict[str, dict[str, Count]] = {}
        self._newest: deque[Left] = deque(maxlen=NEWEST)
        self._flight: dict[int, OutgoingMessage] = {}
        self._carries = CLIPS
        self._kept_s = clock.mono_s()
        self._read()

    # From those who send

    def leaving(self, pending: Pending) -> Pending:
        """`pending`, watched: events among what is handed out."""

        def watched(limit: int, skip: Collection[int]) -> tuple[OutgoingMessage, ...]:
            found = pending(limit, skip)
            if len(self._flight) > IN_FLIGHT:  # acknowledged by a broker that we then lost
                self._flight.clear()
            self._flight.update((one.row, one) for one in found if "/event/" in one.topic)
            return found

        return watched

    def arriving(self, ack: Ack) -> Ack:
        """`ack`, watched: the broker has these."""

        def watched(rows: Iterable[int]) -> None:
            rows = list(rows)
            for message in filter(None, (self._flight.pop(row, None) for row in rows)):
                self._event(message)
            ack(rows)

        return watched

    def spent(self, kind: str, count: int) -> None:
        """So many bytes of messages, clips or live have left."""
        with self._lock:
            self._add(self._carries if kind == CLIPS else kind, Count(0, count))

    def carries(self, clip: OutgoingClip, *, asked: bool) -> None:
        """The bytes of clips that leave next are this one's."""
        self._carries = ASKED if asked else CLIPS

    def clip(self, clip: OutgoingClip) -> None:
        """The ward has it."""
        if clip.parent is None:
            self._thing(self._carries, clip.cam, clip.bytes)

    def live(self, news: LiveNews) -> None:
        """A live picture has ended."""
        if news.bytes_sent:
            self._thing(LIVE, news.wish.cam, news.bytes_sent)

    def close(self) -> None:
        """Keep what is new."""
        with self._lock:
            self._keep()

    # From the page

    def days(self) -> tuple[tuple[str, dict[str, Count]], ...]:
        """Today and the six days before, the newest first; dates as 2026-11-22."""
        with self._lock:
            today = self._today(self._clock.now())
            wanted = [(today - timedelta(days=ago)).isoformat() for ago in range(7)]
            return tuple((day, dict(self._days.get(day, {}))) for day in wanted)

    def newest(self) -> tuple[Left, ...]:
        """Single things, the newest first."""
        with self._lock:
            return tuple(reversed(self._newest))

    def _event(self, message: OutgoingMessage) -> None:
        try:
            body: Any = json.loads(message.payload)
            first, cam = body["rev"] == 1, str(body["cam"])
        except (ValueError, KeyError, TypeError):
            first, cam = False, ""
        size = len(message.payload) + len(message.topic)
        if first:
            self._thing(EVENTS, cam, size)
        with self._lock:
            self._add(EVENTS, Count(0, size))

    def _thing(self, kind: str, cam: str, count: int) -> None:
        now = self._clock.now()
        with self._lock:
            self._newest.append(Left(now.wall_ns, now.trusted, kind, cam, count))
            self._add(kind, Count(1, 0))

    def _add(self, kind: str, more: Count) -> None:
        now = self._clock.now()
        if now.trusted and (unsure := self._days.pop(NO_DATE, None)):
            for each, count in unsure.items():
                self._put(self._today(now).isoformat(), each, count)
        self._put(self._today(now).isoformat() if now.trusted else NO_DATE, kind, more)
        if self._clock.mono_s() - self._kept_s >= KEEP_EVERY_S:
            self._keep()

    def _put(self, day: str, kind: str, more: Count) -> None:
        kinds = self._days.setdefault(day, {})
        before = kinds.get(kind, Count())
        kinds[kind] = Count(before.things + more.things, before.bytes + more.bytes)
        if len(self._days) > DAYS:
            now = self._clock.now()
            if now.trusted:
                today = self._today(now)
                wanted = {(today - timedelta(days=ago)).isoformat() for ago in range(DAYS)}
                self._days = {each: counts for each, counts in self._days.items() if each in wanted}

    def _today(self, now: Moment) -> date:
        return datetime.fromtimestamp(now.wall_ns / NS, self._zone).date()

    def _keep(self) -> None:
        self._kept_s = self._clock.mono_s()
        told = {
            "days": {
                day: {kind: [count.things, count.bytes] for kind, count in kinds.items()}
                for day, kinds in self._days.items()
            },
            "newest": [[one.at_ns, one.sure, one.kind, one.cam, one.bytes] for one in self._newest],
        }
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_durably(self._file, json.dumps(told).encode(), 0o600)
        except OSError as error:
            log.warning("what was sent could not be written down: %s", error)

    def _read(self) -> None:
        try:
            with self._file.open("rb") as file:
                told: Any = json.loads(file.read(MOST_BYTES))
            days = {
                str(day): {str(kind): Count(int(pair[0]), int(pair[1])) for kind, pair in kinds.items()}
                for day, kinds in told["days"].items()
            }
            newest = [Left(int(one[0]), bool(one[1]), str(one[2]), str(one[3]), int(one[4])) for one in told["newest"]]
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
            log.warning("%s cannot be read: %s; counted anew", self._file, type(error).__name__)
            return
        self._days = days
        self._newest.extend(newest)
