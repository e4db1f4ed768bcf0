"""Where a search looks on this machine: folders and programs. Tests put others in their place."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.capture.find.discovery import PORT

PI_CHILD = Path(__file__).with_name("pi_child.py")


@dataclass(frozen=True, slots=True)
class Places:
    """The real ones by default."""

    devices: Path = Path("/dev")
    system: Path = Path("/sys")
    board: Path = Path("/proc/device-tree")
    usb_child: tuple[str, ...] = (sys.executable, "-m", "agent.capture.find.usb_child")
    pi_child: tuple[str, ...] = ("/usr/bin/python3", "-I", str(PI_CHILD))
    gst_inspect: str = "gst-inspect-1.0"
    onvif_port: int = PORT
    child_s: float = 20.0  # the first start of picamera2 or GStreamer on a slow card takes this long

    @property
    def board_name(self) -> str:
        """Like `Raspberry Pi 4 Model B Rev 1.5`; "" on machines without a device tree."""
        return self._board_file("model")

    @property
    def is_raspberry_pi(self) -> bool:
        """Raspberry Pi of any kind."""
        return "Raspberry Pi" in self.board_name

    @property
    def is_jetson(self) -> bool:
        """A Tegra, as all Jetsons are."""
        return "nvidia,tegra" in self._board_file("compatible")

    def _board_file(self, name: str) -> str:
        try:
            with (self.board / name).open("rb") as file:
                return file.read(512).replace(b"\0", b" ").decode("ascii", "replace").strip()
        except OSError:
            return ""


def answer_of(output: bytes) -> dict[str, Any]:
    """The JSON object in the last line of a child's output; empty when there is none."""
    lines = output.strip().splitlines()
    try:
        made = json.loads(lines[-1]) if lines else {}
    except (ValueError, RecursionError):
        return {}
    return made if isinstance(made, dict) else {}
