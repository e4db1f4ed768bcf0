"""The trial of a configuration in the living node: what is seen of it, what follows, and that the ward hears the end.

A main thread that no longer comes back, whoever holds it, is ended by the kernel's alarm; the next start then finds a
trial that was begun before, and takes the last good configuration.
"""

import logging
import signal
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from agent.clock import Clock
from agent.commands.config_jobs import config_ended, config_tried
from agent.detection.detector import Detector
from agent.errors import StorageError
from agent.pipeline import WHOLE, Analysis
from agent.settings import Before, Gate, Keeping, Outcome, Seen
from agent.uplink import LinkStats
from agent.values import CameraState, Draft, Frame

if TYPE_CHECKING:
    from agent.app.node import Node

log = logging.getLogger(__name__)
START_S = 420.0  # to make all parts of a node: a graphics processor may take minutes to prove itself
HANG_S = 60.0  # between two looks, which are seconds apart
HEALTHY_S = 60.0  # without any camera, a node that still runs then runs well
SOURCE = "config"
BROKEN = ("internal", "worker_stuck", "camera_stuck")
OPENED = ("ok", "ended")
REFUSALS = frozenset({"broker_auth", "broker_tls", "broker_refused"})  # somebody answered: the line is there


def begin_trial(settings: Keeping, boot_id: str) -> None:
    """Choose what runs; from here on nothing can hold a candidate for ever. Raises InvalidConfig."""
    signal.setitimer(signal.ITIMER_REAL, 0)  # it outlives an exec
    settings.begin(boot_id)
    if settings.chosen.trial is not None:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)  # the kernel's own end of us: Python code may never run again
        signal.setitimer(signal.ITIMER_REAL, START_S)


def before(node: "Node") -> Before:
    """What works now."""
    states = [camera.stats.state() for camera in node.cameras]
    return Before(
        cams=tuple(state.id for state in states if _captures(state)),
        model=node.eye is not None,
        broker=node.line.stats.state().connected,
        broken=tuple(sorted(_broken(node))),
    )


class Proof:
    """The model runs on a picture of now, also when nothing moves. Called by the threads of vision."""

    def __init__(self, detector: Detector | None, seen: Callable[[Analysis, Frame], None]) -> None:
        self._detector = detector
        self._seen = seen
        self.inferred = False

    def seen(self, analysis: Analysis, frame: Frame) -> None:
        """One frame was analysed. Raises ModelError."""
        if not self.inferred and self._detector is not None:
            self._detector.detect(frame, WHOLE)
            self.inferred = True
        self._seen(analysis, frame)


class Trying:
    """Looked at by the main thread every few seconds, for the life of the node."""

    def __init__(self, node: "Node", proof: Proof | None, clock: Clock) -> None:
        self._node = node
        self._settings: Keeping = node.settings
        self._proof = proof
        self._clock = clock
        self._start_s = clock.mono_s()
        self._well = False
        trial = node.settings.chosen.trial
        self._gate = Gate(trial, self._start_s) if trial is not None else None
        for error in node.settings.chosen.faults:
            node.faults.raised(f"{SOURCE}-{error.code}", error)
        if trial is not None:
            log.info("a configuration of the ward is on trial (%s)", trial.request_id)
            self._put(config_tried(node.line.topics, trial.request_id, trial.window_s, clock.now()))

    def look(self) -> None:
        """Judge, and tell what is not told yet. A disk that fails is a fault, and tried again at the next look."""
        try:
            if self._gate is not None:
                signal.setitimer(signal.ITIMER_REAL, HANG_S)
                self._judge(self._gate)
            elif not self._well:
                self._note_health()
            for ended in self._settings.untold():
                why = None if ended.why is None else ended.why.text()
                self._node.spool.put(config_ended(self._node.line.topics, ended.request_id, why, self._clock.now()))
                self._settings.told(ended)
            self._node.faults.cleared(SOURCE)
        except StorageError as error:
            self._node.faults.raised(SOURCE, error)

    def _judge(self, gate: Gate) -> None:
        verdict = gate.look(self.seen(), self._clock.mono_s())
        if verdict.outcome is Outcome.WAIT:
            return
        if verdict.why is not None:
            log.warning("the configuration on trial failed: %s", verdict.why)
            self._node.again.ask()  # also when the disk does not take why: the next start knows that it was tried
            signal.setitimer(signal.ITIMER_REAL, START_S)  # for the end of this process, and the beginning of the next
            self._settings.failed(verdict.why)
        else:
            holds_back = self._settings.chosen.holds_back
            self._settings.proved()
            log.info("the configuration on trial works")
            self._node.reborn()
            if holds_back:
                self._node.again.ask()
            signal.setitimer(signal.ITIMER_REAL, 0)
        self._gate = None

    def seen(self) -> Seen:
        """The node as a gate judges it, since this process began."""
        node = self._node
        states = [camera.stats.state() for camera in node.cameras]
        stats: LinkStats = node.line.stats
        link = stats.state()
        return Seen(
            captured=frozenset(state.id for state in states if _captures(state)),
            analysed=frozenset(state.id for state in states if state.analysed),
            broken=frozenset(_broken(node)),
            inferred=self._proof is not None and self._proof.inferred,
            acknowledged=link.connected and link.rtt_ms is not None,
            silent=not link.connected and REFUSALS.isdisjoint(node.faults.codes()),
        )

    def _note_health(self) -> None:
        states = [camera.stats.state() for camera in self._node.cameras]
        if any(state.analysed for state in states) or self._clock.mono_s() - self._start_s > HEALTHY_S:
            self._settings.healthy()
            self._well = True

    def _put(self, draft: Draft) -> None:
        try:
            self._node.spool.put(draft)
        except StorageError as error:
            self._node.faults.raised(SOURCE, error)


def _captures(state: CameraState) -> bool:
    return state.frames > 0 and state.state in OPENED


def _broken(node: "Node") -> Sequence[str]:
    return [source for fault in node.faults.open() if fault.code in BROKEN for source in fault.sources]
