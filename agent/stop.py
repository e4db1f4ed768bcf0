"""How a program is asked to stop: by a signal, or in tests and threads by an event."""

import os
import select
import signal
from collections.abc import Iterable
from typing import Protocol


class Stop(Protocol):
    """What `threading.Event` is too."""

    def is_set(self) -> bool:
        """Whether to stop."""

    def wait(self, timeout: float | None = None) -> bool:
        """The same after at most `timeout` seconds."""


class StopSignal:
    """Set once one of the signals has come. For the main thread, once per process.

    A handler that sets an event runs between two steps of the main thread, which may hold the event's own lock just
    then, and waits for itself for ever. Here the C handler writes into a pipe, which stays readable from then on.
    """

    def __init__(self, numbers: Iterable[signal.Signals]) -> None:
        self._reader, writer = os.pipe()  # for as long as the process lives
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        for number in numbers:
            signal.signal(number, lambda *_: None)

    def is_set(self) -> bool:
        """Whether one has come."""
        return self.wait(0.0)

    def wait(self, timeout: float | None = None) -> bool:
        """Whether one comes within `timeout` seconds."""
        return bool(select.select((self._reader,), (), (), timeout)[0])
