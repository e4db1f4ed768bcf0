"""Cameras on ribbon cables: what picamera2 (Raspberry Pi) and argus (Jetson) would find, asked in children."""

import os

from agent.capture.find.children import run_child
from agent.capture.find.found import Findings, FoundCamera, FoundStream
from agent.capture.find.places import Places, answer_of
from agent.capture.find.strangers import plain
from agent.clock import Clock
from agent.config.devices import CsiSection
from agent.i18n import Text

MAX_CAMERAS = 10  # `picamera2:9` is the last that can be written
_NO_PICAMERA2 = Text(
    en="Raspberry Pi without picamera2: sudo apt install -y python3-picamera2",
    vi="Raspberry Pi chưa có picamera2: sudo apt install -y python3-picamera2",
)
_STUCK = Text(
    en="the camera stack does not answer: check the ribbon cable with the power off, then start anew",
    vi="hệ thống camera không trả lời: hãy tắt nguồn, kiểm tra dây cáp dẹt rồi bật lại",
)
_NONE = Text(
    en="no camera on the ribbon cable answers: with the power off, seat both ends of the cable anew",
    vi="không thấy camera cáp dẹt: nếu có lắp, hãy tắt nguồn rồi cắm lại cả hai đầu dây",
)
_HARDWARE = Text(en="encoded by the board's hardware", vi="mã hoá bằng phần cứng của bo mạch")
_SOFTWARE = Text(
    en="encoded in software (libx264): this board has no H.264 encoder",
    vi="mã hoá bằng phần mềm (libx264): bo mạch này không có bộ mã hoá H.264",
)
_NO_ARGUS = Text(
    en="Jetson camera without nvarguscamerasrc: sudo apt install -y nvidia-l4t-gstreamer",
    vi="có camera Jetson nhưng thiếu nvarguscamerasrc: sudo apt install -y nvidia-l4t-gstreamer",
)


async def find_picamera2(places: Places, clock: Clock) -> Findings:
    """Raspberry Pi cameras, and which encoder the board will use."""
    if not places.is_raspberry_pi:
        return Findings()
    ended = await run_child(places.pi_child, places.child_s, clock)
    if ended is None:
        return Findings(notes=(_NO_PICAMERA2,))
    answer = answer_of(ended.output)
    if answer.get("missing"):
        return Findings(notes=(_NO_PICAMERA2,))
    listed = answer.get("cameras")
    if not isinstance(listed, list):
        return Findings(notes=(_STUCK,))
    note = _SOFTWARE if "Libav" in str(answer.get("encoder", "")) else _HARDWARE
    found = []
    for each in listed[:32]:
        number = each.get("number") if isinstance(each, dict) else None
        # libcamera lists USB cameras too; they are found as such.
        if isinstance(number, int) and 0 <= number < MAX_CAMERAS and "usb" not in str(each.get("id", "")):
            found.append(_csi("picamera2", number, plain(str(each.get("model", ""))), note))
    return Findings(tuple(found), () if found else (_NONE,))


async def find_argus(places: Places, clock: Clock) -> Findings:
    """Jetson cameras: the outputs of the Tegra's video input, in argus' own order."""
    sensors = [words for words in _video_names(places) if words.startswith("vi-output")]
    if not sensors or not places.is_jetson:
        return Findings()
    ended = await run_child((places.gst_inspect, "nvarguscamerasrc"), places.child_s, clock)
    if ended is None or (ended.code is not None and ended.code != 0):
        return Findings(notes=(_NO_ARGUS,))
    if ended.code is None:
        return Findings(notes=(_STUCK,))
    names = [plain(words.partition(",")[2]) or "argus" for words in sensors[:MAX_CAMERAS]]
    return Findings(tuple(_csi("argus", number, name, _HARDWARE) for number, name in enumerate(names)))


def _video_names(places: Places) -> list[str]:
    # In the order of the numbers: video2 before video10.
    folders = sorted((places.system / "class" / "video4linux").glob("video*"), key=lambda each: (len(each.name), each))
    names = []
    for folder in folders[:64]:
        try:
            with (folder / "name").open("rb") as file:
                names.append(os.fsdecode(file.read(200)).strip())
        except OSError:
            continue
    return names


def _csi(kind: str, number: int, name: str, note: Text) -> FoundCamera:
    address = kind if number == 0 else f"{kind}:{number}"
    asked = CsiSection()
    main = FoundStream(address, "h264", asked.width, asked.height, asked.fps)
    return FoundCamera("picamera2" if kind == "picamera2" else "argus", address, name, main, notes=(note,))
