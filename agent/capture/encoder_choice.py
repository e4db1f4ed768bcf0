"""Which H.264 encoder this machine has, proven once by the agent: the chip's if it really encodes, else libx264.

Only a chip that the kernel lists is tried (a Raspberry Pi 4 has one, a Pi 5 and a PC do not), in a process of its own
with a deadline, because drivers of encoders hang too. Children that read cameras are told what came of it.
"""

import contextlib
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from agent.capture.usb import ioctl as kernel

log = logging.getLogger(__name__)
HARDWARE, SOFTWARE = "h264_v4l2m2m", "libx264"
PASSTHROUGH = "passthrough"
TRIAL = "agent.capture.encoder_trial"
TRIAL_S = 20.0
KILL_S = 1.0
HANGS = 3  # of children that used the chip, before it is left alone until the agent starts anew


class EncoderChoice:
    """Thread-safe. `listed` and `proven` are asked once at most, in this order."""

    def __init__(self, listed: Callable[[], bool], proven: Callable[[], bool]) -> None:
        self._listed = listed
        self._proven = proven
        self._lock = threading.Lock()
        self._name: str | None = None
        self._hangs = 0

    def name(self) -> str:
        """h264_v4l2m2m or libx264. May take seconds the first time."""
        with self._lock:
            if self._name is None:
                self._name = HARDWARE if self._listed() and self._proven() else SOFTWARE
                log.info("pictures are encoded by %s", self._name)
            return self._name

    def settle(self, name: str) -> None:
        """In a child: what the agent found, instead of another trial."""
        with self._lock:
            self._name = name

    def hung(self) -> None:
        """A child hung while it used the chip; it may have been the camera, so only several times tell."""
        with self._lock:
            self._hangs += 1
            hangs = self._hangs
        if hangs >= HANGS:
            self.give_up()

    def give_up(self) -> None:
        """The chip failed in use: libx264 from now on."""
        with self._lock:
            if self._name == HARDWARE:
                log.warning("%s failed, %s from now on", HARDWARE, SOFTWARE)
            self._name = SOFTWARE


def chip_is_listed(devices: Path = Path("/dev")) -> bool:
    """Whether any video device takes pictures and gives H.264."""
    return any(_gives_h264(node) for node in sorted(devices.glob("video*")))


def passes_trial(encoder: str, module: str = TRIAL, deadline_s: float = TRIAL_S) -> bool:
    """Whether `encoder` makes H.264 that decodes to the pictures it was given; False when it does not end in time."""
    command = (sys.executable, "-m", module, encoder)
    quiet = subprocess.DEVNULL
    try:
        child = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)
    except OSError:
        return False
    try:
        return child.wait(deadline_s) == 0
    except subprocess.TimeoutExpired:
        child.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):  # stuck in the driver: nothing more can be done about it
            child.wait(KILL_S)
        return False


def _gives_h264(node: Path) -> bool:
    try:
        device = os.open(node, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        caps = kernel.capability(device).caps
        if not caps & (kernel.VIDEO_M2M | kernel.VIDEO_M2M_MPLANE):
            return False
        kind = kernel.CAPTURE_MPLANE if caps & kernel.VIDEO_M2M_MPLANE else kernel.CAPTURE
        return any(one.fourcc == "H264" for one in kernel.pixel_formats(device, kind))
    except OSError:
        return False
    finally:
        os.close(device)


THIS_PROCESS = EncoderChoice(chip_is_listed, lambda: passes_trial(HARDWARE))
