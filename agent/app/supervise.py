"""Starts workers in order, watches them, stops them in phases under one deadline.

The watchdog of systemd is fed while every worker but a camera's comes back from its work; a camera that is stuck in C
code is a fault of that camera, not a reason to restart the others.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agent.clock import Clock
from agent.errors import CameraError
from agent.health.notify import Notifier
from agent.i18n import Text
from agent.stop import Stop
from agent.worker import Reporter, Worker

log = logging.getLogger(__name__)
LOOK_S = 4.0
STUCK = "-stuck"  # after the name of a worker: the source of the fault
STOP_S = 8.0  # systemd and the installer wait ten
CAMERAS_S = (
    1.5  # for all cameras together: one may sit in a read of some seconds, and who waits for it must have a turn
)


@dataclass(frozen=True, slots=True)
class Phase:
    """Workers that may end together; a later phase still takes in what an earlier one gives at its end."""

    workers: tuple[Worker, ...]
    camera: bool = False  # may be stuck without holding the watchdog back


class Supervisor:
    """`phases` in the order of stopping; started in reverse, so that takers are there before givers."""

    def __init__(self, phases: Sequence[Phase], notifier: Notifier, reporter: Reporter, clock: Clock) -> None:
        self._phases = phases
        self._notifier = notifier
        self._reporter = reporter
        self._clock = clock
        self._told: str | None = None
        self._stuck: set[str] = set()

    @property
    def restarts(self) -> int:
        """How often any worker had to be made anew."""
        return sum(worker.restarts for phase in self._phases for worker in phase.workers)

    def start(self) -> None:
        """Start all workers."""
        for phase in reversed(self._phases):
            for worker in phase.workers:
                worker.start()

    def watch(self, stop: Stop, status: Callable[[], str], give_up: Callable[[], bool]) -> bool:
        """Until `stop` (False) or `give_up` says so (True), asked every second.

        Feeds the watchdog, reports what is stuck, gives systemd `status` when it changes.
        """
        every_s = self._notifier.watchdog_s or 0.0
        last_s = self._clock.mono_s()
        while not stop.wait(LOOK_S):
            alive = self._look()
            now_s = self._clock.mono_s()
            if alive and every_s and now_s - last_s >= every_s / 4:
                self._notifier.watchdog()
                last_s = now_s
            told = status()
            if told != self._told:
                self._notifier.status(told)
                self._told = told
            if give_up():
                return True
        return False

    def stop(self) -> tuple[str, ...]:
        """Phase by phase, all within the deadline. The names of workers that did not end."""
        deadline_s = self._clock.mono_s() + STOP_S
        for phase in self._phases:
            for worker in phase.workers:
                worker.stop()
            until_s = min(deadline_s, self._clock.mono_s() + CAMERAS_S) if phase.camera else deadline_s
            for worker in phase.workers:
                worker.join(max(0.05, until_s - self._clock.mono_s()))
        stuck = tuple(worker.name for phase in self._phases for worker in phase.workers if worker.running)
        if stuck:
            log.warning("still busy at the end: %s", ", ".join(stuck))
        return stuck

    def _look(self) -> bool:
        alive = True
        for phase in self._phases:
            for worker in phase.workers:
                if not worker.stuck:
                    if worker.name in self._stuck:
                        self._stuck.discard(worker.name)
                        self._reporter.cleared(f"{worker.name}{STUCK}")
                    continue
                alive = alive and phase.camera
                if worker.name not in self._stuck:
                    self._stuck.add(worker.name)
                    self._reporter.raised(f"{worker.name}{STUCK}", _stuck_error(worker, phase.camera))
        return alive


def _stuck_error(worker: Worker, camera: bool) -> CameraError:
    return CameraError(
        Text(
            en=f"{worker.name} has not come back for {worker.silent_s:.0f} s",
            vi=f"{worker.name} không phản hồi đã {worker.silent_s:.0f} giây",
        ),
        code="camera_stuck" if camera else "worker_stuck",
    )
