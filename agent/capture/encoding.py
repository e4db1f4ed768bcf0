"""Encoding of one stream over time: pictures go in, packets come out, within the CPU budget and past a failing chip."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import av

from agent.capture.encoder import AvPacket, Encoder
from agent.capture.encoder_budget import EncodeBudget
from agent.capture.encoder_choice import SOFTWARE, THIS_PROCESS, EncoderChoice
from agent.capture.problems import problem
from agent.clock import NS
from agent.values import StreamFormat


@dataclass(frozen=True, slots=True)
class Encoded:
    """What one picture gave. `anew`: another encoder took over, so a new run begins with these packets."""

    packets: tuple[AvPacket, ...]
    format: StreamFormat
    anew: bool = False


class Encoding:
    """One encoder at a time. `share` of a core is the budget; `cpu_ns` is this thread's CPU time; `kbps`: no more."""

    def __init__(
        self,
        address: str,
        share: float,
        choice: EncoderChoice = THIS_PROCESS,
        cpu_ns: Callable[[], int] = time.thread_time_ns,
        kbps: int | None = None,
    ) -> None:
        self._address = address
        self._budget = EncodeBudget(share)
        self._choice = choice
        self._cpu_ns = cpu_ns
        self._kbps = kbps
        self._encoder: Encoder | None = None
        self._format: StreamFormat | None = None
        self._time_base, self._fps = Fraction(1, 90_000), 0.0

    @property
    def name(self) -> str:
        """The encoder in use, or the one that will be; the first call may take seconds."""
        return self._encoder.name if self._encoder is not None else self._choice.name()

    @property
    def format(self) -> StreamFormat | None:
        """Of the newest packets; None before the first."""
        return self._format

    @property
    def skipped(self) -> int:
        """Pictures left out to stay within the budget."""
        return self._budget.skipped

    def attach(self, time_base: Fraction, fps: float) -> None:
        """The stream's ticks and its rate (0: not known), before the first picture."""
        self._time_base, self._fps = time_base, fps

    def restart(self) -> None:
        """The stream broke off: the next picture is a key frame of a fresh encoder."""
        self._encoder = None

    def encode(self, picture: av.VideoFrame, pts: int) -> Encoded | None:
        """None for a picture left out. Raises CameraError: camera_codec, when libx264 will not have such pictures."""
        anew = self._encoder is not None and not self._encoder.fits(picture)
        if anew:
            self._encoder = None
        if self._encoder is not None and not self._budget.allows(int(pts * self._time_base * NS)):
            return None
        before_ns = self._cpu_ns()
        try:
            return self._tried(picture, pts, anew)
        finally:
            self._budget.spend(self._cpu_ns() - before_ns)

    def _tried(self, picture: av.VideoFrame, pts: int, anew: bool) -> Encoded:
        try:
            if self._encoder is None:
                self._encoder = Encoder(self._choice.name(), picture, self._time_base, self._fps, self._kbps)
            packets = tuple(self._encoder.encode(picture, pts))
        except (av.FFmpegError, ValueError) as error:
            if self.name == SOFTWARE:
                raise problem("camera_encoder", self._address, str(error)) from error
            self._choice.give_up()
            anew = anew or self._encoder is not None
            self._encoder = None
            return self._tried(picture, pts, anew)
        self._format = self._encoder.format
        return Encoded(packets, self._format, anew)
