"""Where a node's secrets, names and traces lie outside its data directory. Whoever writes to a new place adds it here.

Patterns are of `Path.glob`, below the root; what matches is ours or about this household, and is erased whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agent.i18n import Text


@dataclass(frozen=True, slots=True)
class Place:
    """One line of the certificate."""

    name: str
    what: Text
    patterns: tuple[str, ...]


PLACES = (
    Place(
        "config",
        Text(en="configuration, passwords, codes and enrolment tokens", vi="cấu hình, mật khẩu, mã và mã đăng ký"),
        ("etc/camera-agent/*",),
    ),
    Place(
        "state",
        Text(en="what updates and the first boot remember", vi="ghi nhớ của việc cập nhật và lần khởi động đầu"),
        ("opt/camera-agent/state/*", "opt/camera-agent/card", "run/camera-agent/*"),
    ),
    Place(
        "card",
        Text(en="the node's files on the boot partition", vi="tệp của thiết bị trên phân vùng khởi động"),
        tuple(
            f"{boot}/{name}"
            for boot in ("boot/firmware", "boot")
            for name in (
                "camera-agent",
                "user-data",
                "network-config",
                "meta-data",
                "firstrun.sh",
                "custom.toml",
                "rpi-preseed.toml",
            )
        ),
    ),
    Place(
        "cloud",
        Text(en="copies that the first start made", vi="bản sao của lần khởi động đầu"),
        ("var/lib/cloud/*", "run/cloud-init/*", "var/log/cloud-init*", "var/lib/rpi-preseed/*"),
    ),
    Place(
        "logs",
        Text(en="the system's logs", vi="nhật ký hệ thống"),
        (
            *("var/log/journal/*/*", "run/log/journal/*/*"),
            *(f"var/log/{name}*" for name in ("syslog", "daemon.log", "messages", "user.log", "kern.log", "auth.log")),
        ),
    ),
)
# Last of all: until then the broker can be told, and whoever is logged in over it can read the certificate.
WIFI = Place(
    "wifi",
    Text(en="wifi names and passwords", vi="tên và mật khẩu wifi"),
    (
        "etc/NetworkManager/system-connections/*",
        "run/NetworkManager/system-connections/*",
        "etc/netplan/*",
        "etc/wpa_supplicant/wpa_supplicant*.conf",
        "etc/systemd/system/camera-agent-hotspot*",
        "etc/systemd/system/*.wants/camera-agent-hotspot*",
        "run/camera-agent-hotspot",
        "usr/local/lib/camera-agent/*",
        "var/lib/NetworkManager/*",
        "var/lib/bluetooth/*",
    ),
)


def found(root: Path, place: Place) -> Iterator[Path]:
    """What there is of a place, outermost first; never through a link that leads out of the root."""
    seen: set[Path] = set()
    for pattern in place.patterns:
        for path in sorted(root.glob(pattern)):
            if path not in seen and not _through_link(root, path.relative_to(root).parent):
                seen.add(path)
                yield path


def _through_link(root: Path, folder: Path) -> bool:
    """Does a link lead out of the root? Within it one may: /boot/firmware to /boot, a log folder to another disk."""
    path = root
    for part in folder.parts:
        path = path / part
        if path.is_symlink() and not path.resolve().is_relative_to(root.resolve()):
            return True
    return False
