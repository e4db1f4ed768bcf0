"""When the certificate is renewed: at a third of its life, once a day at most, and what came of it outlives a restart.

The work itself is done by a child, handed in as `start`: it needs libraries that a running node does without.
"""

import contextlib
import hashlib
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Literal, Protocol

from agent.clock import NS, Clock
from agent.durable import write_durably
from agent.errors import AgentError
from agent.i18n import Text
from agent.identity.validity import Validity, validity_of
from agent.worker import Outcome

DUE_SHARE = 3  # when a third is left
SPREAD_SHARE = 30  # within so much of a life, so that a ward that was enrolled in one day does not come in one day
DAY_S = 86_400.0
TRY_SHARE = 24  # a certificate of few hours is tried more often than once a day
REVIVED_NS = 180 * round(DAY_S * NS)
FIRST_LOOK_S = 20.0  # the start of a node has better things to do
LOOK_S = 20.0
CHILD_S = 180.0
GLANCE_S = 0.5
CODE = "certificate_renewal"


class Attempt(Protocol):
    """A child that asks for a certificate and stores it."""

    def result(self) -> AgentError | Literal["running", "done"]:
        """How it goes; an error when it failed."""

    def stop(self) -> None:
        """End it; may be called again."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is tried: the certificate's file, where the next try is noted, and how a try is begun."""

    cert: Path
    notes: Path
    start: Callable[[], Attempt]


class Renewal:
    """What is remembered of tries; made once, by `app/`. Thread-safe: only one thread writes."""

    def __init__(self, plan: Plan, clock: Clock, rng: random.Random | None = None) -> None:
        self.plan = plan
        self._clock = clock
        self._rng = rng or random.Random()
        self.state: Literal["ok", "failed"] = "ok"
        self._not_before_ns = 0
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            told = json.loads(plan.notes.read_bytes())
            self._not_before_ns = int(told["not_before_ns"])
            self.state = "failed" if told["failed"] is True else "ok"

    def due(self) -> bool:
        """Is it time for a try? Also after the end, for as long as an authority may still know the key."""
        validity = self._validity()
        if validity is None:
            return False
        now_ns = self._clock.now().wall_ns
        left_ns = validity.not_after_ns - now_ns
        begin_ns = validity.life_ns // DUE_SHARE - self._share() * validity.life_ns // (SPREAD_SHARE * 255)
        # A note from a clock that was ahead must not put a try off for years.
        rests = now_ns < self._not_before_ns < now_ns + 2 * round(DAY_S * NS)
        return -REVIVED_NS < left_ns <= begin_ns and not rests

    def begun(self) -> None:
        """A try begins: noted first, so that a crash in it does not make a loop."""
        self._note(failed=True)

    def ended(self, well: bool) -> None:
        """How it went."""
        self.state = "ok" if well else "failed"
        self._note(failed=not well)

    def _note(self, failed: bool) -> None:
        validity = self._validity()
        spacing_s = min(DAY_S, validity.life_ns / NS / TRY_SHARE) if validity else DAY_S
        delay_ns = round(spacing_s * self._rng.uniform(1.0, 1.5) * NS)
        self._not_before_ns = self._clock.now().wall_ns + delay_ns
        told = {"not_before_ns": self._not_before_ns, "failed": failed}
        with contextlib.suppress(OSError):  # a disk that fails: the next start tries sooner, nothing else
            write_durably(self.plan.notes, json.dumps(told).encode())

    def _validity(self) -> Validity | None:
        try:
            return validity_of(self.plan.cert.read_bytes())
        except (OSError, ValueError):
            return None

    def _share(self) -> int:
        """0 to 255, as the certificate has it: the same at every look."""
        try:
            return hashlib.sha256(self.plan.cert.read_bytes()).digest()[0]
        except OSError:
            return 0


class RenewalJob:
    """Job "renewal". Raises AgentError when a try failed; made anew, it waits for the next."""

    def __init__(self, renewal: Renewal, clock: Clock, stop: Event) -> None:
        self._renewal = renewal
        self._clock = clock
        self._stop = stop
        self._attempt: Attempt | None = None
        self._look_s = clock.mono_s() + (0.0 if clock.mono_s() > FIRST_LOOK_S else FIRST_LOOK_S)
        self._until_s = 0.0

    def run_once(self) -> Outcome:
        """Look, begin, or wait for what was begun."""
        if self._attempt is not None:
            return self._follow(self._attempt)
        self._stop.wait(min(max(self._look_s - self._clock.mono_s(), 0.0), GLANCE_S))
        if self._stop.is_set() or self._clock.mono_s() < self._look_s:
            return Outcome.IDLE
        self._look_s = self._clock.mono_s() + LOOK_S
        if self._renewal.due():
            self._renewal.begun()
            self._attempt = self._renewal.plan.start()
            self._until_s = self._clock.mono_s() + CHILD_S
        return Outcome.IDLE

    def close(self) -> None:
        """What is under way is ended; the files are the old ones or the new ones."""
        if self._attempt is not None:
            self._attempt.stop()

    def _follow(self, attempt: Attempt) -> Outcome:
        self._stop.wait(GLANCE_S)
        result = attempt.result()
        if result == "running" and self._clock.mono_s() < self._until_s:
            return Outcome.IDLE
        self._attempt = None
        if result == "done":
            self._renewal.ended(well=True)
            return Outcome.WORKED
        attempt.stop()
        self._renewal.ended(well=False)
        if isinstance(result, AgentError):
            raise AgentError(result.text, result.hint, code=CODE)
        raise AgentError(
            Text(en="the renewal of the certificate took too long", vi="gia hạn chứng chỉ mất quá nhiều thời gian"),
            code=CODE,
        )
