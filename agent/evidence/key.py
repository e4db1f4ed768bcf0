"""The device key: Ed25519, made at the first start, never leaves the node. Kept as PKCS#8 PEM (RFC 8410), 0600.

evidence/            0700
  device.key         0600
  device.pub.pem     0644  for whoever is to check what this node signed
  epoch              how often the agent has begun a chain
"""

import base64
import errno
import os
import pwd
import stat
from pathlib import Path

from nacl.signing import SigningKey

from agent.durable import disk_error, sync_dir, write_durably
from agent.errors import Rejected
from agent.evidence.public import PublicKey
from agent.i18n import Text

KEY, PUBLIC, EPOCH = "device.key", "device.pub.pem", "epoch"
PKCS8 = bytes.fromhex("302e020100300506032b657004220420")  # PrivateKeyInfo of Ed25519, then the 32 bytes of the seed
DIGITS = 8  # of an epoch's number: names sort as numbers do
BEGIN, END = "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"


class DeviceKey:
    """Signs. Thread-safe."""

    def __init__(self, seed: bytes) -> None:
        self._key = SigningKey(seed)
        self.public = PublicKey(bytes(self._key.verify_key))

    def sign(self, data: bytes) -> str:
        """Base64 of the 64 bytes of the signature."""
        return base64.b64encode(self._key.sign(data).signature).decode()


def open_key(directory: Path) -> DeviceKey:
    """The key in `directory`; made when there is none.

    Raises Rejected (code evidence_key) when it is damaged or others could have read it, StorageError as the disk does.
    """
    path = directory / KEY
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists() and not path.is_symlink():
            _make(path)
        _refuse_open(directory)
        _refuse_open(path)
        key = _read(path)
        if not (directory / PUBLIC).exists():
            write_durably(directory / PUBLIC, key.public.pem.encode(), 0o644)
        return key
    except OSError as error:
        raise disk_error(error, path) from error


def read_key(directory: Path) -> DeviceKey | None:
    """The key if there is one; nothing is made. Raises as `open_key`."""
    return open_key(directory) if (directory / KEY).exists() else None


def next_epoch(directory: Path, after: str = "") -> str:
    """The name of the epoch that begins now: later ones sort after it, and no other card has the same.

    It sorts after the one in the file and after the epoch `after`. Raises StorageError.
    """
    path = directory / EPOCH
    try:
        try:
            last = path.read_text(encoding="ascii")
        except (FileNotFoundError, ValueError):
            last = ""
        epoch = f"{max(epoch_number(last), epoch_number(after)) + 1:08d}-{os.urandom(4).hex()}"
        write_durably(path, epoch.encode())
    except OSError as error:
        raise disk_error(error, path) from error
    return epoch


def epoch_number(epoch: str) -> int:
    """How many epochs there were up to this one; 0 for what is no name of one, or leaves no room for a later one."""
    digits = epoch.partition("-")[0]
    number = int(digits) if len(digits) == DIGITS and digits.isascii() and digits.isdecimal() else 0
    return number if number < 10**DIGITS - 1 else 0


def _make(path: Path) -> None:
    seed = os.urandom(32)
    text = f"{BEGIN}\n{base64.b64encode(PKCS8 + seed).decode()}\n{END}\n"
    write_durably(path.parent / PUBLIC, DeviceKey(seed).public.pem.encode(), 0o644)
    write_durably(path, text.encode())
    sync_dir(path.parent.parent)


def _read(path: Path) -> DeviceKey:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise _broken(path) from None
        raise
    with os.fdopen(descriptor, "rb") as file:
        body = file.read(1000).decode("ascii", "replace").strip()
    try:
        der = base64.b64decode("".join(body.removeprefix(BEGIN).removesuffix(END).split()), validate=True)
    except ValueError:
        der = b""
    if len(der) != len(PKCS8) + 32 or not der.startswith(PKCS8):
        raise _broken(path)
    return DeviceKey(der[len(PKCS8) :])


def _refuse_open(path: Path) -> None:
    status = path.lstat()
    mode = stat.S_IMODE(status.st_mode)
    if status.st_uid != os.geteuid():
        name = _user()
        raise Rejected(
            Text(
                en=f"{path} belongs to another user, so footage is not sealed",
                vi=f"{path} thuộc về người dùng khác nên hình ghi không được niêm phong",
            ),
            Text(
                en=f"Run: sudo chown -R {name} {path.parent}, then restart the agent",
                vi=f"Hãy chạy: sudo chown -R {name} {path.parent}, rồi khởi động lại dịch vụ",
            ),
            code="evidence_key",
        )
    if mode & 0o077:
        right = "700" if stat.S_ISDIR(status.st_mode) else "600"
        raise Rejected(
            Text(
                en=f"Others on this machine can read {path} (mode {mode:o}), so footage is not sealed",
                vi=f"Người khác trên máy đọc được {path} (quyền {mode:o}) nên hình ghi không được niêm phong",
            ),
            Text(
                en=f"Run: sudo chmod {right} {path}, then restart the agent",
                vi=f"Hãy chạy: sudo chmod {right} {path}, rồi khởi động lại dịch vụ",
            ),
            code="evidence_key",
        )


def _broken(path: Path) -> Rejected:
    return Rejected(
        Text(
            en=f"{path} is not the key that this agent wrote, so footage is not sealed",
            vi=f"{path} không phải khoá do chương trình này tạo ra nên hình ghi không được niêm phong",
        ),
        Text(
            en=f"Put the copy from the backup there, or begin a new chain with a new key: sudo mv {path} {path}.old",
            vi=f"Chép lại khoá từ bản sao lưu, hoặc bắt đầu chuỗi mới với khoá mới: sudo mv {path} {path}.old",
        ),
        code="evidence_key",
    )


def _user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())
