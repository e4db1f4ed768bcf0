"""The first boot of Raspberry Pi OS with rpi-preseed, which is to follow cloud-init there: rpi-preseed.toml. Pure.

Written after rpi-preseed(5) and its source; no image with it has been seen. Its TOML knows one-line strings with the
escapes of a quote and a backslash only. No secret is in it: the user's password is none ("*").
"""

import json
from collections.abc import Sequence

from deploy.flash.cloud_init import BEGIN, GROUPS, NOBODY
from deploy.flash.node_file import NodeFile

NAME = "rpi-preseed.toml"


def preseed_toml(node: NodeFile) -> bytes:
    """`early` runs once, before the network, and is noted as done only after it has run."""
    ssh = node.ssh
    lines = [
        'config_version = "1.0"',
        f"\n[system]\nhostname = {_text(node.host)}",
        f"\n[user]\nname = {_text(ssh.user if ssh else NOBODY)}",
        'password = "*"\npassword_encrypted = true',
        f"passwordless_sudo = {'true' if ssh else 'false'}",
        *([f"groups = {_texts(GROUPS.split(','))}"] if ssh else []),
        f"\n[ssh]\nenabled = {'true' if ssh else 'false'}\npassword_authentication = false",
        *([f"authorized_keys = {_texts(ssh.all_keys)}"] if ssh else []),
        f"\n[locale]\ntimezone = {_text(node.timezone)}",
        f"\n[runcmd]\nearly = {_texts([f'sh {BEGIN}'])}",
    ]
    return "\n".join(lines).encode() + b"\n"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _texts(values: Sequence[str]) -> str:
    return f"[{', '.join(_text(value) for value in values)}]"
