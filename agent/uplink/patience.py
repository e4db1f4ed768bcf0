"""When to try the broker again: soon enough after the household's line was away, spread enough after a whole city was.

Full jitter (Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015). How often it failed is kept
where it outlives the process but not the boot, so that an agent that crashes and restarts does not start over.
"""

import contextlib
import json
import random
from pathlib import Path

from agent.backoff import Backoff
from agent.uplink.memory import LinkMemory

FIRST_S = 5.0  # a broker that restarts loses all its nodes in the same second ...
SPREAD_PARTS = 6  # ... and one of a city, with a longer `mqtt.spread`, more of them: the first delay grows with it
SILENT_CAP_S = 20.0  # no answer at all: most likely this household's line; the ward hears of it soon after it is back
CAP_S = 120.0  # somebody answered, and not well: all nodes of the city may be there
JUST_BOOTED_S = 300.0  # a boot so short ago may be a power cut of the whole quarter


class Patience(Backoff):
    """The delays of the mqtt worker. `kept`: a file in memory (/run), or None. Tells `memory` when to begin."""

    def __init__(
        self, memory: LinkMemory, spread_s: float, kept: Path | None = None, rng: random.Random | None = None
    ) -> None:
        rng = rng or random.Random()
        super().__init__(FIRST_S, CAP_S, rng=rng)
        self._memory = memory
        self._kept = kept
        self._clock = memory.clock
        self._draw = rng
        self._first_s = max(FIRST_S, spread_s / SPREAD_PARTS)  # also to the next of several brokers
        self._count = self._load(spread_s)

    def healthy(self, mono_s: float) -> None:
        """A connection works."""
        if self._count and self._memory.stats.state().connected:
            self._count = 0
            self._keep(mono_s)

    def delay_s(self) -> float:
        """How long to wait after this failure: uniform from nothing to the grown delay."""
        # Silence is this household's line; a word, even a bad one, is a broker that all its nodes have lost.
        first_s, cap_s = (FIRST_S, SILENT_CAP_S) if self._memory.silent else (self._first_s, CAP_S)
        if self._memory.another_address():
            return self._draw.uniform(0.0, first_s)
        grown_s = min(cap_s, first_s * 2.0 ** min(self._count, 30))
        self._count += 1
        delay_s = self._draw.uniform(0.0, grown_s)
        self._keep(self._clock.mono_s() + delay_s)
        return delay_s

    def _load(self, spread_s: float) -> int:
        now_s = self._clock.mono_s()
        if now_s < JUST_BOOTED_S:
            self._memory.rest(self._draw.uniform(0.0, spread_s))
        try:
            told = json.loads(self._kept.read_bytes()) if self._kept else {}
            if told.get("boot_id") != self._clock.boot_id:
                return 0
            count, not_before_s = int(told["failures"]), float(told["not_before_s"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return 0
        self._memory.rest(max(self._memory.wait_s(), min(not_before_s - now_s, CAP_S)))
        return max(count, 0)

    def _keep(self, not_before_s: float) -> None:
        if self._kept is None:
            return
        told = {"boot_id": self._clock.boot_id, "failures": self._count, "not_before_s": not_before_s}
        with contextlib.suppress(OSError):  # then a crash loop starts over; nothing else is lost
            temporary = self._kept.with_name(self._kept.name + ".tmp")
            temporary.write_text(json.dumps(told), encoding="ascii")
            temporary.replace(self._kept)
