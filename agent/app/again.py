"""A wish to start anew: after a clean stop the process runs the same command line once more, in the same place.

Works with and without systemd, which sees no end of the service. A process that is stuck ends instead, and systemd
starts the next.
"""

import os
import sys
import threading

AGAIN_CODE = 76  # of run_node; never the exit code of a process


class Again:
    """Asked by commands, looked at by the main thread each second."""

    def __init__(self) -> None:
        self._asked = threading.Event()

    def ask(self) -> None:
        """Stop and start anew, soon. What was answered before still leaves."""
        self._asked.set()

    def asked(self) -> bool:
        """Is it wanted?"""
        return self._asked.is_set()


def begin_again() -> None:
    """Does not return. The command line of this process, from its beginning."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, sys.orig_argv)  # noqa: S606  # our own command line
