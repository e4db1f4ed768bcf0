"""Signals become an event that a thread can wait for."""

import os
import signal
import threading
from collections.abc import Iterable


def stop_at(numbers: Iterable[signal.Signals]) -> threading.Event:
    """An event that is set once one of the signals has come. For the main thread, once per process.

    No Python handler sets it: a handler runs between two steps of the main thread, which may hold the event's own lock
    just then, and would wait for itself for ever. The C handler writes to a pipe, and a thread sets the event.
    """
    stop = threading.Event()
    reader, writer = os.pipe()  # for as long as the process lives
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)

    def wait() -> None:
        while os.read(reader, 1):
            stop.set()

    threading.Thread(target=wait, name="signals", daemon=True).start()
    for number in numbers:
        signal.signal(number, lambda *_: None)
    return stop
