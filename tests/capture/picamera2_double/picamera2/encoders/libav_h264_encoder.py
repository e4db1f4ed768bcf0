"""The encoder of the Pi 5, in software: works in the camera's thread and hands av packets on."""

from typing import Any

from .encoder import Encoder


class LibavH264Encoder(Encoder):
    def __init__(
        self,
        bitrate: int | None = None,
        repeat: bool = True,
        iperiod: int | None = 30,
        framerate: float = 30,
        qp: int | None = None,
        profile: str | None = None,
    ) -> None:
        super().__init__()
        self.bitrate, self.repeat, self.iperiod, self.framerate = bitrate, repeat, iperiod, framerate
        self.preset: str | None = None
        self.threads = 0
        self.drop_final_frames = False

    def _encode(self, stream: str, request: Any) -> None:
        for packet in self._packets(request, self._timestamp(request)):
            self.outputframe(bytes(packet), packet.is_keyframe, timestamp=packet.pts, packet=packet)

    def force_key_frame(self) -> None:
        """Not needed here."""
