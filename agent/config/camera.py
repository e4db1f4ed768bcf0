"""The `cameras` section: where a picture comes from, what is watched in it."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from agent.config.addresses import CSI, CameraUrl, Source
from agent.config.devices import ArgusSection, IdleSection, Picamera2Section, V4l2Section
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
    closest,
    meant,
    shown,
)
from agent.i18n import Text

MAX_RULES = 64


class CameraSection(Section):
    """One camera.

    vi: Một camera.
    """

    id: Identifier
    """Its name in topics and files.
    vi: Tên của camera trong topic và tên tệp.
    """
    label: str = Field(default="", max_length=200)
    """Its name for people.
    vi: Tên để người đọc.
    """
    source: Source
    """rtsp://…, rtsps://…, /dev/v4l/by-id/…, /dev/videoN, picamera2, picamera2:1, argus, argus:1, or a video file.
    vi: rtsp://…, rtsps://…, /dev/v4l/by-id/…, /dev/videoN, picamera2, picamera2:1, argus, argus:1, hoặc một tệp video.
    """
    sub: CameraUrl | None = None
    """RTSP: a second, smaller stream of the same camera, for analysis.
    vi: RTSP: luồng thứ hai, nhỏ hơn, của cùng camera, để phân tích.
    """
    username: str | None = Field(default=None, min_length=1, max_length=200)
    """The name to log in with.
    vi: Tên đăng nhập.
    """
    password_file: Annotated[Path, NonEmptyPath] | None = None
    """A file with the password and nothing else, readable by the agent alone.
    vi: Tệp chỉ chứa mật khẩu, chỉ phần mềm này đọc được.
    """
    ca_file: Annotated[Path, NonEmptyPath] | None = None
    """rtsps:// only: the certificate the camera must prove itself with. Without it any is taken.
    vi: Chỉ với rtsps://: chứng chỉ mà camera phải chứng minh. Không ghi thì chấp nhận mọi chứng chỉ.
    """
    transcode: Flag | None = None
    """Encode where the camera's own packets cannot be kept: a codec that does not play in MP4, or privacy masks.
    Without it USB cameras are encoded when they must be, and network cameras and files never.
    vi: Mã hoá lại hình khi không giữ nguyên được gói của camera: định dạng không phát được trong MP4, hoặc có vùng che
    riêng tư. Không ghi thì camera USB được mã hoá khi cần, còn camera mạng và tệp thì không bao giờ.
    """
    encode_cpu: Number = Field(default=0.6, ge=0.05, le=4)
    """How much of one processor core encoding may take (0.6 is 60 %). Above it pictures are left out evenly.
    vi: Việc mã hoá được dùng bao nhiêu của một nhân xử lý (0.6 là 60 %). Quá mức đó thì bỏ bớt hình cho đều.
    """
    privacy_masks: Annotated[dict[Identifier, Polygon], Field(max_length=32)] = Field(default_factory=dict)
    """Named areas that nobody may see: black in footage, pictures and analysis. Corners as [x, y] from 0 to 1.
    vi: Các vùng có tên mà không ai được xem: đen trong hình ghi, ảnh và khi phân tích. Các góc ghi là [x, y] từ 0 đến
    1.
    """
    analysis_fps: Number = Field(default=5.0, gt=0, le=30)
    """Pictures per second that are looked at.
    vi: Mỗi giây phân tích bao nhiêu hình.
    """
    timeout: Seconds = Field(default=8.0, ge=1, le=300)
    """No picture for this long: connect anew.
    vi: Lâu chừng này không có hình thì kết nối lại.
    """
    idle: IdleSection = IdleSection()
    """Looking less often while nothing moves.
    vi: Nhìn thưa hơn khi không có gì chuyển động.
    """
    loop: Flag = True
    """Files only: start over at the end.
    vi: Chỉ với tệp video: hết thì phát lại từ đầu.
    """
    v4l2: V4l2Section = V4l2Section()
    """USB cameras only.
    vi: Chỉ với camera USB.
    """
    picamera2: Picamera2Section = Picamera2Section()
    """Raspberry Pi cameras only.
    vi: Chỉ với camera Raspberry Pi.
    """
    argus: ArgusSection = ArgusSection()
    """Jetson cameras only.
    vi: Chỉ với camera Jetson.
    """
    zones: Annotated[dict[Identifier, Polygon], Field(max_length=64)] = Field(default_factory=dict)
    """Named areas: the corners as [x, y] from 0 to 1.
    vi: Các vùng có tên: các góc ghi là [x, y] từ 0 đến 1.
    """
    lines: Annotated[dict[Identifier, Line], Field(max_length=64)] = Field(default_factory=dict)
    """Named lines: two points as [x, y] from 0 to 1.
    vi: Các vạch có tên: hai điểm ghi là [x, y] từ 0 đến 1.
    """
    rules: Annotated[tuple[RuleSection, ...], Field(max_length=MAX_RULES)] = ()
    """What to tell the ward of.
    vi: Những điều cần báo cho phường.
    """

    @property
    def kind(self) -> str:
        """rtsp, v4l2, picamera2, argus or file, told from `source`."""
        return kind_of(self.source)

    @property
    def number(self) -> int:
        """Which of the cameras on ribbon cables, from 0."""
        return int(self.source.partition(":")[2] or 0)

    @property
    def may_encode(self) -> bool:
        """Whether pictures may be encoded here at all."""
        return self.transcode if self.transcode is not None else self.kind not in ("rtsp", "file")

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
        if not isinstance(source, str):
            return
        kind = kind_of(source)
        transcode = data.get("transcode")
        if data.get("privacy_masks") and not (kind not in ("rtsp", "file") if transcode is None else transcode):
            hint = _ALLOW_ENCODING if kind in ("rtsp", "file") else _REMOVE_FALSE
            text = _CANNOT_MASK if kind in ("rtsp", "file") else _MUST_ENCODE
            yield Problem(("privacy_masks",), text, hint)
        if data.get("ca_file") is not None and not source.startswith("rtsps://"):
            text = Text(en="only an rtsps:// camera has a certificate", vi="chỉ camera rtsps:// mới có chứng chỉ")
            yield Problem(("ca_file",), text)
        if data.get("sub") is not None and kind != "rtsp":
            yield Problem(
                ("sub",),
                Text(en="only an RTSP camera has a second stream", vi="chỉ camera RTSP mới có luồng phụ"),
            )
        yield from _foreign(kind, data)


_SAME_RULE = Text(
    en="two rules of this camera are called {}; give each its own `id`",
    vi="camera này có hai luật cùng tên {}; hãy đặt `id` riêng cho mỗi luật",
)


_CANNOT_MASK = Text(
    en="this camera sends pictures that are already encoded, so they cannot be masked as they are",
    vi="camera này gửi hình đã mã hoá sẵn nên không che được vùng riêng tư",
)
_MUST_ENCODE = Text(
    en="`transcode: false` forbids the encoding that privacy masks need",
    vi="`transcode: false` cấm mã hoá, mà vùng che riêng tư thì cần mã hoá",
)
_REMOVE_FALSE = Text(en="remove `transcode: false`", vi="hãy xoá dòng `transcode: false`")
_ALLOW_ENCODING = Text(
    en="write `transcode: true` for this camera (costs much CPU), or set the masks in the camera itself",
    vi="hãy ghi `transcode: true` cho camera này (tốn nhiều CPU), hoặc đặt vùng che ngay trong camera",
)
Kind = Literal["rtsp", "v4l2", "picamera2", "argus", "file"]


def kind_of(source: str) -> Kind:
    """What a `source` is."""
    ribbon = CSI.fullmatch(source)
    if ribbon is not None:
        return "picamera2" if ribbon.group(1) == "picamera2" else "argus"
    if source.startswith(("rtsp://", "rtsps://")):
        return "rtsp"
    return "v4l2" if source.startswith("/dev/") else "file"


def device_of(camera: Mapping[str, Any]) -> str | None:
    """The `source` of a camera that only one may hold at a time."""
    source = camera.get("source")
    return source if isinstance(source, str) and kind_of(source) in ("v4l2", "picamera2", "argus") else None


def _foreign(kind: Kind, data: Mapping[str, Any]) -> Iterator[Problem]:
    # A section of another kind would be read by nobody.
    for other in ("v4l2", "picamera2", "argus"):
        if data.get(other) is not None and other != kind:
            text = Text(
                en=f"this camera is of the kind {kind}; `{other}` does nothing here",
                vi=f"camera này thuộc loại {kind}; `{other}` không có tác dụng ở đây",
            )
            yield Problem((other,), text, Text(en="remove it, or correct `source`", vi="hãy xoá, hoặc sửa `source`"))


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
        meant(near) if near else _known(names, what),
    )


def _known(names: list[str], what: str) -> Text | None:
    if not names:
        many = "zones" if what == "zone" else "lines"
        return Text(en=f"draw it under `{many}` of this camera", vi=f"hãy vẽ nó trong `{many}` của camera này")
    told = ", ".join(names[:8])
    return Text(en=f"write one of: {told}", vi=f"hãy ghi một trong: {told}")


def repeated(
    items: object, field: str, name_of: Callable[[Mapping[str, Any]], str | None], text: Text, key: str = "id"
) -> Iterator[Problem]:
    """One problem at every item of `items` whose name, told by `key`, another item has too."""
    sections = enumerate(items) if isinstance(items, list | tuple) else ()
    named = [(index, item, name_of(item)) for index, item in sections if isinstance(item, Mapping)]
    times = Counter(name for _, _, name in named)
    told: Counter[str | None] = Counter()
    for index, item, name in named:
        if name is not None and times[name] > 1:
            path = (field, index, key) if item.get(key) is not None else (field, index)
            told[name] += 1
            other = f"{name}-{told[name]}" if key == "id" and told[name] > 1 and path[-1] == "id" else None
            hint = Text(en=f"write for example `{other}`", vi=f"ví dụ hãy ghi `{other}`") if other else None
            yield Problem(path, Text(en=text.en.format(shown(name)), vi=text.vi.format(shown(name))), hint)


def login(data: Mapping[str, Any]) -> Iterator[Problem]:
    """A password without a name to log in with is a forgotten line."""
    if data.get("password_file") is not None and data.get("username") is None:
        yield Problem(
            ("password_file",),
            Text(en="`username` is missing beside `password_file`", vi="có `password_file` mà thiếu `username`"),
            Text(
                en="add `username: NAME`, the name that the password is of",
                vi="hãy thêm `username: TÊN` đi với mật khẩu đó",
            ),
        )
