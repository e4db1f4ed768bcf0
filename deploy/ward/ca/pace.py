"""How often one address may ask, and be wrong: nobody tries tokens by the million, and nobody keeps the signer busy."""

import time
from collections import OrderedDict, deque

from deploy.ward.ca.refused import Refused

WINDOW_S = 60.0
ASKED, WRONG = 120, 10  # a minute, of one address
ADDRESSES = 10_000


class Pace:
    """Counts the last minute of each address; of more than 10,000 the oldest is forgotten."""

    def __init__(self, asked: int = ASKED, wrong: int = WRONG) -> None:
        self._most = {"asked": asked, "wrong": wrong}
        self._seen: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()

    def ask(self, address: str) -> None:
        """A request came. Raises Refused (429)."""
        for kind in self._most:
            if len(self._recent(address, kind)) >= self._most[kind]:
                raise Refused(429, "too_often", "try again in a minute")
        self._recent(address, "asked").append(time.monotonic())

    def wrong(self, address: str) -> None:
        """It was refused."""
        self._recent(address, "wrong").append(time.monotonic())

    def _recent(self, address: str, kind: str) -> deque[float]:
        times = self._seen.setdefault((address, kind), deque())
        self._seen.move_to_end((address, kind))
        while len(self._seen) > ADDRESSES:
            self._seen.popitem(last=False)
        while times and time.monotonic() - times[0] > WINDOW_S:
            times.popleft()
        return times
