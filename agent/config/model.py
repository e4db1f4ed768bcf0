"""The whole configuration as one frozen value. Each setting is described where it is defined."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, Field

from agent.config.asked import CommandsSection, LiveSection
from agent.config.camera import CameraSection, device_of, repeated
from agent.config.classes import wrong_classes
from agent.config.examples import example_of
from agent.config.household import HouseholdSection
from agent.config.links import MqttSection, TlsSection, UplinkSection, UploadSection
from agent.config.metrics import MetricsSection
from agent.config.notice import NoticeSection
from agent.config.setup import SetupSection
from agent.config.storage import EvidenceSection, FootageSection, RetentionSection, SpoolSection
from agent.config.units import (
    Bilingual,
    Flag,
    Identifier,
    NonEmptyPath,
    Number,
    Problem,
    Seconds,
    Section,
    Share,
    Whole,
    shown,
)
from agent.config.update import UpdateSection
from agent.i18n import Text

__all__ = [
    "CameraSection",
    "CommandsSection",
    "Config",
    "DetectionSection",
    "EscalationSection",
    "EvidenceSection",
    "FootageSection",
    "HealthSection",
    "HouseholdSection",
    "LiveSection",
    "MetricsSection",
    "MqttSection",
    "NodeSection",
    "NoticeSection",
    "PageSection",
    "RetentionSection",
    "SetupSection",
    "SpoolSection",
    "TlsSection",
    "UpdateSection",
    "UplinkSection",
    "UploadSection",
]


def _timezone(value: Any) -> Any:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError) as error:
        raise Bilingual(
            f"unknown time zone {shown(value)}",
            f"không có múi giờ {shown(value)}",
            Text(en="in Vietnam write `Asia/Ho_Chi_Minh`", vi="ở Việt Nam hãy ghi `Asia/Ho_Chi_Minh`"),
        ) from error
    return value


class NodeSection(Section):
    """Who this node is.

    vi: Thiết bị này là ai.
    """

    ward: Identifier
    """The ward it belongs to; part of every topic.
    vi: Phường quản lý thiết bị; nằm trong mọi topic.
    """
    id: Identifier
    """Its own name; part of every topic, so no other node of the ward may have it.
    vi: Tên riêng của thiết bị; nằm trong mọi topic, nên trong phường không thiết bị nào khác được trùng.
    """
    label: str = Field(default="", max_length=200)
    """Its name for people.
    vi: Tên để người đọc.
    """
    language: Literal["vi", "en"] = "vi"
    """Of logs and faults.
    vi: Ngôn ngữ của nhật ký và thông báo lỗi.
    """
    timezone: Annotated[str, BeforeValidator(_timezone)] = "Asia/Ho_Chi_Minh"
    """Of schedules.
    vi: Múi giờ của các lịch.
    """
    data_dir: Annotated[Path, NonEmptyPath] = Path("/var/lib/camera-agent")
    """Where footage and the spool live.
    vi: Nơi chứa hình ghi và hàng chờ gửi.
    """
    latitude: Number | None = Field(default=None, ge=-90, le=90)
    """Where it hangs, for the ward's map.
    vi: Vĩ độ nơi lắp, để hiện trên bản đồ của phường.
    """
    longitude: Number | None = Field(default=None, ge=-180, le=180)
    """Where it hangs, for the ward's map.
    vi: Kinh độ nơi lắp, để hiện trên bản đồ của phường.
    """

    @classmethod
    def problems(cls, data: Mapping[str, Any]) -> Iterator[Problem]:
        """Half a place is none."""
        for one, other in (("latitude", "longitude"), ("longitude", "latitude")):
            if data.get(one) is not None and data.get(other) is None:
                text = Text(en=f"`{other}` is missing beside `{one}`", vi=f"có `{one}` mà thiếu `{other}`")
                example = example_of(cls, other)
                hint = Text(en=f"add `{other}: {example}`", vi=f"hãy thêm `{other}: {example}`")
                yield Problem((one,), text, hint)


class DetectionSection(Section):
    """The ONNX model. Without one the node reports motion only.

    vi: Mô hình ONNX. Không có mô hình thì thiết bị chỉ báo có chuyển động.
    """

    model: Annotated[Path, NonEmptyPath] | None = None
    """The ONNX file.
    vi: Tệp ONNX.
    """
    family: Literal["auto", "ssd", "yolox", "nanodet"] = "auto"
    """How its outputs are read; auto tells it from their shapes.
    vi: Cách đọc đầu ra của mô hình; auto tự nhận theo kích thước đầu ra.
    """
    labels: Annotated[Path, NonEmptyPath] | None = None
    """What the model calls what it finds: a file with one label per line in the order of its outputs, or `from-model`.
    Without it those of COCO.
    vi: Mô hình gọi tên những gì nó thấy ra sao: tệp ghi mỗi dòng một tên theo thứ tự đầu ra, hoặc `from-model`. Không
    ghi thì dùng tên của COCO.
    """
    provider: Literal["auto", "cpu", "cuda", "tensorrt"] = "auto"
    """What runs it; auto takes the fastest that proves itself at the start, in the end the CPU.
    vi: Chạy mô hình bằng gì; auto chọn thứ nhanh nhất chạy đúng lúc khởi động, cuối cùng là CPU.
    """
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    """What the file must hash to; without it the file MODEL.sha256 beside it says so.
    vi: Mã băm mà tệp phải có; không ghi thì lấy theo tệp MODEL.sha256 đặt cạnh.
    """
    score: Share = 0.4
    """Objects of which the model is less sure are not seen.
    vi: Vật mà mô hình ít chắc chắn hơn mức này thì coi như không thấy.
    """
    max_inferences: Whole = Field(default=4, ge=1, le=16)
    """At most so many runs of the model per analysed picture.
    vi: Mỗi hình phân tích chạy mô hình nhiều nhất bấy nhiêu lần.
    """
    inferences_per_s: Number = Field(default=10.0, ge=0.1, le=1000.0)
    """At most so many per second, of all cameras together; heat and load lower it. A Raspberry Pi 4 takes 60 to 90 ms
    for one, so 10 leave it three of its four cores.
    vi: Mỗi giây chạy mô hình nhiều nhất bấy nhiêu lần, tính chung mọi camera; máy nóng hay bận thì giảm bớt. Raspberry
    Pi 4 mất 60 đến 90 ms một lần, nên mức 10 vẫn chừa ba trong bốn nhân.
    """


class HealthSection(Section):
    """How often the node tells how it is.

    vi: Bao lâu thiết bị báo tình trạng một lần.
    """

    interval: Seconds = Field(default=60.0, ge=1, le=3600)
    """Time between two reports.
    vi: Khoảng cách giữa hai lần báo.
    """


class PageSection(Section):
    """A page with the live picture, for the installer. Off unless this section stands; this machine only.

    vi: Trang có hình trực tiếp cho người lắp đặt. Chỉ bật khi có mục này; chỉ xem được ngay trên máy này.
    """

    port: Whole = Field(default=8480, ge=0, le=65535)
    """0: any free port.
    vi: 0: cổng nào trống cũng được.
    """


class EscalationSection(Section):
    """What to do about a camera that hangs and does not come back while no other camera of the node works.

    vi: Làm gì khi một camera bị treo mà không tự trở lại, trong lúc thiết bị không còn camera nào khác hoạt động.
    """

    after: Seconds = Field(default=600.0, ge=60, le=86400)
    """Start the agent anew when such a camera has hung for this long; at most once in six hours.
    vi: Khởi động lại phần mềm khi camera như vậy đã treo lâu bằng chừng này; nhiều nhất sáu giờ một lần.
    """
    reboot: Flag = False
    """Restart the device when that did not help; at most once in six hours.
    vi: Khởi động lại cả thiết bị khi cách trên không giúp được; nhiều nhất sáu giờ một lần.
    """


_PLAIN = Text(
    en="without encryption anyone on the way can read along; use mqtts:// and https://",
    vi="không mã hoá thì ai trên đường truyền cũng đọc được; hãy dùng mqtts:// và https://",
)
_ALLOW = Text(
    en="to allow it all the same, write `insecure: true` on a line of its own at the left margin",
    vi="nếu vẫn muốn dùng, hãy ghi `insecure: true` thành một dòng riêng sát lề trái",
)
_SAME_DEVICE = Text(
    en="two cameras have the source {}; a device gives its pictures to one only",
    vi="hai camera cùng dùng nguồn {}; một thiết bị chỉ đưa hình cho một nơi",
)
_SAME_CAMERA = Text(en="two cameras are called {}", vi="có hai camera cùng tên {}")


class Config(Section):
    """A node.

    vi: Một thiết bị.
    """

    node: NodeSection
    mqtt: MqttSection
    upload: UploadSection | None = None
    """Without it clips stay on the node.
    vi: Không có mục này thì clip ở lại trên thiết bị.
    """
    live: LiveSection | None = None
    """Without it nobody sees the picture of now from afar.
    vi: Không có mục này thì không ai xem được hình trực tiếp từ xa.
    """
    commands: CommandsSection = CommandsSection()
    uplink: UplinkSection = UplinkSection()
    tls: TlsSection = TlsSection()
    insecure: Flag = False
    """Allow mqtt:// and http://; shouted in health.
    vi: Cho phép mqtt:// và http:// (không mã hoá); tình trạng thiết bị luôn nhắc điều này.
    """
    cameras: Annotated[tuple[CameraSection, ...], Field(min_length=1, max_length=8)]
    """One to eight cameras.
    vi: Từ một đến tám camera.
    """
    detection: DetectionSection = DetectionSection()
    retention: RetentionSection
    footage: FootageSection = FootageSection()
    spool: SpoolSection = SpoolSection()
    evidence: EvidenceSection = EvidenceSection()
    notice: NoticeSection = NoticeSection()
    health: HealthSection = HealthSection()
    escalation: EscalationSection = EscalationSection()
    metrics: MetricsSection | None = None
    """`metrics: {textfile: /run/camera-agent/camera-agent.prom}` switches it on.
    vi: `metrics: {textfile: /run/camera-agent/camera-agent.prom}` là bật.
    """
    update: UpdateSection | None = None
    """Without it new versions are brought by a person: `camera-agent update BUNDLE`.
    vi: Không có mục này thì phiên bản mới do người mang tới: `camera-agent update GÓI`.
    """
    page: PageSection | None = None
    """`page: {}` switches it on.
    vi: `page: {}` là bật.
    """
    household: HouseholdSection | None = None
    """`household: {}` gives the family a page of its own.
    vi: `household: {}` là mở trang riêng cho gia đình.
    """
    setup: SetupSection | None = None
    """`setup: {}` lets the setup page open by itself at the first boot and by `identify`.
    vi: `setup: {}` cho phép trang cài đặt tự mở ở lần khởi động đầu tiên và khi có lệnh `identify`.
    """

    @classmethod
    def problems(cls, data: Mapping[str, Any]) -> Iterator[Problem]:
        """Camera ids are unique; plain text needs `insecure: true`; rules name known classes that they can mean."""
        yield from repeated(data.get("cameras"), "cameras", _own_id, _SAME_CAMERA)
        yield from repeated(data.get("cameras"), "cameras", device_of, _SAME_DEVICE, "source")
        for name, schemes in (("mqtt", "mqtt://"), ("upload", "http://"), ("live", ("rtmp://", "rtsp://"))):
            section = data.get(name)
            told = section.get("url") if isinstance(section, Mapping) else None
            urls = told if isinstance(told, list | tuple) else (told,)
            plain = any(isinstance(url, str) and url.startswith(schemes) for url in urls)
            if plain and data.get("insecure") is not True:
                yield Problem((name, "url"), _PLAIN, _ALLOW)
        detection = data.get("detection")
        own_labels = isinstance(detection, Mapping) and bool(detection.get("labels"))
        yield from wrong_classes(data.get("cameras"), own_labels)


def _own_id(camera: Mapping[str, Any]) -> str | None:
    name = camera.get("id")
    return name if isinstance(name, str) else None
