"""One named thread: makes a job, runs it piece by piece, and after an error makes a fresh one with growing delays.

The only catch-all of the agent lives here. A job never repairs itself in place; it raises, and is made anew.
"""

import logging
import threading
from collections.abc import Callable
from enum import Enum
from typing import Protocol

from agent.backoff import Backoff
from agent.clock import Clock
from agent.errors import AgentError
from agent.i18n import Text

log = logging.getLogger(__name__)


class Outcome(Enum):
    """What one piece of work came to."""

    WORKED = "worked"  # the function is proven to work: an open fault of this worker is cleared
    IDLE = "idle"  # nothing to do, or not there yet
    DONE = "done"  # finished for good: the worker ends without a fault


class Job(Protocol):
    """What a worker runs. Made fresh by its factory; raises to be replaced."""

    def run_once(self) -> Outcome:
        """One piece of work; must come back within seconds, also when there is nothing to do."""

    def close(self) -> None:
        """Give everything back; called once, also after an error; must not block."""


class Reporter(Protocol):
    """Where a worker says that its function is broken, or works again."""

    def raised(self, source: str, error: AgentError) -> None:
        """`source` failed with `error`."""

    def cleared(self, source: str) -> None:
        """`source` works again."""


def _nobody_waits() -> None:
    """The job waits on the stop event, or not at all."""


class Worker:
    """A thread with a name, an owner (`app.py`), a stop event, a last-alive time and a count of restarts."""

    def __init__(
        self, name: str, make: Callable[[threading.Event], Job], reporter: Reporter, backoff: Backoff, clock: Clock
    ) -> None:
        self.name = name
        self.restarts = 0
        self.wake: Callable[[], None] = _nobody_waits  # ends the wait that the job may be in; app.py may set another
        self.max_silent_s = 60.0  # above the longest call into C that the job makes; app.py may set another
        self._make = make
        self._reporter = reporter
        self._backoff = backoff
        self._clock = clock
        self._stop = threading.Event()
        self._alive_s = clock.mono_s()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the thread to end; does not wait."""
        self._stop.set()
        self.wake()

    def join(self, timeout_s: float) -> bool:
        """Wait for the end; True when the thread has ended."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    @property
    def running(self) -> bool:
        """False before the start and after the end."""
        return self._thread.is_alive()

    @property
    def stuck(self) -> bool:
        """It has been silent for longer than its job ever should be."""
        return self.running and self.silent_s > self.max_silent_s

    @property
    def silent_s(self) -> float:
        """Seconds since this worker last came back from a piece of work or from a wait."""
        return self._clock.mono_s() - self._alive_s

    def _run(self) -> None:
        while not self._stop.is_set():
            error = self._run_job()
            if error is None:
                return
            self.restarts += 1
            delay_s = self._backoff.delay_s()
            log.warning("%s: %s (next try in %.0f s)", self.name, error, delay_s)
            self._reporter.raised(self.name, error)
            self._wait(delay_s)

    def _run_job(self) -> AgentError | None:
        job: Job | None = None
        reported_well = False
        try:
            job = self._make(self._stop)
            while not self._stop.is_set():
                outcome = job.run_once()
                self._alive_s = self._clock.mono_s()
                if outcome is Outcome.DONE:
                    break
                if outcome is Outcome.WORKED:
                    self._backoff.healthy(self._alive_s)
                    if not reported_well:
                        self._reporter.cleared(self.name)
                        reported_well = True
        except AgentError as error:
            return error
        except Exception as error:  # the one catch-all: a bug in a job must not end the node
            log.exception("%s: unexpected error", self.name)
            return AgentError(
                Text(en=f"{self.name} failed: {error!r}", vi=f"{self.name} bị lỗi: {error!r}"), code="internal"
            )
        finally:
            if job is not None:
                try:
                    job.close()
                except Exception:
                    log.exception("%s: error while closing", self.name)
        return None

    def _wait(self, seconds: float) -> None:
        # In slices, so that a long delay does not look like a stuck worker.
        while seconds > 0 and not self._stop.wait(min(seconds, 5.0)):
            self._alive_s = self._clock.mono_s()
            seconds -= 5.0
