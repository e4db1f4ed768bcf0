"""One child process of the embedded ward, in its own process group, that cannot outlive its parent.

PDEATHSIG covers kill -9 of the parent; it follows the thread that started the child, so start wards from a thread that
stays (the main one).
"""

import contextlib
import ctypes
import os
import selectors
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from agent.errors import AgentError
from agent.i18n import Text

PR_SET_PDEATHSIG = 1


class WardError(AgentError):
    """The embedded ward cannot be had or started here."""

    def __init__(self, text: Text, hint: Text | None = None) -> None:
        super().__init__(text, hint, code="ward")


class Child:
    """A running program; its standard input stays open until `stop`.

    What it prints goes to `log`, or to this terminal without one; with `talks` its standard output is for `hear`.
    """

    def __init__(
        self, command: Sequence[str], log: Path | None, env: Mapping[str, str] | None = None, talks: bool = False
    ) -> None:
        self.log = log
        with contextlib.ExitStack() as stack:
            printed = stack.enter_context(log.open("ab")) if log else None
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE if talks else printed,
                stderr=printed,
                env={**os.environ, **(env or {})},
                start_new_session=True,
                preexec_fn=_die_with_parent(),  # noqa: PLW1509  # two system calls, nothing that takes a lock
            )

    def say(self, line: str) -> None:
        """One line to its standard input."""
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(line.encode() + b"\n")
            self.process.stdin.flush()

    def hear(self, timeout_s: float) -> str:
        """The next line of its standard output; empty when it ended or said nothing in time."""
        assert self.process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            return self.process.stdout.readline().decode().strip() if selector.select(timeout_s) else ""

    def wait_until(self, ready: Callable[[], bool], timeout_s: float) -> bool:
        """Poll `ready` until it is true; False when the program ended or the time is over."""
        for _ in range(round(timeout_s / 0.05)):
            if ready():
                return True
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=0.05)
                return False
        return False

    def last_words(self) -> str:
        """The end of its log."""
        if self.log is None or not self.log.exists():
            return ""
        return self.log.read_text(encoding="utf-8", errors="replace").strip()[-400:]

    def kill(self) -> None:
        """End it as a power cut would."""
        self._signal(signal.SIGKILL)
        self.stop()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Ask it to end, then make it; may be called again."""
        self._signal(signal.SIGTERM)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        try:
            self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
            self.process.wait()

    def _signal(self, number: signal.Signals) -> None:
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)


def _die_with_parent() -> Callable[[], None]:
    libc = ctypes.CDLL(None, use_errno=True)  # loaded before the fork: loading after it may dead-lock
    parent = os.getpid()

    def ask() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return ask
