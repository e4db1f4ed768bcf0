"""The worker's job: takes an order from the desk, pushes it to its end, tells how it goes. One picture at a time."""

import threading
from collections.abc import Callable

from agent.clock import Clock
from agent.i18n import Text
from agent.uplink.live import words
from agent.uplink.live.desk import DONE, LiveDesk
from agent.uplink.live.order import Order
from agent.uplink.live.session import LiveLine, Over, Session
from agent.values import LiveNews, LiveState
from agent.worker import Outcome

IDLE_S = 5.0
TELL_EVERY_S = 15.0
REST_EVERY_S = 1.0


class LiveJob:
    """Job "live". `tell` hears of the begin, of the progress and of the end; it does not raise."""

    def __init__(
        self, line: LiveLine, desk: LiveDesk, tell: Callable[[LiveNews], None], stop: threading.Event, clock: Clock
    ) -> None:
        self._line = line
        self._desk = desk
        self._tell = tell
        self._stop = stop
        self._clock = clock
        self._order: Order | None = None
        self._session: Session | None = None
        self._told_s = self._looked_s = clock.mono_s()

    def run_once(self) -> Outcome:
        """One picture, or a wait for an order."""
        if self._order is None or self._session is None:
            self._begin(self._desk.take(IDLE_S))
            return Outcome.IDLE
        try:
            self._look(self._order)
            self._session.step()
        except Over as over:
            self._end(over.why)
            return Outcome.IDLE
        if self._clock.mono_s() - self._told_s >= TELL_EVERY_S:
            self._say("uploading")
        return Outcome.WORKED

    def close(self) -> None:
        """End what runs: the node stops, or this job failed."""
        if self._order is not None:
            self._end(self._order.over() or (words.NODE_STOPS if self._stop.is_set() else words.BROKEN))

    def _begin(self, order: Order | None) -> None:
        if order is None:
            return
        self._order = order
        self._session = Session(self._line, order, self._clock)
        self._say("uploading")

    def _look(self, order: Order) -> None:
        if self._stop.is_set():
            order.end(words.NODE_STOPS)
        now_s = self._clock.mono_s()
        if now_s - self._looked_s < REST_EVERY_S:
            return
        self._looked_s = now_s
        why = self._desk.rest()
        if why is not None:
            order.end(why)

    def _end(self, why: Text) -> None:
        order = self._order
        if self._session is not None:
            self._session.close()
        if order is not None:
            self._say("done" if why in DONE else "failed", why)
            self._desk.over(order)
        self._order = self._session = None

    def _say(self, state: LiveState, why: Text | None = None) -> None:
        order = self._order
        if order is None:
            return
        self._told_s = self._clock.mono_s()
        sent = self._session.sent if self._session is not None else 0
        eta_s = round(order.left_s, 1) if state == "uploading" else None
        self._tell(LiveNews(order.wish, state, sent, eta_s, why, order.begun.wall_ns))
