"""One child process: started, listened to, killed. It is never asked to stop and never waited for longer than a second.

In: a command and a job. Out: messages of the wire, the last line of its stderr, and whether the kernel let it go.
"""

import contextlib
import mmap
import os
import re
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.capture.isolated.process import drained, kill_group, reaped
from agent.capture.isolated.wire import Message, Wire, WireEnd
from agent.clock import Clock

SEND_S = 2.0
KEPT_BYTES = 4096
LINE = 200
_LOGIN = re.compile(r"(?:^|//)[^/@\s]*@")  # also of an address whose head did not fit
_STRANGE = re.compile(r"[^\x20-\x7e\u00a0-\ufffc]+")


@dataclass(frozen=True, slots=True)
class ChildCommand:
    """What to start. The job goes over the socket: nothing secret may stand in `argv` or `env`, which all can read."""

    argv: tuple[str, ...]
    job: Mapping[str, Any] = field(repr=False)  # JSON
    env: Mapping[str, str] | None = None  # None: the agent's own


class Child:
    """A running child. Raises OSError (also: ChildProcessError) when it cannot be started; `kill` exactly once."""

    def __init__(self, command: ChildCommand, clock: Clock) -> None:
        self._tail = b""
        with contextlib.ExitStack() as theirs, contextlib.ExitStack() as ours:
            sock, far = socket.socketpair()
            self.wire = Wire(sock, clock.mono_s)
            ours.callback(self.wire.close)
            theirs.callback(far.close)
            sock.settimeout(SEND_S)
            self._errors, errors = _pipe(ours, theirs, os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK))
            os.set_blocking(errors, True)
            lifeline, _ = _pipe(theirs, ours, os.pipe2(os.O_CLOEXEC))
            board = os.memfd_create("camera-board", os.MFD_CLOEXEC)
            theirs.callback(os.close, board)
            os.ftruncate(board, mmap.PAGESIZE)
            self._board = ours.enter_context(mmap.mmap(board, mmap.PAGESIZE))
            self._process = _start(command, far, errors)
            with contextlib.suppress(WireEnd):  # it ended at once: the first `receive` tells
                self.wire.send("job", dict(command.job), fds=(lifeline, board))
            self._ours = ours.pop_all()

    @property
    def pid(self) -> int:
        """Of the child, which leads its own session and group."""
        return self._process.pid

    def receive(self, wait_s: float) -> Message | None:
        """As Wire.receive; takes away what is on stderr, too."""
        self._drain()
        return self.wire.receive(wait_s)

    def attend(self, idle: bool) -> None:
        """Tell the child how closely the camera is looked at. Never blocks."""
        self._board[0] = int(idle)

    def last_words(self) -> str:
        """The last line it wrote to stderr, short, printable and without logins."""
        self._drain()
        lines = self._tail.decode(errors="replace").strip().splitlines()
        return _LOGIN.sub("//", _STRANGE.sub(" ", lines[-1])).strip()[:LINE] if lines else ""

    def kill(self) -> subprocess.Popen[bytes] | None:
        """Kill it and all it started. The process, if the kernel did not let it go within a second (state D)."""
        kill_group(self._process)
        self._ours.close()
        return reaped(self._process)

    def _drain(self) -> None:
        for data in drained(self._errors):
            self._tail = (self._tail + data)[-KEPT_BYTES:]


def _pipe(reader: contextlib.ExitStack, writer: contextlib.ExitStack, ends: tuple[int, int]) -> tuple[int, int]:
    reader.callback(os.close, ends[0])
    writer.callback(os.close, ends[1])
    return ends


def _start(command: ChildCommand, wire: socket.socket, errors: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command.argv,
        stdin=wire.fileno(),
        stdout=errors,  # libraries print there, too
        stderr=errors,
        env=None if command.env is None else dict(command.env),
        start_new_session=True,
    )
