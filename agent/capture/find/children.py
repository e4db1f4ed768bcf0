"""Runs another program for a moment: bounded output, a deadline, and never a wait for one that does not die."""

import asyncio
import contextlib
import os
import select
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

from agent.clock import Clock

MAX_OUTPUT = 262_144
DIES_S = 1.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How it went. `code` is None when it was killed: too slow, or too much output."""

    code: int | None
    output: bytes


async def run_child(arguments: Sequence[str], deadline_s: float, clock: Clock) -> Ended | None:
    """Run it; None when there is no such program. Its complaints are dropped, its children end with it."""
    return await asyncio.to_thread(_run, arguments, deadline_s, clock)


def _run(arguments: Sequence[str], deadline_s: float, clock: Clock) -> Ended | None:
    end_s = clock.mono_s() + deadline_s
    try:
        child = subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return None
    assert child.stdout is not None
    with child.stdout:
        try:
            output, whole = _read(child.stdout, end_s, clock)
            code = child.wait(max(end_s - clock.mono_s(), 0)) if whole else None
            return Ended(code, output)
        except subprocess.TimeoutExpired:
            return Ended(None, output)
        finally:
            if child.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)
                # A driver may hold it in state D for ever; then it is left to the kernel.
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(DIES_S)


def _read(pipe: IO[bytes], end_s: float, clock: Clock) -> tuple[bytes, bool]:
    # What came, and whether that was all of it.
    output = bytearray()
    ready = select.poll()
    ready.register(pipe, select.POLLIN)
    while len(output) < MAX_OUTPUT and (left_s := end_s - clock.mono_s()) > 0:
        if ready.poll(left_s * 1000):
            chunk = os.read(pipe.fileno(), 65_536)
            if not chunk:
                return bytes(output), True
            output += chunk
    return bytes(output), False
