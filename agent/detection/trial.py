"""The trial of a provider, in a process of its own: `python -m agent.detection.trial`.

A job comes in on stdin (JSON), a verdict goes out on stdout (JSON, one line). A graphics library that hangs or crashes
takes only this process with it, which ends by itself when its time is over, also when nobody waits for it any more.
"""

import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import numpy as np

from agent.detection.detector import adapter_for
from agent.detection.family import Array, Tensor
from agent.detection.proving import Job
from agent.detection.runtime import WARNING
from agent.detection.session import Network, Provider, Session
from agent.detection.verdicts import LONGEST_DETAIL, Verdict
from agent.errors import ModelError
from agent.values import Picture

PICTURES = 3
RUNS = 7
# Of an output's root mean square, and of its largest value. Graphics cards multiply with 10 bits of mantissa (TF32,
# 1e-3 a layer); a provider that miscomputes a layer is off by the whole of a value.
TOLERANCE = 0.02
TOLERANCE_PEAK = 0.1

Open = Callable[[Path, Provider, int], Network]


def main(open_session: Open = Session) -> int:
    """Read the job, write the verdict; what native libraries print goes to stderr."""
    job = Job.read(sys.stdin.buffer.read())
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # the kernel's own end of us: Python code may never run again
    signal.setitimer(signal.ITIMER_REAL, job.deadline_s)
    answer = os.dup(1)
    os.dup2(2, 1)
    os.write(answer, judge(job, open_session).line())
    return 0


def judge(job: Job, open_session: Open = Session) -> Verdict:
    """Does the provider give the CPU's results, and how fast?"""
    try:
        reference = Session(job.model)
        adapter = adapter_for(job.model, job.family, reference.signature)
    except ModelError as error:
        return Verdict("model", detail=str(error.text)[:LONGEST_DETAIL])
    tensors = [adapter.prepare(picture) for picture in street_like()]
    try:
        tried = open_session(job.model, job.provider, WARNING)
        for tensor in tensors:
            fault = difference(reference.run(tensor), tried.run(tensor))
            if fault:
                return Verdict("wrong", detail=fault)
        ratio = time_ratio(reference, tried, tensors[0])
    except ModelError as error:
        return Verdict("failed", detail=error.text.en[-LONGEST_DETAIL:])
    return Verdict("works", ratio=ratio)


def time_ratio(reference: Network, tried: Network, tensor: Tensor) -> float:
    """Median time of `tried` by that of `reference`; turn by turn, so that another program's load meets both."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(RUNS):
        for network, taken in zip((reference, tried), times, strict=True):
            start = time.perf_counter()
            network.run(tensor)
            taken.append(time.perf_counter() - start)
    return median(times[1]) / max(median(times[0]), 1e-9)


def difference(wanted: Sequence[Array], found: Sequence[Array]) -> str:
    """How `found` differs from `wanted` by more than rounding; empty when it does not."""
    if [array.shape for array in wanted] != [array.shape for array in found]:
        return f"shapes {[array.shape for array in found]}"
    for number, (one, other) in enumerate(zip(wanted, found, strict=True)):
        if not np.isfinite(other).all():
            return f"output {number} is not finite"
        off = np.abs(other.astype(np.float64) - one)
        scale = max(float(np.sqrt(np.mean(np.square(one, dtype=np.float64)))), 1e-3)
        peak = max(float(np.abs(one).max(initial=0.0)), 1e-3)
        mean_off, peak_off = float(np.sqrt(np.mean(off**2))) / scale, float(off.max(initial=0.0)) / peak
        if mean_off > TOLERANCE or peak_off > TOLERANCE_PEAK:
            return f"output {number} is off by {mean_off:.1%} (mean), {peak_off:.1%} (peak)"
    return ""


def street_like() -> list[Picture]:
    """BGR pictures (360, 640, 3) with what a street has: light falling off, straight edges, grain. Always the same."""
    random = np.random.default_rng(20)
    pictures = []
    for _ in range(PICTURES):
        picture = np.linspace(200, 60, 360)[:, None, None] + np.linspace(-20, 20, 640)[None, :, None] + np.zeros(3)
        for _ in range(40):
            top, left = random.integers(0, 330), random.integers(0, 600)
            height, width = random.integers(8, 160), random.integers(8, 90)
            picture[top : top + height, left : left + width] = random.integers(0, 256, 3)
        picture += random.normal(0, 4, picture.shape)
        pictures.append(np.clip(picture, 0, 255).astype(np.uint8))
    return pictures


if __name__ == "__main__":
    sys.exit(main())
