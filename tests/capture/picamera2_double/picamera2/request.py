"""A completed request: buffers of the camera, counted, and given back when nobody holds them."""

import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from .switches import SWITCHES


class CompletedRequest:
    def __init__(self, request: Any, picam2: Any) -> None:
        self.request = request  # here: the buffers, by stream
        self.ref_count = 1
        self.lock: threading.Lock = picam2.request_lock
        self.picam2 = picam2
        self.config = picam2.camera_config.copy()
        self.stream_map = dict.fromkeys(request)
        self.metadata: dict[str, Any] = {}
        self.back: Callable[[Any], None] = lambda buffers: None

    def acquire(self) -> None:
        with self.lock:
            if self.ref_count == 0:
                raise RuntimeError("CompletedRequest: acquiring lock with ref_count 0")
            self.ref_count += 1

    def release(self) -> None:
        with self.lock:
            self.ref_count -= 1
            if self.ref_count < 0:
                raise RuntimeError("CompletedRequest: lock now has negative ref_count")
            if self.ref_count == 0:
                self.back(self.request)
                self.request = None

    def get_metadata(self) -> dict[str, Any]:
        return dict(self.metadata)


class MappedArray:
    def __init__(self, request: CompletedRequest, stream: str, reshape: bool = True, write: bool = True) -> None:
        self._request, self._stream, self._reshape, self._write = request, stream, reshape, write
        self._array: Any = None

    def __enter__(self) -> "MappedArray":
        if self._write and SWITCHES.fault == "no_mapping" and self._request.metadata["number"] >= SWITCHES.after:
            raise RuntimeError("failed to find buffer")
        assert self._request.request is not None, "mapped after its release"
        array: Any = np.frombuffer(self._request.request[self._stream], np.uint8)
        if self._reshape:
            config = self._request.config[self._stream]
            array = array.reshape(config["size"][1] * 3 // 2, config["stride"])
        self._array = array
        return self

    def __exit__(self, exc_type: Any, exc_value: Any, exc_traceback: Any) -> None:
        del self._array

    @property
    def array(self) -> Any:
        return self._array
