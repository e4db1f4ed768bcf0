"""Runs the trial of a provider in a child process and puts every way it can end into a verdict.

The child gets a deadline and is killed with all it has started. What it writes is bounded by the pipes it writes into.
"""

import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from agent.detection.session import CUDA, TENSORRT, Provider
from agent.detection.verdicts import LONGEST_DETAIL, Verdict, read_verdict

log = logging.getLogger(__name__)

COMMAND = (sys.executable, "-m", "agent.detection.trial")
# Together below the 90 s that systemd gives a start. TensorRT builds its engine in this time; the next start finds it.
DEADLINE_S = {TENSORRT: 45.0, CUDA: 20.0}
AFTER_KILL_S = 2.0  # a driver that keeps the child in the kernel is not waited for
LARGEST_ANSWER = 65536


@dataclass(frozen=True, slots=True)
class Job:
    """What to try. `deadline_s`: the process ends itself then."""

    model: Path
    family: str  # as in the configuration
    provider: Provider
    deadline_s: float

    def line(self) -> bytes:
        """As JSON."""
        cache = str(self.provider.cache) if self.provider.cache else None
        names = {"model": str(self.model), "family": self.family, "provider": self.provider.name, "cache": cache}
        return json.dumps({**names, "deadline_s": self.deadline_s}).encode()

    @classmethod
    def read(cls, data: bytes) -> "Job":
        """From our own parent, hence trusted."""
        job = json.loads(data)
        provider = Provider(job["provider"], Path(job["cache"]) if job["cache"] else None)
        return cls(Path(job["model"]), job["family"], provider, float(job["deadline_s"]))


def prove(job: Job, command: tuple[str, ...] = COMMAND) -> Verdict:
    """Blocks for at most `job.deadline_s` and a little more."""
    said, says = os.pipe()
    answer, answers = os.pipe()
    # Never read before the end, so a library that talks without end must lose its words instead of waiting for us.
    os.set_blocking(says, False)
    try:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=answers, stderr=says, start_new_session=True)
    except OSError as error:
        os.close(says)
        os.close(answers)
        os.close(said)
        os.close(answer)
        return Verdict("failed", detail=f"the trial cannot be started: {error.strerror}")
    os.close(says)
    os.close(answers)
    try:
        in_time = _wait(process, job)
        return _verdict(process.returncode if in_time else None, _rest(answer), last_line(_rest(said)))
    finally:
        os.close(said)
        os.close(answer)


def _wait(process: "subprocess.Popen[bytes]", job: Job) -> bool:
    try:
        process.communicate(job.line(), timeout=job.deadline_s)
    except subprocess.TimeoutExpired:
        in_time = False
    else:
        in_time = True
    with contextlib.suppress(ProcessLookupError):  # also what it may have left behind
        os.killpg(process.pid, signal.SIGKILL)
    try:
        process.wait(AFTER_KILL_S)
    except subprocess.TimeoutExpired:
        log.error("the trial of %s cannot be killed (process %d)", job.provider.name, process.pid)
    return in_time


def _verdict(code: int | None, answer: bytes, complaint: str) -> Verdict:
    if code is None or code == -signal.SIGALRM:
        return Verdict("hung", detail=complaint)
    if code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
        return Verdict("crashed", detail=f"{name}: {complaint}" if complaint else name)
    try:
        verdict = read_verdict(json.loads(answer)) if code == 0 else None
    except ValueError:
        verdict = None
    if verdict is None:
        return Verdict("crashed", detail=complaint or f"exit code {code}")
    if verdict.outcome == "failed" and complaint:  # ONNX Runtime tells which library is missing only there
        return Verdict("failed", detail=f"{verdict.detail}; {complaint}"[:LONGEST_DETAIL])
    return verdict


def _rest(pipe: int) -> bytes:
    os.set_blocking(pipe, False)
    try:
        return os.read(pipe, LARGEST_ANSWER)
    except BlockingIOError:
        return b""


def last_line(said: bytes) -> str:
    """The last words of a program, where the reason usually stands."""
    lines = [line.strip() for line in said.decode(errors="replace").splitlines() if line.strip()]
    return lines[-1][-LONGEST_DETAIL:] if lines else ""
