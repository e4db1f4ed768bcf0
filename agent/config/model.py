"""The whole configuration as one frozen value. Each setting is described where it is defined."""

from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, Field

from agent.config.camera import CameraSection
from agent.config.units import Bilingual, Bytes, Identifier, Seconds, Section, Share


def _timezone(value: Any) -> Any:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError) as error:
        raise Bilingual(f"unknown time zone {value!r}, like Asia/Ho_Chi_Minh", f"không có múi giờ {value!r}") from error
    return value


def _url(*schemes: str) -> BeforeValidator:
    def check(value: Any) -> Any:
        shape = " / ".join(f"{scheme}://host" for scheme in schemes)
        try:
            parts = urlsplit(value) if isinstance(value, str) else None
            good = parts is not None and parts.scheme in schemes and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            parts, good = None, False
        if parts is not None and "@" in parts.netloc:
            raise Bilingual(
                "a password does not belong in the address; use `username` and `password_file`",
                "không ghi mật khẩu trong địa chỉ; hãy dùng `username` và `password_file`",
            )
        if not good:
            raise Bilingual(f"expected {shape}, with a port from 1 to 65535", f"cần {shape}, cổng từ 1 đến 65535")
        return value

    return BeforeValidator(check)


class NodeSection(Section):
    """Who this node is."""

    ward: Identifier
    id: Identifier
    label: str = ""
    language: Literal["vi", "en"] = "vi"  # of logs and faults
    timezone: Annotated[str, BeforeValidator(_timezone)] = "Asia/Ho_Chi_Minh"
    data_dir: Path = Path("/var/lib/camera-agent")
    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)


class TlsSection(Section):
    """Trust and identity towards the ward; used for MQTT and uploads alike."""

    ca: Path | None = None  # None: the system's
    cert: Path | None = None
    key: Path | None = None

    def model_post_init(self, _: Any) -> None:
        """A certificate comes with its key."""
        if (self.cert is None) != (self.key is None):
            raise Bilingual("`cert` and `key` go together", "`cert` và `key` phải đi cùng nhau")


class MqttSection(Section):
    """The ward's broker."""

    url: Annotated[str, _url("mqtts", "mqtt")]
    prefix: Identifier = "camera"
    username: str | None = None
    password_file: Path | None = None
    keepalive: Seconds = 30.0
    protocol: Literal["auto", "5", "3.1.1"] = "auto"


class UploadSection(Section):
    """The ward's resumable-upload (tus 1.0) server."""

    url: Annotated[str, _url("https", "http")]
    username: str | None = None
    password_file: Path | None = None
    chunk: Bytes = Field(default=1_000_000, ge=16_000, le=64_000_000)
    timeout: Seconds = 30.0
    max_kbps: int = Field(default=0, ge=0)  # 0: no limit of our own


class DetectionSection(Section):
    """The ONNX model. Without one the node reports motion only."""

    model: Path | None = None
    family: Literal["auto", "ssd", "yolox", "nanodet"] = "auto"
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None  # None: from the file MODEL.sha256
    score: Share = 0.4
    max_inferences: int = Field(default=4, ge=1, le=16)  # per analysed frame


class FootageSection(Section):
    """The ring of segments on disk."""

    budget: Bytes = Field(default=8_000_000_000, ge=10_000_000)
    keep_free: Bytes = 500_000_000
    max_age: Seconds = 30 * 86400.0  # deleted after this, whatever the budget
    segment: Seconds = Field(default=10.0, ge=1, le=300)
    pre_roll: Seconds = Field(default=5.0, ge=0, le=60)
    post_roll: Seconds = Field(default=5.0, ge=0, le=120)
    max_clip: Seconds = Field(default=120.0, ge=5, le=900)


class SpoolSection(Section):
    """What waits for the ward while the line is down."""

    messages: int = Field(default=200_000, ge=100)
    clips_budget: Bytes = Field(default=2_000_000_000, ge=1_000_000)


class HealthSection(Section):
    """How often the node tells how it is."""

    interval: Seconds = Field(default=60.0, ge=1, le=3600)


class PageSection(Section):
    """A page with the live picture, for the installer. Off unless this section stands; this machine only."""

    port: int = Field(default=8480, ge=0, le=65535)  # 0: any free port


class Config(Section):
    """A node."""

    node: NodeSection
    mqtt: MqttSection
    upload: UploadSection | None = None
    tls: TlsSection = TlsSection()
    insecure: bool = False  # allow mqtt:// and http://; shouted in health
    cameras: Annotated[tuple[CameraSection, ...], Field(min_length=1, max_length=8)]
    detection: DetectionSection = DetectionSection()
    footage: FootageSection = FootageSection()
    spool: SpoolSection = SpoolSection()
    health: HealthSection = HealthSection()
    page: PageSection | None = None

    def model_post_init(self, _: Any) -> None:
        """Camera ids are unique; plain text needs `insecure: true`."""
        ids = [camera.id for camera in self.cameras]
        for name in ids:
            if ids.count(name) > 1:
                raise Bilingual(f"two cameras are called {name!r}", f"có hai camera cùng tên {name!r}")
        plain = self.mqtt.url.startswith("mqtt://") or (self.upload and self.upload.url.startswith("http://"))
        if plain and not self.insecure:
            raise Bilingual(
                "plain mqtt:// or http:// shows everything to anyone on the way; use mqtts:// and https://, "
                "or write `insecure: true` to allow it",
                "mqtt:// hoặc http:// không mã hoá nên ai cũng đọc được; hãy dùng mqtts:// và https://, "
                "hoặc ghi `insecure: true` để cho phép",
            )
