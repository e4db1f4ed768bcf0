"""The board of open faults: what the rooms say is broken, merged by code, told to the ward without a flood.

`raised` and `cleared` come from any thread and only take note. `tick`, called by the health worker alone, publishes
what differs from what the ward has been told, so nobody waits for the spool and nothing is told out of order.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from agent.clock import Clock, Moment
from agent.contract.base import redated
from agent.contract.fault_pages import page_command
from agent.contract.faults import CODES, FaultEntry, entry_of, fault_message
from agent.contract.messages import FaultMessage
from agent.errors import AgentError
from agent.i18n import Text
from agent.values import Severity

log = logging.getLogger(__name__)
QUIET_S = 20.0  # a fault that was told is not changed or taken back sooner
SETTLE_S = 30.0  # after this, faults that an earlier run left at the broker are taken back
MAX_TEXTS = 3
LEVELS = {Severity.ALERT: logging.ERROR, Severity.WARNING: logging.WARNING, Severity.INFO: logging.INFO}
RANK = {Severity.ALERT: 0, Severity.WARNING: 1, Severity.INFO: 2}


@dataclass(frozen=True, slots=True)
class Fault:
    """One open fault: everything that reports the same code, oldest first."""

    code: str
    severity: Severity
    since: Moment
    sources: tuple[str, ...]
    text: Text
    remedy: Text

    def message(self, now: Moment) -> FaultMessage:
        """As the ward reads it; `since` is put right when the clock was set after it."""
        entry = FaultEntry(self.code, self.severity, self.text, self.remedy)
        return fault_message(entry, redated(self.since, now).wall_ns, self.sources)


@dataclass(frozen=True, slots=True)
class FaultNotice:
    """What the ward is to be told of one code: the fault, or (None) that it is over."""

    code: str
    at: Moment
    message: FaultMessage | None

    def body(self) -> bytes:
        """The payload of the retained topic `fault/{code}`; empty clears it."""
        return self.message.body() if self.message else b""


@dataclass(frozen=True, slots=True)
class _Open:
    entry: FaultEntry
    since: Moment


@dataclass(frozen=True, slots=True)
class _Told:
    fault: Fault | None
    at_s: float


class FaultBoard:
    """Thread-safe. One source has at most one fault: its newest. Sources with the same code share one message."""

    def __init__(self, clock: Clock, publish: Callable[[FaultNotice], None]) -> None:
        self._clock = clock
        self._publish = publish
        self._lock = threading.Lock()
        self._by_source: dict[str, _Open] = {}
        self._told: dict[str, _Told] = {}
        self._started_s = clock.mono_s()

    def raised(self, source: str, error: AgentError) -> None:
        """`source` failed with `error`; replaces what it said before, `since` stays while the code does."""
        entry = entry_of(error)
        now = self._clock.now()
        with self._lock:
            before = self._by_source.get(source)
            since = before.since if before and before.entry.code == entry.code else now
            self._by_source[source] = _Open(entry, since)

    def cleared(self, source: str) -> None:
        """`source` works again."""
        with self._lock:
            self._by_source.pop(source, None)

    def open(self) -> tuple[Fault, ...]:
        """The open faults, worst first, then oldest."""
        return tuple(sorted(self._merged().values(), key=lambda fault: (RANK[fault.severity], fault.since.mono_ns)))

    def codes(self) -> tuple[str, ...]:
        """The codes of the open faults, worst first."""
        return tuple(fault.code for fault in self.open())

    def tick(self) -> int:
        """Publish what the ward does not know yet; returns how many notices. What `publish` raises passes through.

        A new fault goes out at once. A change or the end of one waits `QUIET_S` after the last notice of its code, so a
        flapping source stays visible as open and costs at most two messages in that time.
        """
        now = self._clock.now()
        faults = self._merged()
        sent = 0
        for code in sorted(CODES | faults.keys() | self._told.keys()):
            fault = faults.get(code)
            if self._due(self._told.get(code), fault, now):
                self._publish(FaultNotice(code, now, fault.message(now) if fault else None))
                _write_down(code, self._told.get(code), fault)
                self._told[code] = _Told(fault, now.mono_s)
                sent += 1
        return sent

    def _due(self, told: _Told | None, fault: Fault | None, now: Moment) -> bool:
        if told is None:
            # Nothing said in this run: the broker may still hold a fault of the run before.
            return fault is not None or now.mono_s - self._started_s >= SETTLE_S
        if told.fault == fault:
            return False
        return told.fault is None or now.mono_s - told.at_s >= QUIET_S

    def _merged(self) -> dict[str, Fault]:
        with self._lock:
            items = sorted(self._by_source.items(), key=lambda item: (item[1].since.mono_ns, item[0]))
        merged: dict[str, Fault] = {}
        for code in dict.fromkeys(fault.entry.code for _, fault in items):
            same = [(source, fault) for source, fault in items if fault.entry.code == code]
            first = same[0][1]
            merged[code] = Fault(
                code=code,
                severity=first.entry.severity,
                since=first.since,
                sources=tuple(source for source, _ in same),
                text=_joined([fault.entry.text for _, fault in same]),
                remedy=first.entry.remedy,
            )
        return merged


def _write_down(code: str, told: _Told | None, fault: Fault | None) -> None:
    """The journal keeps when a fault began and ended; a change of its words is told by whoever works."""
    was_open = told is not None and told.fault is not None
    if fault is not None and not was_open:
        level = LEVELS[fault.severity]
        log.log(level, "fault %s begins: %s (%s)", code, fault.text, page_command(code))
    elif fault is None and was_open:
        log.info("fault %s is over", code)


def _joined(texts: list[Text]) -> Text:
    different = list(dict.fromkeys(texts))
    more = "; …" if len(different) > MAX_TEXTS else ""
    told = different[:MAX_TEXTS]
    return Text(en="; ".join(text.en for text in told) + more, vi="; ".join(text.vi for text in told) + more)
