"""A signal may come at any step of the main thread."""

import subprocess
import sys

IN_THE_LOCK = """
import os, signal
from agent.cli.signals import stop_at
stop = stop_at([signal.SIGTERM])
with stop._cond:  # as Event.wait holds it for a moment
    os.kill(os.getpid(), signal.SIGTERM)
    for _ in range(1000):
        pass
print(stop.wait(30))
os.kill(os.getpid(), signal.SIGTERM)
print(stop.is_set())
"""


def test_a_signal_while_the_event_is_locked_still_stops() -> None:
    done = subprocess.run((sys.executable, "-c", IN_THE_LOCK), capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["True", "True"]
