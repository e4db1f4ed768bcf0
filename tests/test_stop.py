"""A signal may come at any step of the main thread."""

import subprocess
import sys

import pytest

PROGRAM = """
import os, select, signal
from agent import stop as module
stop = module.StopSignal([signal.SIGTERM])
assert not stop.is_set() and not stop.wait(0.05)
real = select.select
def between(*what):  # as late and as early as a step can be
    os.kill(os.getpid(), signal.SIGTERM)
    found = real(*what)
    os.kill(os.getpid(), signal.SIGTERM)
    return found
{when}
assert stop.wait(30) and stop.is_set() and stop.wait()
print("stopped")
"""


@pytest.mark.parametrize("when", ["module.select.select = between", "os.kill(os.getpid(), signal.SIGTERM)"])
@pytest.mark.fault("G42", "SIGTERM at any moment of a wait")
def test_a_signal_stops_whenever_it_comes(when: str) -> None:
    program = PROGRAM.format(when=when)
    done = subprocess.run((sys.executable, "-c", program), capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "stopped\n"
