"""The `cameras` section: where a picture comes from, what is watched in it."""

import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from agent.config.rules import RuleSection
from agent.config.units import Bilingual, Identifier, Seconds, Section
from agent.values import Point


def _point(value: Any) -> Point:
    if isinstance(value, Point):
        return value
    if (
        isinstance(value, list)
        and len(value) == 2
        and all(isinstance(part, int | float) and not isinstance(part, bool) and 0 <= part <= 1 for part in value)
    ):
        return Point(float(value[0]), float(value[1]))
    raise Bilingual(
        f"a point is [x, y] with both from 0 to 1 (0,0 is the top left corner), not {value!r}",
        f"một điểm là [x, y], cả hai từ 0 đến 1 (0,0 là góc trên bên trái), không phải {value!r}",
    )


_POINT_SCHEMA = {"type": "array", "items": {"type": "number", "minimum": 0, "maximum": 1}, "minItems": 2, "maxItems": 2}
PointPair = Annotated[Point, BeforeValidator(_point), WithJsonSchema(_POINT_SCHEMA)]
Polygon = Annotated[tuple[PointPair, ...], Field(min_length=3, max_length=64)]
Line = Annotated[tuple[PointPair, ...], Field(min_length=2, max_length=2)]


def _source(value: Any) -> Any:
    if isinstance(value, str) and re.match(r"[a-z]+://[^/]*@", value):
        raise Bilingual(
            "a password does not belong in the address; use `username` and `password_file`",
            "không ghi mật khẩu trong địa chỉ; hãy dùng `username` và `password_file`",
        )
    if isinstance(value, str) and "://" in value and not re.match(r"rtsps?://[^/]+", value):
        raise Bilingual(
            f"{value.split('://')[0]}:// is not a camera address; use rtsp://, rtsps://, /dev/video0 or a file",
            f"{value.split('://')[0]}:// không phải địa chỉ camera; hãy dùng rtsp://, rtsps://, /dev/video0 hoặc tệp",
        )
    return value


Source = Annotated[str, BeforeValidator(_source), Field(min_length=1)]


class V4l2Section(Section):
    """What to ask a USB camera for. The driver takes the nearest it can."""

    width: int = Field(default=1280, ge=160, le=7680)
    height: int = Field(default=720, ge=120, le=4320)
    fps: int = Field(default=15, ge=1, le=60)
    input_format: str | None = None  # h264, mjpeg, yuyv422; None: the best that the camera has


class CameraSection(Section):
    """One camera."""

    id: Identifier
    label: str = ""
    source: Source  # rtsp://, rtsps://, /dev/videoN, or a video file
    sub: Source | None = None  # RTSP: a second, smaller stream for analysis
    username: str | None = None
    password_file: Path | None = None
    transcode: bool = False  # allow encoding when the camera's codec does not play in MP4
    analysis_fps: float = Field(default=5.0, gt=0, le=30)
    timeout: Seconds = 10.0  # no picture for this long: reconnect
    loop: bool = True  # files only: start over at the end
    v4l2: V4l2Section = V4l2Section()
    zones: dict[Identifier, Polygon] = Field(default_factory=dict)
    lines: dict[Identifier, Line] = Field(default_factory=dict)
    rules: tuple[RuleSection, ...] = ()

    @property
    def kind(self) -> str:
        """rtsp, v4l2 or file, told from `source`."""
        if re.match(r"rtsps?://", self.source):
            return "rtsp"
        return "v4l2" if self.source.startswith("/dev/") else "file"

    def model_post_init(self, _: Any) -> None:
        """Rules name zones and lines that exist; a rule id stands once."""
        seen: set[str] = set()
        for rule in self.rules:
            rule.check_place(set(self.zones), set(self.lines))
            if rule.name in seen:
                raise Bilingual(
                    f"two rules are called {rule.name!r}; give each its own `id`",
                    f"có hai luật cùng tên {rule.name!r}; hãy đặt `id` riêng cho mỗi luật",
                )
            seen.add(rule.name)
