"""Camera stacks that behave badly, each a real process; the job says which."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from agent.capture.isolated.inside import Inside

MIB = 1024**2
FOREVER = threading.Event()


def steady(inside: Inside, seconds: float = 1e9) -> None:
    """20 packets and frames per second; the luma says which number, and 255 while nothing moves."""
    begun_ns = time.monotonic_ns()
    inside.format("h264", (64, 48), (1, 90_000), b"sets")
    for number in range(int(seconds * 20)):
        now_ns = time.monotonic_ns()
        inside.packet(begun_ns, now_ns, (number * 4500, number * 4500, 4500), number % 10 == 0, b"picture %d" % number)
        luma = np.full((48, 64), 255 if inside.idle else number % 200, np.uint8)
        inside.frame(begun_ns, number, now_ns, (luma, luma[::2, ::2], luma[::2, ::2]))
        inside.counts("passthrough", pictures=number + 1, runs=1)
        FOREVER.wait(0.05)


def chip(inside: Inside) -> None:
    """One packet that the chip has encoded, then its driver does not come back."""
    steady(inside, 0.05)
    inside.counts("h264_v4l2m2m", pictures=1, runs=1)
    reader, _writer = os.pipe()
    os.read(reader, 1)


def deaf(inside: Inside) -> None:
    """One packet, then a read that never comes back; asking it to end is of no use."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    steady(inside, 0.05)
    reader, _writer = os.pipe()
    os.read(reader, 1)


def parent(inside: Inside) -> None:
    """Starts a process of its own that sleeps, tells its number on stderr, then hangs."""
    if not os.fork():
        signal.pause()
    deaf(inside)


def loud(inside: Inside) -> None:
    """Floods stderr, without a line end, while it works."""
    noise = b"\xff\x00 libcamera WARN " * 4096
    threading.Thread(target=lambda: [os.write(2, noise) for _ in iter(int, 1)], daemon=True).start()
    steady(inside)


def hungry(inside: Inside) -> None:
    """Eats memory."""
    steady(inside, 0.05)
    eaten = [np.ones(64 * MIB, np.uint8) for _ in iter(int, 1)]
    sys.exit(str(len(eaten)))


def greedy(inside: Inside) -> None:
    """Tells what the kernel would do to it, as the detail of a fault."""
    inside.fault("camera_silent", Path("/proc/self/oom_score_adj").read_text(encoding="ascii").strip())


def beating(inside: Inside) -> None:
    """Lives, but has no picture."""
    while True:
        inside.counts("")
        FOREVER.wait(0.1)


def reporting(inside: Inside) -> None:
    """Says what is wrong and ends."""
    inside.fault("camera_absent", "gone")


def babbling(inside: Inside) -> None:
    """Ends with one line of logins that is longer than what is kept of it."""
    steady(inside, 0.05)
    sys.exit("rtsp://admin:hunter2@10.0.0.1/" * 1000)


def dying(inside: Inside) -> None:
    """Ends in the middle, with last words that hold a login."""
    steady(inside, 0.05)
    sys.exit("\x1b[31mcannot open rtsp://admin:hunter2@10.0.0.1/main\x1b[0m")


def silent(inside: Inside) -> None:
    """Says hello and no more."""
    FOREVER.wait()


def raw(inside: Inside) -> None:
    """Writes what the job says onto the wire, then waits."""
    os.write(inside._wire.fileno(), bytes.fromhex(inside.job["hex"]))
    FOREVER.wait()


def late(inside: Inside) -> None:
    """Stamps from a clock of its own."""
    inside.format("h264", (64, 48), (1, 90_000), b"")
    inside.packet(1, time.monotonic_ns() + inside.job["ahead_ns"], (0, 0, 0), True, b"picture")
    FOREVER.wait()


def stalled(inside: Inside) -> None:
    """A read that the kernel does not come back from (a file system whose server says nothing)."""
    steady(inside, 0.05)
    Path(inside.job["path"]).read_bytes()


def hoarded(inside: Inside) -> None:
    """Sends frames as fast as it can and then says how many were dropped."""
    plane = np.zeros((48, 64), np.uint8)
    now_ns = time.monotonic_ns()
    for number in range(20):
        inside.frame(now_ns, number, now_ns, (plane, plane[::2, ::2], plane[::2, ::2]))
    inside.counts("")
    FOREVER.wait()


BEHAVIOURS: dict[str, Callable[[Inside], None]] = {
    one.__name__: one
    for one in (
        steady,
        chip,
        deaf,
        parent,
        loud,
        hungry,
        greedy,
        beating,
        reporting,
        dying,
        babbling,
        silent,
        raw,
        late,
        stalled,
        hoarded,
    )
}

if __name__ == "__main__":
    here = Inside(most_bytes=256 * MIB)
    here.hello()
    BEHAVIOURS[here.job["do"]](here)
