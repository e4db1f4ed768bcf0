"""A device laid out in a folder, with a canary in every place where a node leaves something."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from agent.evidence.key import open_key
from tests.cli.saying import said

NODE = "node-7"
PSK, PASSWORD, CODE = "cAnArY-wifi-psk", "cAnArY-broker-pw", "cAnArY-setup-code"
TRACE = "cAnArY-trace"  # whatever else is about this household
PLACES = {
    "etc/camera-agent/mqtt.password": PASSWORD,
    "etc/camera-agent/setup.code": CODE,
    "etc/camera-agent/enrol/enrol.token": TRACE,
    "opt/camera-agent/state/update.json": TRACE,
    "boot/firmware/camera-agent/first-boot.log": TRACE,
    "boot/firmware/camera-agent/node/secrets/mqtt.password": PASSWORD,
    "boot/firmware/user-data": TRACE,
    "boot/firmware/rpi-preseed.toml": TRACE,
    "var/lib/rpi-preseed/applied.toml": TRACE,
    "boot/firmware/network-config": f"password: {PSK}",
    "var/lib/cloud/instances/i-1/user-data.txt": PSK,
    "var/lib/cloud/data/status.json": TRACE,
    "var/log/cloud-init-output.log": TRACE,
    "var/log/journal/0123/system.journal": TRACE,
    "var/log/syslog.1": TRACE,
    "run/camera-agent/status-node-7.json": TRACE,
    "etc/NetworkManager/system-connections/nha-anh-ba.nmconnection": f"[wifi-security]\npsk={PSK}\n",
    "etc/netplan/50-cloud-init.yaml": f'wifis:\n  password: "{PSK}"\n',
    "var/lib/NetworkManager/timestamps": TRACE,
    "etc/NetworkManager/system-connections/camera-agent-hotspot.nmconnection": f"psk={PSK}\n",
    "usr/local/lib/camera-agent/hotspot.py": TRACE,
}
DATA = ("footage/gate/a.mp4", "spool/spool.db.damaged", "access/0001.jsonl", "setup/photos/gate.jpg", "tls/node.key")
FOREIGN = {
    "etc/hosts": "127.0.0.1 localhost\n",
    "boot/firmware/config.txt": "arm_64bit=1\n",
    "var/lib/camera-agent/holiday.txt": "of somebody else\n",
    "opt/camera-agent/current/bin/camera-agent": "#!/bin/sh\n",
    "home/pi/notes.txt": "nothing of ours\n",
}


@dataclass(frozen=True, slots=True)
class Laid:
    """`root` is the device."""

    root: Path
    config: Path
    data: Path

    def left(self) -> list[str]:
        """Files that still hold a canary."""
        return sorted(
            str(path.relative_to(self.root))
            for path in self.root.rglob("*")
            if path.is_file() and not path.is_symlink() and b"cAnArY" in path.read_bytes()
        )

    def wipe(self, *more: str, language: str = "en") -> "subprocess.CompletedProcess[str]":
        return said("wipe", "--root", str(self.root), "--config", str(self.config), *more, language=language)


def lay(root: Path, mqtt: dict[str, object] | None = None) -> Laid:
    """Everything that a node in use would have. The broker answers nobody unless one is given."""
    data = root / "var/lib/camera-agent"
    for name, text in {**PLACES, **FOREIGN}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for name in DATA:
        path = data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"cAnArY of a face")
    data.chmod(0o700)
    key = open_key(data / "evidence")
    (root / "device.pub").write_text(key.public.pem, encoding="ascii")
    password = root / "etc/camera-agent/mqtt.password"
    password.chmod(0o600)
    config = root / "etc/camera-agent/config.yaml"
    tree = {
        "node": {"id": NODE, "ward": "test", "label": TRACE, "data_dir": str(data)},
        "mqtt": {"url": "mqtt://127.0.0.1:9", "username": "u", "password_file": str(password), **(mqtt or {})},
        "insecure": True,
        "retention": {"max_days": 30},
        "cameras": [{"id": "gate", "source": "rtsp://192.168.1.64/stream"}],
    }
    config.write_text(yaml.safe_dump(tree), encoding="utf-8")
    return Laid(root, config, data)


@pytest.fixture
def laid(tmp_path: Path) -> Laid:
    laid = lay(tmp_path / "device")
    assert len(laid.left()) == len(PLACES) + len(DATA) + 1, "and the configuration itself"
    return laid
