"""The child's main thread: takes what the camera's threads leave in the outbox and tells it to the agent.

It alone talks to the agent. It watches the camera's age and that of the encoder, and ends the process with a named
fault; nothing is closed, because closing a hanging camera stack may take for ever.
"""

import os
import sys
import threading
import time
from typing import TYPE_CHECKING

from agent.capture.isolated.inside import Inside
from agent.capture.isolated.wire import WireEnd
from agent.capture.parameters import parameter_sets
from agent.capture.picamera.outbox import Coded, Outbox, Seen
from agent.capture.picamera.settings import Settings
from agent.capture.picamera.stamps import SensorClock
from agent.capture.picamera.trouble import Trouble, in_thread

if TYPE_CHECKING:
    from agent.capture.picamera.camera import Camera

WAIT_S = 0.25
SIGN_S = 1.0  # a sign of life this often
TIME_BASE = (1, 1_000_000)  # of packets: the sensor's microseconds


class Teller:
    """Packets and frames of a running camera, told in order."""

    def __init__(self, inside: Inside, camera: "Camera", fps: int, outbox: Outbox) -> None:
        self._inside = inside
        self._camera = camera
        self._outbox = outbox
        self._duration = TIME_BASE[1] // fps
        self._clock = SensorClock()
        self._extradata = b""
        self._run = 0  # stamp of its first key frame; 0 before there is one
        self._packets = self._frames = self._runs = self._skipped = 0
        self._told_s = 0.0

    def tell(self, packets: tuple[Coded, ...], seen: Seen | None) -> None:
        """What the outbox had."""
        for packet in packets:
            self._packet(packet)
        if seen is not None:
            try:
                self._frame(seen)
            finally:
                seen.request.release()
        now_s = time.monotonic()
        if now_s - self._told_s >= SIGN_S:
            self._told_s = now_s
            self.counts()

    def counts(self) -> None:
        """What was done so far."""
        self._inside.counts(
            self._camera.encoder,
            pictures=self._packets,
            decoded=self._frames,
            runs=self._runs,
            skipped=self._outbox.lost + self._outbox.missed + self._skipped,
        )

    def _packet(self, packet: Coded) -> None:
        at_ns = self._clock.monotonic(packet.at_ns)
        if packet.key:
            sets = parameter_sets("h264", packet.data)
            if sets is not None and sets.extradata != self._extradata:
                self._extradata = sets.extradata
                self._inside.format("h264", self._camera.size, TIME_BASE, sets.extradata)
                self._run = 0
        if packet.fresh or not self._run:
            self._run = 0
            if not (packet.key and self._extradata):  # nobody could decode it yet
                self._skipped += 1
                return
            self._run = at_ns
            self._runs += 1
        pts = (at_ns - self._run) // 1000
        self._inside.packet(self._run, at_ns, (pts, pts, self._duration), packet.key, packet.data)
        self._packets += 1
        if self._packets == 1:
            self.counts()

    def _frame(self, seen: Seen) -> None:
        if not self._run:
            return
        with self._camera.map(seen.request, "lores", write=False) as mapped:
            planes = self._camera.planes(mapped, "lores")
            self._inside.frame(self._run, seen.number, self._clock.monotonic(seen.at_ns), planes)
            del planes  # before the buffer is unmapped
        self._frames += 1


class Watch:
    """How long ago the camera, and its encoder, gave something."""

    def __init__(self, camera: "Camera", patience_s: float) -> None:
        self._camera = camera
        self._patience_s = patience_s
        self._seen = self._coded = 0
        self._seen_s = self._coded_s = time.monotonic()

    def look(self) -> None:
        """Raises Trouble: picamera_silent, picamera_encoder."""
        now_s = time.monotonic()
        if self._camera.pictures != self._seen:
            self._seen, self._seen_s = self._camera.pictures, now_s
        if self._camera.coded != self._coded:
            self._coded, self._coded_s = self._camera.coded, now_s
        if now_s - self._seen_s >= self._patience_s:
            raise Trouble("picamera_silent", f"{now_s - self._seen_s:.0f} s")
        if now_s - self._coded_s >= self._patience_s:
            raise Trouble("picamera_encoder", f"{now_s - self._coded_s:.0f} s")


def main() -> None:
    """Until the agent kills this process, or the camera fails."""
    inside = Inside()
    try:
        _show(inside, Settings.taken(inside.job))
    except Trouble as trouble:
        inside.fault(trouble.name, trouble.detail)
    except WireEnd:
        pass
    finally:
        _end()


def _show(inside: Inside, settings: Settings) -> None:
    outbox = Outbox()

    def died(what: threading.ExceptHookArgs) -> None:
        if what.exc_value is not None:
            outbox.fail(in_thread(what.exc_value, what.exc_traceback))

    threading.excepthook = died
    try:
        from agent.capture.picamera.camera import Camera  # noqa: PLC0415  # needs the camera stack
    except (ImportError, OSError) as error:
        raise Trouble("picamera_library", str(error)) from error
    inside.hello()
    camera = Camera(settings, outbox, lambda: inside.idle)
    teller = Teller(inside, camera, settings.fps, outbox)
    watch = Watch(camera, settings.patience)
    while True:
        packets, seen = outbox.take(WAIT_S)
        teller.tell(packets, seen)
        watch.look()


def _end() -> None:
    # Not sys.exit: picamera2 would stop and close the camera then, which may take for ever.
    error = sys.exc_info()[1]
    if error is not None and not isinstance(error, SystemExit):
        sys.excepthook(type(error), error, error.__traceback__)
    sys.stderr.flush()
    os._exit(0 if error is None else 1)
