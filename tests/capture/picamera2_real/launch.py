"""Inside the root: makes the virtual camera do for picamera2 what a camera on a ribbon does, then runs a program.

The program is the agent's own child, unchanged. What is patched is what the virtual camera lacks: raw modes, a control
for the picture's duration, buffers in one piece, and Raspberry Pi's display library.
"""

import contextlib
import os
import runpy
import sys
import types
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

sys.modules["pykms"] = MagicMock()  # of the display, in Raspberry Pi's own archive only

import picamera2.encoders  # noqa: E402
from picamera2 import Picamera2  # noqa: E402
from picamera2.allocators import allocator  # noqa: E402
from picamera2.allocators.libcameraallocator import LibcameraAllocator  # noqa: E402

# As on a Pi 5; there is no /dev/video11 here, which the library takes for a Pi 4.
if not os.environ.get("PI_4"):
    picamera2.encoders.H264Encoder = picamera2.encoders.LibavH264Encoder

opened, configured, left = Picamera2.__init__, Picamera2.configure, allocator.Sync.__exit__


def with_own_buffers(self: Any, *arguments: Any, **named: Any) -> None:
    opened(self, *arguments, **named)
    self.allocator = LibcameraAllocator(self.camera)


def with_a_duration(self: Any, config: Any = None) -> None:
    configured(self, config)
    control = types.SimpleNamespace(min=33333, max=33333, default=33333)
    self.camera_ctrl_info.setdefault("FrameDurationLimits", (None, control))


def leave(self: Any, *arguments: Any) -> None:
    with contextlib.suppress(BufferError):  # a view is still held while the buffer is unmapped
        left(self, *arguments)


Picamera2.__init__ = with_own_buffers
Picamera2.configure = with_a_duration
Picamera2._get_raw_modes = lambda self: [{"format": "NV12", "size": (1024, 768)}]
allocator.Sync.__exit__ = leave

if os.environ.get("BREAK_MAPPING"):
    # `from picamera2 import MappedArray` in the child then gets one that fails.
    class Broken(picamera2.MappedArray):  # type: ignore[misc]  # the library has no types
        def __enter__(self) -> Any:
            raise RuntimeError("failed to find buffer")

    picamera2.MappedArray = Broken

if __name__ == "__main__":
    sys.argv = sys.argv[1:]
    sys.path.insert(0, str(Path(sys.argv[0]).parent))
    runpy.run_path(sys.argv[0], run_name="__main__")
