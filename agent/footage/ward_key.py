"""The ward's key pair for encrypted footage (X25519): made once at the ward; its public half goes to the nodes.

Two files of one line: `camera-agent-ward-key-1 HEX` (mode 0600) and `camera-agent-ward-public-1 HEX`.
"""

import hashlib
import os
import stat
from pathlib import Path

from nacl.public import PrivateKey, PublicKey

from agent.durable import write_durably
from agent.errors import Rejected
from agent.i18n import Text
from agent.system_words import reason

PRIVATE, PUBLIC = "camera-agent-ward-key-1", "camera-agent-ward-public-1"
KEY_BYTES = 32
MOST_BYTES = 1000


def make_pair(private: Path, public: Path) -> PublicKey:
    """Writes both files; never over others. Raises Rejected, OSError."""
    for path in (private, public):
        if path.exists() or path.is_symlink():
            raise Rejected(Text(en=f"{path} is there already", vi=f"đã có {path}"), code="config_invalid")
    key = PrivateKey.generate()
    write_durably(private, f"{PRIVATE} {bytes(key).hex()}\n".encode())
    write_durably(public, f"{PUBLIC} {bytes(key.public_key).hex()}\n".encode(), 0o644)
    return key.public_key


def read_public(path: Path) -> PublicKey:
    """Raises Rejected (code config_invalid)."""
    return PublicKey(_read(path, PUBLIC))


def read_private(path: Path) -> PrivateKey:
    """Raises Rejected (code config_invalid)."""
    return PrivateKey(_read(path, PRIVATE))


def fingerprint(key: PublicKey) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(bytes(key)).hexdigest()


def _read(path: Path, kind: str) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
            words = file.read(MOST_BYTES).decode("ascii", "replace").split() if regular else []
    except (OSError, ValueError) as error:
        why = reason(error)
        raise Rejected(Text(en=f"{path}: {why.en}", vi=f"{path}: {why.vi}"), code="config_invalid") from error
    if words[:1] == [PRIVATE] and kind == PUBLIC:
        raise Rejected(
            Text(
                en=f"{path} is the ward's private key, which must never be on a node",
                vi=f"{path} là khoá bí mật của phường, không bao giờ được để trên thiết bị",
            ),
            Text(
                en="Take it away from here and name the public file (.pub)",
                vi="Hãy xoá khỏi đây và dùng tệp công khai (.pub)",
            ),
            code="config_invalid",
        )
    try:
        name, text = words
        raw = bytes.fromhex(text)
    except ValueError:
        name, raw = "", b""
    if name != kind or len(raw) != KEY_BYTES:
        what = (
            Text(en="not the public key of a ward", vi="không phải khoá công khai của phường")
            if kind == PUBLIC
            else Text(en="not the private key of a ward", vi="không phải khoá bí mật của phường")
        )
        raise Rejected(
            Text(en=f"{path} is {what.en}", vi=f"{path} {what.vi}"),
            Text(
                en="The ward makes its keys with: camera-agent keys --out ward",
                vi="Phường tạo khoá bằng: camera-agent keys --out ward",
            ),
            code="config_invalid",
        )
    return raw
