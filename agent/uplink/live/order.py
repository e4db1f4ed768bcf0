"""One picture that was granted: since when, until when, and what the ward has said about it since."""

import threading

from agent.clock import Clock
from agent.i18n import Text
from agent.uplink.live import words
from agent.values import LiveGrant, LiveWish


class Order:
    """Written by the thread of commands, read by the one that pushes. `halt` ends every wait of that one."""

    def __init__(self, wish: LiveWish, grant: LiveGrant, clock: Clock) -> None:
        self.wish = wish
        self.grant = grant
        self.begun = clock.now()
        self.halt = threading.Event()
        self._clock = clock
        self._begin_s = self._heard_s = clock.mono_s()
        self._why: Text | None = None

    def heard(self) -> None:
        """Somebody still looks. That it lasts no longer than granted stays."""
        self._heard_s = self._clock.mono_s()

    def end(self, why: Text) -> None:
        """It is over; the first reason counts."""
        if self._why is None:
            self._why = why
        self.halt.set()

    def over(self) -> Text | None:
        """Why it is over, if it is."""
        now_s = self._clock.mono_s()
        if self._why is not None:
            return self._why
        if self.left_s <= 0:
            return words.LONG_ENOUGH
        return words.NOBODY if now_s - self._heard_s > self.grant.keepalive_s else None

    @property
    def left_s(self) -> float:
        """Until it ends at the latest."""
        return max(0.0, self._begin_s + self.grant.lasts_s - self._clock.mono_s())
