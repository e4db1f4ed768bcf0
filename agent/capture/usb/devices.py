"""Names of video devices that stay the same when a camera is plugged in anew. Reads links, opens no device.

udev keeps links in `by-id` (maker, model, serial number) and `by-path` (the socket); /dev/videoN is given out in the
order of plugging in.
"""

import re
from pathlib import Path

from agent.i18n import Text

DEVICES = Path("/dev")
NUMBERED = re.compile(r"/dev/video[0-9]+")


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
