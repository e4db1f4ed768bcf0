"""Settings of a camera that only some kinds have: what to ask a USB, Raspberry Pi or Jetson camera for; idling."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from agent.config.units import Flag, Number, Problem, Seconds, Section, Whole
from agent.i18n import Text


class IdleSection(Section):
    """Nothing moves: look less often, and fully again from the first key frame in which something stirs.

    vi: Không có gì chuyển động: nhìn thưa hơn, và nhìn lại đầy đủ từ khung hình khoá đầu tiên có gì đó cử động.
    """

    enabled: Flag = True
    """Whether to look less often at all. Footage is kept in full either way.
    vi: Có nhìn thưa hơn hay không. Hình ghi vẫn đầy đủ trong cả hai trường hợp.
    """
    after: Seconds = Field(default=2.0, ge=1, le=3600)
    """Nothing moved for this long, but for places where the model looked often and found nobody. Twice as long,
    and 10 s at least, while somebody is in view.
    vi: Lâu chừng này không có gì chuyển động, trừ những chỗ mà mô hình đã nhìn nhiều lần và không thấy ai. Khi đang có
    người trong hình thì lâu gấp đôi, và ít nhất 10 s.
    """
    every: Seconds = Field(default=1.0, ge=0.2, le=10)
    """How often to look then, at most; a stream is looked at in its key frames only.
    vi: Khi đó nhìn thưa nhất bao lâu một lần; luồng mạng thì chỉ nhìn ở các khung hình khoá.
    """
    max_gop: Seconds = Field(default=4.0, ge=0.5, le=30)
    """A camera whose key frames are further apart is always looked at in full.
    vi: Camera có các khung hình khoá cách nhau xa hơn mức này thì luôn được nhìn đầy đủ.
    """


class V4l2Section(Section):
    """What to ask a USB camera for. The driver takes the nearest it can.

    vi: Yêu cầu gì ở camera USB. Trình điều khiển lấy mức gần nhất mà nó làm được.
    """

    width: Whole = Field(default=1280, ge=160, le=7680)
    """Pixels.
    vi: Số điểm ảnh theo chiều ngang.
    """
    height: Whole = Field(default=720, ge=120, le=4320)
    """Pixels.
    vi: Số điểm ảnh theo chiều dọc.
    """
    fps: Whole = Field(default=15, ge=1, le=60)
    """Pictures per second.
    vi: Số hình mỗi giây.
    """
    input_format: Literal["h264", "mjpeg", "nv12", "yuyv422", "uyvy422", "gray"] | None = None
    """Without it the best that the camera has.
    vi: Không ghi thì lấy định dạng tốt nhất mà camera có.
    """


_ONE_EXPOSURE = Text(
    en="`exposure_time` fixes the exposure, so `exposure` does nothing beside it; keep one of them",
    vi="`exposure_time` đã cố định thời gian phơi sáng nên `exposure` không có tác dụng; hãy giữ một trong hai",
)
_ONLY_FIXED = Text(
    en="`focus_distance` needs `focus: fixed`", vi="`focus_distance` chỉ dùng được cùng với `focus: fixed`"
)


class CsiSection(Section):
    """What to ask a camera on the ribbon cable for.

    vi: Yêu cầu gì ở camera gắn bằng cáp dẹt.
    """

    width: Annotated[Whole, Field(ge=320, le=4056, multiple_of=2)] = 1920
    """Pixels of the footage.
    vi: Số điểm ảnh của hình ghi theo chiều ngang.
    """
    height: Annotated[Whole, Field(ge=240, le=3040, multiple_of=2)] = 1080
    """Pixels of the footage.
    vi: Số điểm ảnh của hình ghi theo chiều dọc.
    """
    fps: Whole = Field(default=15, ge=1, le=60)
    """Pictures per second.
    vi: Số hình mỗi giây.
    """
    bitrate_kbps: Whole = Field(default=3000, ge=100, le=50_000)
    """Of the footage.
    vi: Tốc độ dữ liệu của hình ghi.
    """
    rotation: Literal[0, 180] = 0
    """Degrees; 180 for a camera that hangs upside down.
    vi: Góc xoay tính bằng độ; 180 cho camera treo ngược.
    """


class Picamera2Section(CsiSection):
    """A Raspberry Pi camera.

    vi: Camera Raspberry Pi.
    """

    exposure: Literal["normal", "short", "long"] = "normal"
    """short: less blur of what moves; long: brighter at night.
    vi: short: vật chuyển động ít nhoè hơn; long: ban đêm sáng hơn.
    """
    exposure_time: Seconds | None = Field(default=None, ge=0.0001, le=1)
    """A fixed exposure time instead of the automatic one.
    vi: Thời gian phơi sáng cố định thay cho tự động.
    """
    light: Literal["auto", "day", "night"] = "auto"
    """night: fewer pictures per second where that makes them brighter, no colour; auto: as the light is.
    vi: night: giảm số hình mỗi giây nếu nhờ vậy hình sáng hơn, không màu; auto: tuỳ ánh sáng.
    """
    hdr: Literal["off", "single", "sensor"] = "off"
    """sensor: Camera Module 3; single: Raspberry Pi 5.
    vi: sensor: Camera Module 3; single: Raspberry Pi 5.
    """
    focus: Literal["auto", "once", "fixed"] = "auto"
    """For cameras that can: auto all the time, once at the start, or fixed at `focus_distance`.
    vi: Với camera lấy nét được: auto là liên tục, once là một lần lúc khởi động, fixed là cố định ở `focus_distance`.
    """
    focus_distance: Number = Field(default=0.0, ge=0, le=32)
    """Dioptres, 1 / metres; 0 is far away. For `focus: fixed`.
    vi: Điốp, tức 1 / số mét; 0 là xa vô cùng. Dùng cho `focus: fixed`.
    """

    @classmethod
    def problems(cls, data: Mapping[str, Any]) -> Iterator[Problem]:
        """What would be set and then not be used."""
        if data.get("exposure_time") is not None and data.get("exposure", "normal") != "normal":
            yield Problem(("exposure",), _ONE_EXPOSURE)
        if data.get("focus_distance") is not None and data.get("focus") != "fixed":
            yield Problem(("focus_distance",), _ONLY_FIXED)


class ArgusSection(CsiSection):
    """A camera on the ribbon cable of a Jetson.

    vi: Camera gắn bằng cáp dẹt của Jetson.
    """
