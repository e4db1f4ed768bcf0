"""The USB cameras of this machine, and the names that stay the same when they are plugged in anew.

udev keeps links in `by-id` (maker, model, serial number) and `by-path` (the socket); /dev/videoN is given out in the
order of plugging in.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from agent.capture.v4l2_formats import DeviceFormats, device_formats
from agent.errors import CameraError
from agent.i18n import Text

DEVICES = Path("/dev")
NUMBERED = re.compile(r"/dev/video[0-9]+")


@dataclass(frozen=True, slots=True)
class VideoDevice:
    """A camera: `address` belongs into `source`; `formats` is None when it did not answer; `error` says why."""

    address: str
    node: str  # /dev/videoN as of now
    formats: DeviceFormats | None
    error: CameraError | None = None


def video_devices(root: Path = DEVICES) -> tuple[VideoDevice, ...]:
    """Every node that captures video, by its stable name where it has one. Codecs and metadata nodes are left out."""
    found: list[VideoDevice] = []
    nodes = [path for path in root.glob("video*") if path.name[5:].isdigit()]
    for node in sorted(nodes, key=lambda path: int(path.name[5:])):
        address = str(stable_name(node, root) or node)
        try:
            found.append(VideoDevice(address, str(node), device_formats(str(node))))
        except CameraError as error:
            if error.code != "camera_codec":  # a node that is no camera
                found.append(VideoDevice(address, str(node), None, error))
    return tuple(found)


def stable_name(node: Path, root: Path = DEVICES) -> Path | None:
    """The link to `node` in by-id, else in by-path; None when udev made none."""
    try:
        real = node.resolve(strict=True)
    except OSError:
        return None
    for folder in ("by-id", "by-path"):
        for link in sorted((root / "v4l" / folder).glob("*")):
            if link.resolve() == real:
                return link
    return None


def advice(source: str, root: Path = DEVICES) -> Text | None:
    """What to tell an installer who wrote /dev/videoN; None when the name is a stable one."""
    if not NUMBERED.fullmatch(source):
        return None
    stable = stable_name(root / Path(source).name, root)
    name = str(stable) if stable else "/dev/v4l/by-id/…"
    return Text(
        en=f"{source} may be another camera after a restart; write {name}",
        vi=f"{source} có thể thành camera khác sau khi khởi động lại; hãy ghi {name}",
    )
