"""The `cameras` section: where a picture comes from, what is watched in it."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from agent.config.addresses import CameraUrl, Source
from agent.config.rules import RuleSection, rule_name
from agent.config.shapes import Line, Polygon
from agent.config.units import (
    Flag,
    Identifier,
    NonEmptyPath,
    Number,
    Problem,
    Seconds,
    Section,
    Whole,
    closest,
    meant,
    shown,
)
from agent.i18n import Text

MAX_RULES = 64


class V4l2Section(Section):
    """What to ask a USB camera for. The driver takes the nearest it can."""

    width: Whole = Field(default=1280, ge=160, le=7680)
    """Pixels."""
    height: Whole = Field(default=720, ge=120, le=4320)
    """Pixels."""
    fps: Whole = Field(default=15, ge=1, le=60)
    """Pictures per second."""
    input_format: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,20}$")] | None = None
    """h264, mjpeg or yuyv422; without it the best that the camera has."""


class CameraSection(Section):
    """One camera."""

    id: Identifier
    """Its name in topics and files."""
    label: str = Field(default="", max_length=200)
    """Its name for people."""
    source: Source
    """rtsp://…, rtsps://…, /dev/videoN, or a video file."""
    sub: CameraUrl | None = None
    """RTSP: a second, smaller stream of the same camera, for analysis."""
    username: str | None = Field(default=None, min_length=1, max_length=200)
    """The name to log in with."""
    password_file: Annotated[Path, NonEmptyPath] | None = None
    """A file with the password and nothing else, readable by the agent alone."""
    transcode: Flag = False
    """Allow encoding when the camera's codec does not play in MP4."""
    analysis_fps: Number = Field(default=5.0, gt=0, le=30)
    """Pictures per second that are looked at."""
    timeout: Seconds = Field(default=10.0, ge=1, le=300)
    """No picture for this long: connect anew."""
    loop: Flag = True
    """Files only: start over at the end."""
    v4l2: V4l2Section = V4l2Section()
    """USB cameras only."""
    zones: Annotated[dict[Identifier, Polygon], Field(max_length=64)] = Field(default_factory=dict)
    """Named areas: the corners as [x, y] from 0 to 1."""
    lines: Annotated[dict[Identifier, Line], Field(max_length=64)] = Field(default_factory=dict)
    """Named lines: two points as [x, y] from 0 to 1."""
    rules: Annotated[tuple[RuleSection, ...], Field(max_length=MAX_RULES)] = ()
    """What to tell the ward of."""

    @property
    def kind(self) -> str:
        """rtsp, v4l2 or file, told from `source`."""
        return kind_of(self.source)

    @classmethod
    def problems(cls, data: Mapping[str, Any]) -> Iterator[Problem]:
        """Rules name zones and lines that exist; a rule's id stands once; settings fit the kind of camera."""
        rules = data.get("rules")
        for index, rule in enumerate(rules if isinstance(rules, list | tuple) else ()):
            if isinstance(rule, Mapping):
                yield from _place(("rules", index, "zone"), rule.get("zone"), data.get("zones"), "zone")
                yield from _place(("rules", index, "line"), rule.get("line"), data.get("lines"), "line")
        yield from repeated(rules, "rules", rule_name, _SAME_RULE)
        yield from login(data)
        source = data.get("source")
        if data.get("sub") is not None and isinstance(source, str) and kind_of(source) != "rtsp":
            yield Problem(
                ("sub",),
                Text(en="only an RTSP camera has a second stream", vi="chỉ camera RTSP mới có luồng phụ"),
            )


_SAME_RULE = Text(
    en="two rules of this camera are called {}; give each its own `id`",
    vi="camera này có hai luật cùng tên {}; hãy đặt `id` riêng cho mỗi luật",
)


def kind_of(source: str) -> Literal["rtsp", "v4l2", "file"]:
    """What a `source` is."""
    if source.startswith(("rtsp://", "rtsps://")):
        return "rtsp"
    return "v4l2" if source.startswith("/dev/") else "file"


def _place(path: tuple[str | int, ...], name: object, known: object, what: str) -> Iterator[Problem]:
    # A zone that is itself mistaken still exists: only its own mistake is told.
    names = [key for key in known if isinstance(key, str)] if isinstance(known, Mapping) else []
    if not isinstance(name, str) or name in names:
        return
    near = closest(name, tuple(names))
    kind = "vùng" if what == "zone" else "vạch"
    yield Problem(
        path,
        Text(
            en=f"no {what} is called {shown(name)} on this camera",
            vi=f"camera này không có {kind} tên {shown(name)}",
        ),
        meant(near) if near else None,
    )


def repeated(
    items: object, field: str, name_of: Callable[[Mapping[str, Any]], str | None], text: Text
) -> Iterator[Problem]:
    """One problem at every item of `items` whose name another item has too."""
    sections = enumerate(items) if isinstance(items, list | tuple) else ()
    named = [(index, item, name_of(item)) for index, item in sections if isinstance(item, Mapping)]
    times = Counter(name for _, _, name in named)
    for index, item, name in named:
        if name is not None and times[name] > 1:
            path = (field, index, "id") if item.get("id") is not None else (field, index)
            yield Problem(path, Text(en=text.en.format(shown(name)), vi=text.vi.format(shown(name))))


def login(data: Mapping[str, Any]) -> Iterator[Problem]:
    """A password without a name to log in with is a forgotten line."""
    if data.get("password_file") is not None and data.get("username") is None:
        yield Problem(
            ("password_file",),
            Text(en="`username` is missing beside `password_file`", vi="có `password_file` mà thiếu `username`"),
        )
