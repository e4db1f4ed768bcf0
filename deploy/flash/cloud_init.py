"""What cloud-init is told: who may log in, the name, and to start begin.sh at every boot. No secret is in it. Pure.

cloud-init keeps copies of it in /var/lib/cloud, so the wifi goes another way: as NetworkManager's keyfile.
"""

import json
import uuid
from typing import Any

from deploy.flash.node_file import NodeFile

BEGIN = "/boot/firmware/camera-agent/begin.sh"
NOBODY = "camera-admin"  # who cannot log in
GROUPS = "adm,dialout,audio,video,plugdev,users,input,netdev,render,gpio,i2c,spi,sudo,systemd-journal"


def user_data(node: NodeFile) -> bytes:
    """cloud-config; JSON is YAML, and quotes everything."""
    told: dict[str, Any] = {
        "hostname": node.host,
        "manage_etc_hosts": True,
        "timezone": node.timezone,
        "ssh_pwauth": False,
        "disable_root": True,
        "package_update": False,
        "package_upgrade": False,
        "users": [_user(node)],
        "bootcmd": [["sh", BEGIN]],
        # Where a cut of the power fell between the two: the second does nothing when the first has.
        "runcmd": [["sh", BEGIN]],
    }
    return b"#cloud-config\n" + json.dumps(told, indent=1, ensure_ascii=False).encode() + b"\n"


def meta_data() -> bytes:
    """A new instance each time a card is made, so that cloud-init runs on it. The hyphen is right: the stock file of
    Raspberry Pi OS writes instance_id, which cloud-init does not read.
    """
    return f"dsmode: local\ninstance-id: card-{uuid.uuid4()}\n".encode()


def _user(node: NodeFile) -> dict[str, Any]:
    """Where nobody is to log in there is a user all the same: without one the system waits for somebody to make it."""
    if node.ssh is None:
        return {"name": NOBODY, "shell": "/usr/sbin/nologin", "lock_passwd": True}
    return {
        "name": node.ssh.user,
        "groups": GROUPS,
        "shell": "/bin/bash",
        "lock_passwd": True,
        # There is no password that sudo could ask for.
        "sudo": "ALL=(ALL) NOPASSWD:ALL",
        "ssh_authorized_keys": list(node.ssh.all_keys),
    }
