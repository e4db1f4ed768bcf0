"""The health worker: a report to the ward every interval, and in between the status file and the open faults."""

import os
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass

from agent.clock import Clock
from agent.contract.birth import ConfigFacts
from agent.contract.health import HealthMessage
from agent.health.conditions import Conditions
from agent.health.faults import FaultBoard
from agent.health.notify import watchdog_s
from agent.health.report import HealthReport
from agent.health.status import NodeIdentity, StatusFile, StatusReport
from agent.worker import Outcome

FIRST_AFTER_S = 5.0  # cameras have said something by then
LOOK_EVERY_S = 5.0
JITTER = 0.1  # so that a whole city does not report in the same second


@dataclass(frozen=True, slots=True)
class HealthDesk:
    """What the worker uses; made once by `app.py`, so that a new job goes on where the last one ended."""

    report: HealthReport
    conditions: Conditions
    faults: FaultBoard
    status: StatusFile
    publish: Callable[[HealthMessage], None]
    who: NodeIdentity
    paced: Callable[[HealthMessage], None] = lambda report: None  # how hard the node may work by this report
    config: Callable[[], ConfigFacts | None] = lambda: None  # whose configuration runs


class HealthJob:
    """One piece of work: wait until the next look is due, judge the node, tell whom it concerns."""

    def __init__(
        self,
        desk: HealthDesk,
        interval_s: float,
        clock: Clock,
        stop: threading.Event,
        rng: random.Random | None = None,
    ) -> None:
        self._desk = desk
        self._interval_s = interval_s
        self._clock = clock
        self._stop = stop
        self._rng = rng or random.Random()
        now_s = clock.mono_s()
        self._look_s = now_s
        self._status_s = now_s
        self._publish_s = now_s + min(FIRST_AFTER_S, interval_s)

    def run_once(self) -> Outcome:
        """Look once. Raises what the hand-off to the spool raises (StorageError)."""
        self._stop.wait(max(0.0, min(LOOK_EVERY_S, self._look_s - self._clock.mono_s())))
        if self._stop.is_set():
            return Outcome.IDLE
        report = self._desk.report.take()
        self._desk.conditions.check(report, self._desk.report.footage_dropped())
        self._desk.paced(report)
        now_s = self._clock.mono_s()
        self._look_s = now_s + min(LOOK_EVERY_S, self._interval_s)
        # The status before the spool: a full disk must not hide itself from the person at the machine.
        if now_s >= self._status_s:
            self._desk.status.write(self._status(report))
            self._status_s = now_s + self._desk.status.every_s
        self._desk.faults.tick()
        if now_s >= self._publish_s:
            self._desk.publish(report)
            self._publish_s = now_s + self._interval_s * self._rng.uniform(1 - JITTER, 1 + JITTER)
        return Outcome.WORKED

    def _status(self, report: HealthMessage) -> StatusReport:
        now = self._clock.now()
        return StatusReport(
            node=self._desk.who.node,
            ward=self._desk.who.ward,
            version=self._desk.who.version,
            pid=os.getpid(),
            boot_id=now.boot_id,
            mono_s=now.mono_s,
            every_s=self._desk.status.every_s,
            health=report,
            faults=tuple(fault.message(now) for fault in self._desk.faults.open()),
            config=self._desk.config(),
            clock_set=now.trusted,
            watchdog_s=watchdog_s(),
        )

    def close(self) -> None:
        """Nothing to give back; the status file is removed by `app.py` when the node stops for good."""
