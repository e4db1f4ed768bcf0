"""The agent's own child: reads one camera (v4l2; file for tests) as the agent would, and sends what it gives.

Started by `job.open_isolated`; the job comes over the socket that stands in place of stdin.
"""

import threading
from collections.abc import Callable

from agent.capture.attention import Attention
from agent.capture.counts import Counts
from agent.capture.encoder_choice import THIS_PROCESS
from agent.capture.file import FileSource
from agent.capture.isolated.inside import Inside
from agent.capture.isolated.job import taken
from agent.capture.isolated.wire import WireEnd
from agent.capture.source import Source
from agent.capture.stream import Reading
from agent.capture.v4l2 import open_v4l2
from agent.clock import Clock
from agent.config.camera import CameraSection
from agent.config.devices import IdleSection
from agent.errors import CameraError
from agent.values import Frame, Motion, Packet, StreamFormat

SIGN_S = 1.0  # without a picture, a sign of life this often
OPENERS: dict[str, Callable[[CameraSection, Reading], Source]] = {"v4l2": open_v4l2, "file": FileSource}


class FarAttention(Attention):
    """Decided by the agent, who gets the frames; here only followed."""

    def __init__(self, section: IdleSection) -> None:
        super().__init__(section, lambda frame: Motion((), 0.0))

    def look(self, frame: Frame) -> bool:
        """Not looked at here."""
        return False


class Teller:
    """Sends what a source gives; the format whenever it changed, the counts once a second."""

    def __init__(self, inside: Inside, clock: Clock) -> None:
        self._inside = inside
        self._clock = clock
        self._format: StreamFormat | None = None
        self._told_s = clock.mono_s()

    def tell(self, items: tuple[Packet | Frame, ...], counts: Counts) -> None:
        """What one read gave."""
        for item in items:
            if isinstance(item, Packet):
                self._packet(item)
            else:
                self._inside.frame(item.run, item.seq, item.at.mono_ns, (item.luma, item.u, item.v))
        now_s = self._clock.mono_s()
        if now_s - self._told_s >= SIGN_S or (counts.format is not None and self._format is None):
            self._told_s = now_s
            self.counts(counts)

    def counts(self, counts: Counts) -> None:
        """What was done so far."""
        form = counts.format
        if form is not None:
            self._formatted(form)
        self._inside.counts(
            counts.encoder,
            pictures=counts.pictures,
            decoded=counts.decoded,
            errors=counts.errors,
            runs=counts.runs,
            skipped=counts.skipped,
        )

    def _packet(self, packet: Packet) -> None:
        self._formatted(packet.format)
        stamps = (packet.pts, packet.dts, packet.duration)
        self._inside.packet(packet.run, packet.at.mono_ns, stamps, packet.key, packet.data)

    def _formatted(self, form: StreamFormat) -> None:
        if form != self._format:
            base = (form.time_base.numerator, form.time_base.denominator)
            self._inside.format(form.codec, (form.width, form.height), base, form.extradata)
            self._format = form


def main() -> None:
    """Until the agent kills this process, or the camera fails."""
    inside = Inside()
    camera, wants = taken(inside.job)
    THIS_PROCESS.settle(str(inside.job["encoder"]))
    clock = Clock()
    attention = FarAttention(camera.idle)
    reading = Reading(clock, wants, threading.Event(), attention)
    teller = Teller(inside, clock)
    inside.hello()
    try:
        source = OPENERS[camera.kind](camera, reading)
        while (items := source.read()) is not None:
            teller.tell(items, source.counts())
            attention.idle = inside.idle
        teller.counts(source.counts())
        inside.over()
    except CameraError as error:
        hint = {"en": error.hint.en, "vi": error.hint.vi} if error.hint else None
        inside.told({"code": error.code, "text": {"en": error.text.en, "vi": error.text.vi}, "hint": hint})
    except WireEnd:
        return


main()
