"""What could be written for a setting that has no default to show; a test holds each to the type of its setting.

By `Section.name`, else by the name alone: the same word means the same everywhere.
"""

from typing import Any

import yaml

from agent.config.units import Section

_EXAMPLES: dict[str, Any] = {
    "NodeSection.ward": "phuong-ben-thanh",
    "NodeSection.id": "node-0012",
    "NodeSection.label": "Ngã tư chợ Bến Thành",
    "NodeSection.latitude": 10.7725,
    "NodeSection.longitude": 106.698,
    "MqttSection.url": "mqtts://ward.example:8883",
    "UploadSection.url": "https://ward.example:8443/files/",
    "LiveSection.url": "rtmps://ward.example:1936/live",
    "CommandsSection.key": "/etc/camera-agent/command.pub",
    "UplinkSection.quiet_hours": "18:00-23:00",
    "TlsSection.renew": "https://ward.example:9443/.well-known/est",
    "EvidenceSection.encrypt_to": "/etc/camera-agent/ward.pub",
    "RetentionSection.max_days": 30,
    "NoticeSection.purpose": "Giữ an ninh, trật tự trong khu phố",
    "NoticeSection.controller": "UBND phường Bến Thành",
    "NoticeSection.contact": "028 3829 1234",
    "DetectionSection.model": "/usr/share/camera-agent/ssdlite.onnx",
    "DetectionSection.labels": "from-model",
    "DetectionSection.sha256": "0" * 64,
    "CameraSection.id": "cong-cho",
    "CameraSection.label": "Cổng chợ",
    "CameraSection.source": "rtsp://192.168.1.64:554/Streaming/Channels/101",
    "CameraSection.sub": "rtsp://192.168.1.64:554/Streaming/Channels/102",
    "CameraSection.ca_file": "/etc/camera-agent/cong-cho.pem",
    "CameraSection.transcode": True,
    "CameraSection.zones": {"san": [[0.1, 0.5], [0.9, 0.5], [0.9, 1.0], [0.1, 1.0]]},
    "CameraSection.lines": {"cong": [[0.5, 0.9], [0.5, 0.4]]},
    "CameraSection.privacy_masks": {"nha-ben": [[0.0, 0.0], [0.2, 0.0], [0.2, 0.3], [0.0, 0.3]]},
    "CameraSection.rules": [{"rule": "intrusion", "zone": "san"}],
    "MetricsSection.textfile": "/var/lib/prometheus/node-exporter/camera-agent.prom",
    "UpdateSection.url": "https://ward.example:8443/updates/channel.json",
    "V4l2Section.input_format": "mjpeg",
    "Picamera2Section.exposure_time": "10ms",
    "WrongWayRule.direction": [[0.5, 0.9], [0.5, 0.4]],
    "Schedule.hours": "22:00-05:00",
    "Schedule.days": ["mon", "fri"],
    "ca": "/var/lib/camera-agent/tls/ca.pem",
    "cert": "/var/lib/camera-agent/tls/node.crt",
    "key": "/var/lib/camera-agent/tls/node.key",
    "username": "viewer",
    "password_file": "/etc/camera-agent/cong-cho.password",
    "zone": "san",
    "line": "cong",
    "id": "xam-nhap-san",
    "min_travel": 0.1,
    "min_score": 0.5,
}


def example_of(section: type[Section], name: str) -> Any:
    """A value as it would be read from YAML, of this setting; None when only its default or its kind can tell."""
    return _EXAMPLES.get(f"{section.__name__}.{name}", _EXAMPLES.get(name))


def as_yaml(value: Any) -> str:
    """A value on one line, as it could stand behind its key."""
    if value is None:
        return ""
    told: str = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=1_000_000, sort_keys=False)
    return told.removesuffix("\n").removesuffix("\n...")
