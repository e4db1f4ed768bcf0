"""A worker runs a job piece by piece, makes a fresh one after an error, and says when the function works again."""

import random
import threading

import pytest

from agent.backoff import Backoff
from agent.clock import Clock
from agent.errors import AgentError, CameraError
from agent.i18n import Text
from agent.worker import Outcome, Worker

DEADLINE_S = 10.0


class Board:
    def __init__(self) -> None:
        self.told: list[str] = []
        self.cleared_once = threading.Event()
        self.raised_once = threading.Event()

    def raised(self, source: str, error: AgentError) -> None:
        self.told.append(f"raised {source} {error.code}")
        self.raised_once.set()

    def cleared(self, source: str) -> None:
        self.told.append(f"cleared {source}")
        self.cleared_once.set()


class Script:
    """A job that goes through a list of outcomes and errors, then idles until the stop."""

    def __init__(self, steps: list[Outcome | Exception], stop: threading.Event, closed: list[str]) -> None:
        self._steps = steps
        self._stop = stop
        self._closed = closed

    def run_once(self) -> Outcome:
        if not self._steps:
            self._stop.wait(0.01)
            return Outcome.IDLE
        step = self._steps.pop(0)
        if isinstance(step, Exception):
            raise step
        return step

    def close(self) -> None:
        self._closed.append("closed")


def quick() -> Backoff:
    return Backoff(first_s=0.001, cap_s=0.001, rng=random.Random(1))


def lost() -> CameraError:
    return CameraError(Text(en="gone", vi="mất"), code="camera_absent")


def make_worker(lives: list[list[Outcome | Exception]], board: Board, closed: list[str]) -> Worker:
    def make(stop: threading.Event) -> Script:
        return Script(lives.pop(0) if lives else [], stop, closed)

    return Worker("capture-gate", make, board, quick(), Clock())


def test_an_error_raises_a_fault_and_a_fresh_job_that_works_clears_it() -> None:
    board, closed = Board(), list[str]()
    worker = make_worker([[lost()], [Outcome.IDLE, Outcome.WORKED]], board, closed)
    worker.start()
    assert board.cleared_once.wait(DEADLINE_S)
    worker.stop()
    assert worker.join(DEADLINE_S)
    assert board.told == ["raised capture-gate camera_absent", "cleared capture-gate"]
    assert closed == ["closed", "closed"]
    assert worker.restarts == 1


def test_idling_does_not_clear_a_fault() -> None:
    board, closed = Board(), list[str]()
    worker = make_worker([[lost()], [Outcome.IDLE, Outcome.IDLE, lost()]], board, closed)
    worker.start()
    assert board.raised_once.wait(DEADLINE_S)
    worker.stop()
    assert worker.join(DEADLINE_S)
    assert not board.cleared_once.is_set()


def test_a_bug_in_a_job_becomes_an_internal_fault_and_not_the_end() -> None:
    board, closed = Board(), list[str]()
    worker = make_worker([[ValueError("bug")], [Outcome.WORKED]], board, closed)
    worker.start()
    assert board.cleared_once.wait(DEADLINE_S)
    worker.stop()
    assert worker.join(DEADLINE_S)
    assert board.told[0] == "raised capture-gate internal"


def test_a_job_that_is_done_ends_its_worker_without_a_fault() -> None:
    board, closed = Board(), list[str]()
    worker = make_worker([[Outcome.WORKED, Outcome.DONE]], board, closed)
    worker.start()
    assert worker.join(DEADLINE_S)
    assert board.told == ["cleared capture-gate"]
    assert closed == ["closed"]
    assert not worker.running


def test_a_silent_worker_is_stuck_only_after_its_own_limit() -> None:
    release = threading.Event()

    class Blocked:
        def run_once(self) -> Outcome:
            release.wait(DEADLINE_S)
            return Outcome.IDLE

        def close(self) -> None:
            release.set()

    board = Board()
    worker = Worker("capture-gate", lambda stop: Blocked(), board, quick(), Clock())
    worker.start()
    assert not worker.stuck
    worker.max_silent_s = -1.0
    assert worker.stuck
    release.set()
    worker.stop()
    assert worker.join(DEADLINE_S)


@pytest.mark.parametrize("failures", [0, 1, 5, 40])
def test_delays_grow_to_the_cap_with_jitter(failures: int) -> None:
    backoff = Backoff(first_s=1.0, cap_s=120.0, rng=random.Random(7))
    for _ in range(failures):
        backoff.delay_s()
    whole = min(120.0, 2.0**failures)
    assert whole / 2 <= backoff.delay_s() <= whole


def test_a_long_healthy_stretch_starts_the_delays_over() -> None:
    backoff = Backoff(first_s=1.0, cap_s=120.0, healthy_s=60.0, rng=random.Random(7))
    for _ in range(6):
        backoff.delay_s()
    backoff.healthy(100.0)
    backoff.healthy(159.0)
    assert backoff.delay_s() >= 32.0  # not long enough yet
    backoff.healthy(160.0)
    backoff.healthy(220.0)
    assert backoff.delay_s() <= 1.0
