"""The encoder of boards up to the Pi 4: a thread of its own, and no av packets."""

import queue
import threading
from typing import Any

from .encoder import Encoder


class H264Encoder(Encoder):
    def __init__(
        self,
        bitrate: int | None = None,
        repeat: bool = True,
        iperiod: int | None = None,
        framerate: float | None = None,
        enable_sps_framerate: bool = False,
        qp: int | None = None,
        profile: str | None = None,
    ) -> None:
        super().__init__()
        self.bitrate, self.repeat, self.iperiod, self.framerate = bitrate, repeat, iperiod, framerate
        self._waiting: queue.Queue[tuple[Any, int]] = queue.Queue()

    def start(self, quality: Any = None) -> None:
        super().start(quality)
        self.thread = threading.Thread(target=self.thread_poll, daemon=True)
        self.thread.start()

    def thread_poll(self) -> None:
        while self._running:
            request, timestamp = self._waiting.get()
            for packet in self._packets(request, timestamp):
                self.outputframe(bytes(packet), packet.is_keyframe, packet.pts)
            request.release()

    def _encode(self, stream: str, request: Any) -> None:
        request.acquire()
        self._waiting.put((request, self._timestamp(request)))

    def force_key_frame(self) -> None:
        """Not needed here."""
