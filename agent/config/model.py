"""The whole configuration as one frozen value. Each setting is described where it is defined."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, Field

from agent.config.asked import CommandsSection, LiveSection
from agent.config.camera import CameraSection, device_of, repeated
from agent.config.classes import wrong_classes
from agent.config.links import MqttSection, TlsSection, UplinkSection, UploadSection
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
    "LiveSection",
    "MqttSection",
    "NodeSection",
    "PageSection",
    "RetentionSection",
    "SpoolSection",
    "TlsSection",
    "UplinkSection",
    "UploadSection",
]


def _timezone(value: Any) -> Any:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError) as error:
        raise Bilingual(
            f"unknown time zone {shown(value)}; write one like Asia/Ho_Chi_Minh",
            f"không có múi giờ {shown(value)}; hãy ghi như Asia/Ho_Chi_Minh",
        ) from error
    return value


class NodeSection(Section):
    """Who this node is."""

    ward: Identifier
    """The ward it belongs to; part of every topic."""
    id: Identifier
    """Its own name; part of every topic, so no other node of the ward may have it."""
    label: str = Field(default="", max_length=200)
    """Its name for people."""
    language: Literal["vi", "en"] = "vi"
    """Of logs and faults."""
    timezone: Annotated[str, BeforeValidator(_timezone)] = "Asia/Ho_Chi_Minh"
    """Of schedules."""
    data_dir: Annotated[Path, NonEmptyPath] = Path("/var/lib/camera-agent")
    """Where footage and the spool live."""
    latitude: Number | None = Field(default=None, ge=-90, le=90)
    """Where it hangs, for the ward's map."""
    longitude: Number | None = Field(default=None, ge=-180, le=180)
    """Where it hangs, for the ward's map."""

    @classmethod
    def problems(cls, data: Mapping[str, Any]) -> Iterator[Problem]:
        """Half a place is none."""
        for one, other in (("latitude", "longitude"), ("longitude", "latitude")):
            if data.get(one) is not None and data.get(other) is None:
                text = Text(en=f"`{other}` is missing beside `{one}`", vi=f"có `{one}` mà thiếu `{other}`")
                yield Problem((one,), text)


class DetectionSection(Section):
    """The ONNX model. Without one the node reports motion only."""

    model: Annotated[Path, NonEmptyPath] | None = None
    """The ONNX file."""
    family: Literal["auto", "ssd", "yolox", "nanodet"] = "auto"
    """How its outputs are read; auto tells it from their shapes."""
    labels: Annotated[Path, NonEmptyPath] | None = None
    """What the model calls what it finds: a file with one label per line in the order of its outputs, or `from-model`.
    Without it those of COCO.
    """
    provider: Literal["auto", "cpu", "cuda", "tensorrt"] = "auto"
    """What runs it; auto takes the fastest that proves itself at the start, in the end the CPU."""
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    """What the file must hash to; without it the file MODEL.sha256 beside it says so."""
    score: Share = 0.4
    """Objects of which the model is less sure are not seen."""
    max_inferences: Whole = Field(default=4, ge=1, le=16)
    """At most so many runs of the model per analysed picture."""
    inferences_per_s: Number = Field(default=10.0, ge=0.1, le=1000.0)
    """At most so many per second, of all cameras together; heat and load lower it. A Raspberry Pi 4 takes 60 to 90 ms
    for one, so 10 leave it three of its four cores.
    """


class HealthSection(Section):
    """How often the node tells how it is."""

    interval: Seconds = Field(default=60.0, ge=1, le=3600)
    """Time between two reports."""


class PageSection(Section):
    """A page with the live picture, for the installer. Off unless this section stands; this machine only."""

    port: Whole = Field(default=8480, ge=0, le=65535)
    """0: any free port."""


class EscalationSection(Section):
    """What to do about a camera that hangs and does not come back while no other camera of the node works."""

    after: Seconds = Field(default=600.0, ge=60, le=86400)
    """Start the agent anew when such a camera has hung for this long; at most once in six hours."""
    reboot: Flag = False
    """Restart the device when that did not help; at most once in six hours."""


_PLAIN = Text(
    en="without encryption anyone on the way can read along; use mqtts:// and https://",
    vi="không mã hoá thì ai trên đường truyền cũng đọc được; hãy dùng mqtts:// và https://",
)
_ALLOW = Text(en="to allow it all the same, write `insecure: true`", vi="nếu vẫn muốn dùng, hãy ghi `insecure: true`")
_SAME_DEVICE = Text(
    en="two cameras have the source {}; a device gives its pictures to one only",
    vi="hai camera cùng dùng nguồn {}; một thiết bị chỉ đưa hình cho một nơi",
)
_SAME_CAMERA = Text(en="two cameras are called {}", vi="có hai camera cùng tên {}")


class Config(Section):
    """A node."""

    node: NodeSection
    mqtt: MqttSection
    upload: UploadSection | None = None
    """Without it clips stay on the node."""
    live: LiveSection | None = None
    """Without it nobody sees the picture of now from afar."""
    commands: CommandsSection = CommandsSection()
    uplink: UplinkSection = UplinkSection()
    tls: TlsSection = TlsSection()
    insecure: Flag = False
    """Allow mqtt:// and http://; shouted in health."""
    cameras: Annotated[tuple[CameraSection, ...], Field(min_length=1, max_length=8)]
    """One to eight cameras."""
    detection: DetectionSection = DetectionSection()
    retention: RetentionSection
    footage: FootageSection = FootageSection()
    spool: SpoolSection = SpoolSection()
    evidence: EvidenceSection = EvidenceSection()
    health: HealthSection = HealthSection()
    escalation: EscalationSection = EscalationSection()
    page: PageSection | None = None
    """`page: {}` switches it on."""

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
