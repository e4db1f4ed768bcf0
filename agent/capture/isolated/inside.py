"""The child's end of the wire: takes the job, tells what the camera gives, and never outlives the agent.

In: a job (a JSON object) over the socket that the agent put in place of stdin. Out: messages. Standard library only,
and NumPy for the first frame, so that a Python which has no camera stack at all can still say so.
"""

import contextlib
import fcntl
import mmap
import os
import resource
import select
import signal
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.capture.isolated.wire import Buffer, Wire

if TYPE_CHECKING:
    from agent.capture.isolated.slots import SlotWriter

JOB_S = 10.0
MOST_BYTES = 1024**3  # of own memory; a leak ends the child with a MemoryError and not the machine
OOM_SCORE = "800"  # if the kernel must end somebody, then this process and not the agent
MAX_DETAIL = 300


class Inside:
    """Everything a child says and hears. What it calls a stamp is nanoseconds of CLOCK_MONOTONIC.

    Raises (any method) `wire.WireEnd` when the agent is gone; then the child has nothing left to do but to end.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        _limit(most_bytes)
        sock = socket.fromfd(0, socket.AF_UNIX, socket.SOCK_STREAM)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)  # a camera stack that reads stdin must not eat our messages
        os.close(nothing)
        self._wire = Wire(sock)
        message = self._wire.receive(JOB_S)
        if message is None or message.kind != "job" or len(message.fds) != 2:
            raise SystemExit("no job came")
        self.job: dict[str, Any] = message.meta
        _die_with(message.fds[0])
        self._board = mmap.mmap(message.fds[1], mmap.PAGESIZE)
        os.close(message.fds[1])
        self._slots: SlotWriter | None = None
        self._unsent = 0

    @property
    def idle(self) -> bool:
        """Nothing moves in front of the camera: frames may be rare. Costs nothing to ask."""
        return self._board[0] == 1

    def hello(self) -> None:
        """Everything is loaded; the camera is about to be opened."""
        self._wire.send("hello", {})

    def format(self, codec: str, size: tuple[int, int], time_base: tuple[int, int], extradata: Buffer) -> None:
        """How the packets that follow are encoded; `extradata` as FFmpeg has it (parameter sets)."""
        meta = {"codec": codec, "width": size[0], "height": size[1], "time_base": time_base}
        self._wire.send("format", meta, extradata)

    def packet(self, run: int, at_ns: int, stamps: tuple[int, int, int], key: bool, data: Buffer) -> None:
        """One encoded picture taken at the stamp `at_ns`. `stamps`: pts, dts, duration in the format's time base.

        `run`: the stamp at which the stream began; another one where pts does not go on, and then `key` first.
        """
        pts, dts, duration = stamps
        meta = {"run": run, "at": at_ns, "pts": pts, "dts": dts, "duration": duration, "key": key}
        self._wire.send("packet", meta, data)

    def frame(self, run: int, number: int, at_ns: int, planes: Sequence[Any]) -> bool:
        """One decoded picture: luma, u, v as 2D uint8 arrays. False: dropped and counted, as all slots are taken."""
        luma = planes[0]
        size = (int(luma.shape[1]), int(luma.shape[0]))
        if self._slots is None or self._slots.size != size:
            if self._slots is not None:
                self._slots.close()
            from agent.capture.isolated.slots import SlotWriter  # noqa: PLC0415  # needs NumPy

            self._slots = SlotWriter(*size)
            self._wire.send("slots", {"width": size[0], "height": size[1]}, fds=(self._slots.fd,))
        slot = self._slots.put(planes)
        if slot is None:
            self._unsent += 1
            return False
        self._wire.send("frame", {"run": run, "number": number, "at": at_ns, "slot": slot})
        return True

    def counts(self, encoder: str, **numbers: int) -> None:
        """What was done since the start: pictures, decoded, errors, runs, skipped. Also the sign of life of a child
        that has no picture to send: at least every two seconds.
        """
        self._wire.send("counts", {**numbers, "unsent": self._unsent, "encoder": encoder})

    def fault(self, name: str, detail: str = "") -> None:
        """The camera failed: a key of `agent.capture.problems.WORDS`, and what stands for {detail}. Then end."""
        self._wire.send("fault", {"name": name, "detail": detail[:MAX_DETAIL]})

    def told(self, meta: dict[str, Any]) -> None:
        """The camera failed with an error that has its own words (`code`, `text`, `hint` as {"en", "vi"})."""
        self._wire.send("fault", meta)

    def over(self) -> None:
        """The source came to its end, without a fault."""
        self._wire.send("over", {})


def _limit(most_bytes: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = most_bytes if hard == resource.RLIM_INFINITY else min(most_bytes, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError):  # it is higher already, or the system has none
        Path("/proc/self/oom_score_adj").write_text(OOM_SCORE, encoding="ascii")


def _die_with(lifeline: int) -> None:
    """The kernel kills this process and its group when the agent's end of the pipe closes, however the agent ended.

    Unlike PR_SET_PDEATHSIG it is not bound to the thread that forked and takes grandchildren along; unlike a thread
    that waits, it works while a camera stack holds the interpreter.
    """
    own_group = os.getpgrp() == os.getpid()
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, -os.getpid() if own_group else os.getpid())
    fcntl.fcntl(lifeline, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)
    watch = select.poll()
    watch.register(lifeline, 0)
    if watch.poll(0):  # it had closed before
        raise SystemExit("the agent is gone")
