"""What outlives one connection to the broker: which MQTT it speaks, when to try again, how often we were thrown out.

Jobs are made anew after every error; this stays. All but `ask_rebirth` and `renewed` belongs to the mqtt thread.
"""

import uuid
from collections.abc import Sequence
from typing import Literal

from agent.clock import Clock
from agent.uplink.stats import LinkStats
from agent.uplink.wake import Wake

Version = Literal["5", "3.1.1"]
OLD_BROKER_S = 6 * 3600.0  # a broker that only hung up on MQTT 5 is asked again after this
KICKED_SOON_S = 60.0
KICKS = 3
DUPLICATE_REST_S = 300.0
REFUSED_REST_S = 60.0


class LinkMemory:
    """One for the life of the process. `wake`: one that many links of one thread share."""

    def __init__(self, clock: Clock, stats: LinkStats, wake: Wake | None = None) -> None:
        self.clock = clock
        self.stats = stats
        self.wake = wake or Wake()
        self.stale_cleared = False
        self.identity = 0  # counts the certificates that this process has had
        self._rebirth = False
        self._old_until_s: float | None = None
        self._suspected = False
        self._kicks = 0
        self._not_before_s = clock.mono_s()
        self._address = 0
        self._untried = 0
        self._worked = False
        self.silent = False  # the last failure was one without an answer

    @staticmethod
    def new_session() -> str:
        """A name for one connection; its Will carries the same."""
        return uuid.uuid4().hex

    def ask_rebirth(self) -> None:
        """Publish birth and all states again; from any thread."""
        self._rebirth = True
        self.wake.set()

    def renewed(self) -> None:
        """There is another certificate: connections are made anew with it; from one thread."""
        self.identity += 1
        self.wake.set()

    def rebirth_asked(self) -> bool:
        """True once after `ask_rebirth`."""
        asked, self._rebirth = self._rebirth, False
        return asked

    # Which broker

    def address(self, urls: Sequence[str]) -> str:
        """The one to try now; the first of the list again after a connection that worked."""
        return urls[self._address % len(urls)]

    def failed(self, urls: Sequence[str], silent: bool) -> None:
        """An address failed: the next is up, until all were tried. What worked was lost: all are, from the first."""
        self.silent = silent
        if self._worked:
            self._worked, self._address, self._untried = False, 0, len(urls)
            return
        if self._untried <= 0:
            self._untried = len(urls)
        self._untried -= 1
        self._address = (self._address + 1) % len(urls)

    def another_address(self) -> bool:
        """Is there one that was not tried since the last rest?"""
        return self._untried > 0

    # Which MQTT

    def version(self) -> Version:
        """What to try now when the configuration leaves it open."""
        old = self._suspected or (self._old_until_s is not None and self.clock.mono_s() < self._old_until_s)
        return "3.1.1" if old else "5"

    def no_mqtt5(self, said_so: bool) -> None:
        """The broker refused MQTT 5, in words or by hanging up (which may have had another reason)."""
        if said_so:
            self._old_until_s = float("inf")
        else:
            self._suspected = True

    def connected(self) -> None:
        """The address and the version that were tried work."""
        self._worked = True
        if self._suspected:
            self._old_until_s = self.clock.mono_s() + OLD_BROKER_S
        self._suspected = False

    def hung_up_on_old(self) -> None:
        """It hangs up on 3.1.1 as well: it was not the version."""
        self._suspected = False

    # When to try again

    def wait_s(self) -> float:
        """How long to leave the broker alone."""
        return self._not_before_s - self.clock.mono_s()

    def rest(self, seconds: float) -> None:
        """Trying again sooner cannot help."""
        self._not_before_s = self.clock.mono_s() + seconds

    def unreachable(self) -> None:
        """Nobody is there at all: what ended the connections before was no other node."""
        self._kicks = 0

    def kicked(self, after_s: float) -> bool:
        """The broker ended a connection that lasted `after_s`. True: another node uses our id."""
        self._kicks = self._kicks + 1 if after_s < KICKED_SOON_S else 0
        if self._kicks < KICKS:
            return False
        self._kicks = 0
        return True
