"""A running `gst-launch-1.0`: its stream as a file that never blocks for long, what it prints, and its end by SIGKILL.

NVIDIA's parts print to stdout, so the stream has a pipe of its own, and both outputs are read as one, bounded.
"""

import contextlib
import fcntl
import os
import re
import select
import subprocess
import threading
from collections.abc import Callable, Sequence

from agent.capture.isolated.process import drained, kill_group, reaped
from agent.capture.jetson.pipeline import Descriptors
from agent.capture.jetson.words import started_ns
from agent.clock import Clock

SLICE_S = 0.25  # so that a stop is never waited for longer
BREAK_S = 5.0  # in the middle of a packet
PIPE_BYTES = 1024 * 1024
KEPT_LINES = 60
LINE_BYTES = 500


class Stopped(Exception):
    """The agent stops; nothing is wrong with the camera."""


class Broken(Exception):
    """The stream stopped in the middle."""


class Launch:
    """Raises OSError when the program cannot be started; `kill` exactly once. `read` as PyAV wants it."""

    def __init__(
        self,
        command: Callable[[Descriptors], Sequence[str]],
        overlay: bytes | None,
        clock: Clock,
        stop: threading.Event,
    ) -> None:
        self.started_ns: int | None = None  # the monotonic nanosecond of stamp 0
        self.lines: list[str] = []  # the last that it printed
        self._clock = clock
        self._stop = stop
        self._rest = b""
        self._stream, stream = os.pipe2(os.O_CLOEXEC)
        self._output, output = os.pipe2(os.O_CLOEXEC)
        picture = None
        try:
            os.set_blocking(self._output, False)
            with contextlib.suppress(OSError):  # more than an unprivileged user may have: then it stays small
                fcntl.fcntl(self._stream, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
            picture = _memory_file(overlay) if overlay is not None else None
            files = Descriptors(stream, picture)
            self._process = _start(command(files), tuple(fd for fd in (stream, picture) if fd is not None), output)
        except OSError:
            os.close(self._stream)
            os.close(self._output)
            raise
        finally:
            os.close(stream)
            os.close(output)
            if picture is not None:
                os.close(picture)
        self._poll = select.poll()
        self._poll.register(self._stream, select.POLLIN)

    @property
    def pid(self) -> int:
        """Of the child, which leads its own session and group."""
        return self._process.pid

    def ready(self) -> bool:
        """Whether something of the stream, or its end, came within a quarter of a second."""
        self._drain()
        came = bool(self._poll.poll(round(SLICE_S * 1000)))
        self._drain()
        return came

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; none at the end. Raises Stopped, Broken."""
        until_s = self._clock.mono_s() + BREAK_S
        while not self.ready():
            if self._stop.is_set():
                raise Stopped
            if self._clock.mono_s() >= until_s:
                raise Broken
        return os.read(self._stream, size)

    def kill(self) -> subprocess.Popen[bytes] | None:
        """Kill it and all it started. The process, if the kernel did not let it go within a second (state D)."""
        kill_group(self._process)
        self._drain()
        os.close(self._stream)
        os.close(self._output)
        return reaped(self._process)

    def _drain(self) -> None:
        for data in drained(self._output):
            *lines, rest = re.split(rb"[\r\n]+", self._rest + data)
            self._rest = rest[-LINE_BYTES:]
            for line in lines:
                self._heard(line[:LINE_BYTES].decode(errors="replace"))

    def _heard(self, line: str) -> None:
        if self.started_ns is None:
            self.started_ns = started_ns(line)
        self.lines.append(line)
        del self.lines[:-KEPT_LINES]


def _memory_file(data: bytes) -> int:
    number = os.memfd_create("camera-mask", os.MFD_CLOEXEC)
    with os.fdopen(os.dup(number), "wb") as file:
        file.write(data)
    return number


def _start(command: Sequence[str], files: tuple[int, ...], output: int) -> subprocess.Popen[bytes]:
    spoken = {"LC_ALL": "C.UTF-8", "GST_DEBUG": "pipeline:5", "GST_DEBUG_NO_COLOR": "1"}
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        pass_fds=files,
        env={**os.environ, **spoken},
        start_new_session=True,
    )
