"""A pretended machine: device files, sysfs, a device tree and programs, in a folder."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from agent.capture.find.places import PI_CHILD, Places


@dataclass
class Machine:
    root: Path

    def __post_init__(self) -> None:
        for name in ("dev/v4l/by-id", "dev/v4l/by-path", "sys/class/video4linux", "board", "bin", "modules"):
            (self.root / name).mkdir(parents=True)

    def video(self, number: int, hangs_on: str, name: str = "", link: str = "") -> Path:
        """A video device; `link`: by-id/… or by-path/…, as udev makes it."""
        device = self.root / "sys" / "devices" / hangs_on / "video4linux" / f"video{number}"
        device.mkdir(parents=True)
        (device / "name").write_text(f"{name}\n", encoding="utf-8")
        (self.root / "sys/class/video4linux" / device.name).symlink_to(device)
        node = self.root / "dev" / device.name
        node.touch()
        if link:
            (self.root / "dev/v4l" / link).symlink_to(node)
        return node

    def board(self, model: str, compatible: str = "") -> None:
        (self.root / "board/model").write_bytes(model.encode() + b"\0")
        (self.root / "board/compatible").write_bytes(compatible.replace(" ", "\0").encode() + b"\0")

    def program(self, name: str, text: str) -> str:
        path = self.root / "bin" / name
        path.write_text(f"#!{sys.executable} -S\n{text}", encoding="utf-8")
        path.chmod(0o755)
        return str(path)

    def picamera2(self, cameras: list[dict[str, object]], encoder: str = "H264Encoder") -> tuple[str, ...]:
        """The command that asks a picamera2 shaped like the real one."""
        package = self.root / "modules/picamera2"
        package.mkdir(exist_ok=True)
        (package / "__init__.py").write_text(
            "print('a line that does not belong here')\n"
            "class Picamera2:\n"
            "    @staticmethod\n"
            f"    def global_camera_info():\n        return {cameras!r}\n",
            encoding="utf-8",
        )
        # The real one puts one class in the place of the other.
        (package / "encoders.py").write_text(f"class {encoder}: pass\nH264Encoder = {encoder}\n", encoding="utf-8")
        script = f"import sys, runpy; sys.path.insert(0, {str(package.parent)!r}); "
        return sys.executable, "-S", "-c", script + f"runpy.run_path({str(PI_CHILD)!r}, run_name='__main__')"

    def places(self, **changes: object) -> Places:
        made: dict[str, object] = {
            "devices": self.root / "dev",
            "system": self.root / "sys",
            "board": self.root / "board",
            "usb_child": (str(self.root / "bin/none"),),
            "pi_child": (str(self.root / "bin/none"),),
            "gst_inspect": str(self.root / "bin/none"),
            "child_s": 20.0,
        }
        return Places(**{**made, **changes})  # type: ignore[arg-type]

    def telling(self, answers: dict[str, dict[str, object]]) -> tuple[str, ...]:
        """A child that answers for each device file by its name; it hangs for the others."""
        text = (
            f"import json, sys, time\nanswers = json.loads({json.dumps(json.dumps(answers))})\n"
            "name = sys.argv[1].rpartition('/')[2]\n"
            "print(json.dumps(answers[name])) if name in answers else time.sleep(600)\n"
        )
        return (self.program("usb-child", text),)
