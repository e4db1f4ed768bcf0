"""What gst-launch and NVIDIA's camera stack print, turned into faults that an installer understands.

In: the child's last lines of output. Out: a CameraError with words and a remedy, and the moment at which the
pipeline's clock stood at 0.
"""

import re
from collections.abc import Sequence

from agent.capture.problems import filled, problem
from agent.errors import CameraError
from agent.i18n import Text

# GST_DEBUG=pipeline:5 has the pipeline say this once, when it starts (GStreamer 1.14 to 1.26).
_BASE = re.compile(r"start_time=0:00:00\.0+, now=\S+ base_time=? ?(\d+):(\d\d):(\d\d)\.(\d{9})")
_DEBUG = re.compile(r"^\d+:\d\d:\d\d\.\d+ +\d+ ")
_LENGTH = 200
_STRANGE = re.compile(r"[^\x20-\x7e]+")

# The first that fits any line, in this order: the cause before its consequences.
_SIGNS = (
    (re.compile(r'no element "([\w-]+)"'), "plugin"),
    (
        re.compile(r"(?:Connecting to nvargus-daemon failed|Cannot create camera provider|create CameraProvider)"),
        "daemon",
    ),
    (re.compile(r"(?:No cameras? available|Invalid camera device|no such sensor)", re.IGNORECASE), "absent"),
    (re.compile(r"Failed to create CaptureSession"), "daemon"),
    (re.compile(r"\(Argus\) Error \w*(?:Timeout|Disconnected|EndOfFile)|TIMEOUT.*argus", re.IGNORECASE), "daemon"),
    (re.compile(r"(?:v4l2-nvenc|nvhost-msenc|nvv4l2h264enc\d*: .*(?:open|support))", re.IGNORECASE), "encoder"),
    (re.compile(r"(?:could not link|not-negotiated|Frame Rate specified is greater)", re.IGNORECASE), "settings"),
)


def started_ns(line: str) -> int | None:
    """The monotonic nanosecond of stamp 0, if the line tells it: GStreamer's system clock is CLOCK_MONOTONIC."""
    found = _BASE.search(line)
    if found is None:
        return None
    hours, minutes, seconds, rest = (int(part) for part in found.groups())
    return ((hours * 60 + minutes) * 60 + seconds) * 10**9 + rest


def explained(lines: Sequence[str], address: str) -> CameraError | None:
    """The fault that the lines tell of; None when they tell of none that is known."""
    for sign, name in _SIGNS:
        for line in lines:
            found = sign.search(line)
            if found is not None:
                return fault(name, address, found.group(1) if found.groups() else printable(line))
    return None


def fault(name: str, address: str, detail: str | Text = "") -> CameraError:
    """The fault called `name` (a key of WORDS)."""
    code, text, hint = WORDS[name]
    return CameraError(filled(text, address, detail), hint, code=code)


def ended(lines: Sequence[str], address: str) -> CameraError:
    """Why a pipeline ended that should not have."""
    return explained(lines, address) or problem("camera_crashed", address, last_words(lines) or "?")


def last_words(lines: Sequence[str]) -> str:
    """The last line that is no trace of GStreamer's own."""
    told = [line for line in lines if line.strip() and not _DEBUG.match(line)]
    errors = [line for line in told if line.startswith("ERROR")] or told
    return printable(errors[-1]) if errors else ""


def printable(line: str) -> str:
    """Short, and nothing in it that a terminal would obey."""
    return _STRANGE.sub(" ", line).strip()[:_LENGTH]


_RESTART = Text(
    en="sudo systemctl restart nvargus-daemon; if that does not help, switch the Jetson off and on",
    vi="hãy chạy sudo systemctl restart nvargus-daemon; nếu chưa được, hãy tắt nguồn Jetson rồi bật lại",
)
WORDS: dict[str, tuple[str, Text, Text]] = {
    "absent": (
        "camera_absent",
        Text(
            en="The Jetson finds no camera {address}: {detail}", vi="Jetson không tìm thấy camera {address}: {detail}"
        ),
        Text(
            en="Switch off, reseat both ends of the ribbon cable, switch on; choose the camera's model once with "
            "sudo /opt/nvidia/jetson-io/jetson-io.py",
            vi="Tắt nguồn, cắm lại chắc hai đầu cáp dẹt rồi bật lại; chọn đúng loại camera một lần bằng "
            "sudo /opt/nvidia/jetson-io/jetson-io.py",
        ),
    ),
    "daemon": (
        "camera_stuck",
        Text(
            en="The Jetson's camera service does not serve {address}: {detail}",
            vi="Dịch vụ camera của Jetson không phục vụ {address}: {detail}",
        ),
        _RESTART,
    ),
    "silent": (
        "camera_stuck",
        Text(
            en="No picture from the Jetson's camera {address} for {detail}",
            vi="Không có hình từ camera Jetson {address} trong {detail}",
        ),
        _RESTART,
    ),
    "plugin": (
        "camera_crashed",
        Text(
            en="A part of GStreamer is missing for {address}: {detail}",
            vi="Thiếu một phần của GStreamer cho {address}: {detail}",
        ),
        Text(
            en="sudo apt install gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good "
            "gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly nvidia-l4t-gstreamer",
            vi="Hãy chạy sudo apt install gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good "
            "gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly nvidia-l4t-gstreamer",
        ),
    ),
    "encoder": (
        "camera_crashed",
        Text(
            en="The Jetson's video encoder cannot be used for {address}: {detail}",
            vi="Không dùng được bộ nén hình của Jetson cho {address}: {detail}",
        ),
        Text(
            en="Make `argus.width` and `argus.height` smaller, or use fewer cameras at once",
            vi="Hãy giảm `argus.width` và `argus.height`, hoặc dùng ít camera hơn cùng lúc",
        ),
    ),
    "settings": (
        "camera_codec",
        Text(en="{address} refuses the settings: {detail}", vi="{address} không nhận cài đặt: {detail}"),
        Text(
            en="Set `argus` (width, height, fps) to a mode of the sensor: "
            "gst-launch-1.0 nvarguscamerasrc num-buffers=1 ! fakesink lists them",
            vi="Sửa mục `argus` (width, height, fps) theo một chế độ của cảm biến: lệnh "
            "gst-launch-1.0 nvarguscamerasrc num-buffers=1 ! fakesink liệt kê các chế độ",
        ),
    ),
    "mask": (
        "camera_codec",
        Text(
            en="The privacy masks of {address} are not drawn: nothing is recorded",
            vi="Không vẽ được vùng riêng tư của {address}: không ghi hình",
        ),
        Text(
            en="Install gstreamer1.0-plugins-good again (element gdkpixbufoverlay), then restart the service",
            vi="Hãy cài lại gstreamer1.0-plugins-good (phần gdkpixbufoverlay) rồi khởi động lại dịch vụ",
        ),
    ),
}
