"""Starts and commands the network camera of `rtsp_server.py`, in a process of its own under the system's Python."""

import subprocess
from pathlib import Path
from types import TracebackType

SERVER = Path(__file__).with_name("rtsp_server.py")
SYSTEM_PYTHON = "/usr/bin/python3"  # it alone has gi
MISSING = "no GStreamer RTSP server: apt install gir1.2-gst-rtsp-server-1.0 python3-gi"


def has_gstreamer() -> bool:
    """Whether the system's Python can serve RTSP."""
    versions = 'import gi; gi.require_version("GstRtspServer", "1.0"); from gi.repository import GstRtspServer'
    try:
        subprocess.run([SYSTEM_PYTHON, "-c", versions], check=True, capture_output=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return False
    return True


class RtspCamera:
    """A running server; `address("main")`, `tell("drop")`, `process` to freeze. `options` are the script's."""

    def __init__(self, *options: str) -> None:
        self._options = options
        self.port = 0
        self.process = self._start()

    def __enter__(self) -> "RtspCamera":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def address(self, path: str = "main") -> str:
        """Where to look."""
        return f"{'rtsps' if '--tls' in self._options else 'rtsp'}://127.0.0.1:{self.port}/{path}"

    def tell(self, command: str) -> None:
        """One command of the script, obeyed when this returns. Raises OSError when the camera is gone."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(f"{command}\n")
        self.process.stdin.flush()
        if self.process.stdout.readline().strip() != "done":
            raise BrokenPipeError(f"the camera did not obey {command!r}")

    def kill(self) -> None:
        """As pulling the plug."""
        self.process.kill()
        self.process.wait()

    def restart(self) -> None:
        """Plug it in again, at the same port."""
        self.kill()
        self.process = self._start()

    def _start(self) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [SYSTEM_PYTHON, str(SERVER), *self._options, *(["--port", str(self.port)] if self.port else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        self.port = int(process.stdout.readline() or 0)
        return process
