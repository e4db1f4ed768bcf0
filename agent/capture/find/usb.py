"""USB cameras: every video device on the USB bus by the name that stays the same, each asked by a child of its own."""

import asyncio
import re
from pathlib import Path

from agent.capture.find.children import run_child
from agent.capture.find.found import FoundCamera, FoundStream
from agent.capture.find.places import Places, answer_of
from agent.capture.find.strangers import plain
from agent.capture.usb.devices import stable_name
from agent.clock import Clock
from agent.i18n import Text

MAX_NODES = 16
_SAFE = re.compile(r"/[A-Za-z0-9_.:+@/-]{1,250}")  # udev makes no other names


async def find_usb(places: Places, clock: Clock) -> tuple[FoundCamera, ...]:
    """All USB cameras, in the order of their device numbers. A camera's metadata node is none."""
    found = await asyncio.gather(*(_asked(node, places, clock) for node in usb_nodes(places)))
    return tuple(camera for camera in found if camera is not None)


def usb_nodes(places: Places) -> tuple[Path, ...]:
    """/dev/videoN of devices on the USB bus; codecs and cameras on ribbon cables hang elsewhere."""
    known = places.system / "class" / "video4linux"
    numbered = sorted(
        (int(each.name[5:]), each)
        for each in known.glob("video*")
        if each.name[5:].isascii() and each.name[5:].isdigit()
    )
    nodes = [each.name for _, each in numbered if any(part.startswith("usb") for part in each.resolve().parts)]
    return tuple(places.devices / name for name in nodes[:MAX_NODES])


async def _asked(node: Path, places: Places, clock: Clock) -> FoundCamera | None:
    address = str(stable_name(node, places.devices) or node)
    if _SAFE.fullmatch(address) is None:
        address = str(node)
    ended = await run_child((*places.usb_child, str(node)), places.child_s, clock)
    if ended is None or ended.code is None:
        slow = Text(
            en="the device does not answer: unplug it and plug it in again",
            vi="thiết bị không trả lời: hãy rút ra rồi cắm lại",
        )
        return FoundCamera("v4l2", address, node.name, notes=(slow,))
    answer = answer_of(ended.output)
    name = plain(str(answer.get("card", ""))) or node.name
    if answer.get("code") == "camera_codec" and not answer.get("card"):
        return None  # it takes no pictures
    if "code" in answer or "codec" not in answer:
        words = Text(en=plain(str(answer.get("en", "?")), 300), vi=plain(str(answer.get("vi", "?")), 300))
        return FoundCamera("v4l2", address, name, notes=(words,))
    main = FoundStream(address, str(answer["codec"]), int(answer["width"]), int(answer["height"]), float(answer["fps"]))
    return FoundCamera("v4l2", address, name, main, notes=() if main.codec in ("h264", "hevc") else (_ENCODED,))


_ENCODED = Text(
    en="the agent encodes its pictures, which costs CPU",
    vi="phần mềm phải tự mã hoá hình, tốn CPU",
)
