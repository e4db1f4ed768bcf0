"""Checks signatures made by minisign (Ed25519). Comes in: a key file, a signature file, the signed bytes.

Source: the format as minisign's manual page describes it. Only `ED` is taken, the signature of the BLAKE2b-512 of the
content, which minisign makes by default; its older kind (`minisign -l`) is refused. The second signature, over the
first one and the trusted comment, is checked as well; the comment decides nothing.
"""

import base64
import binascii
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from agent.i18n import Text
from agent.system_words import reason
from agent.update.refused import UpdateRefused

UNTRUSTED = "untrusted comment:"
TRUSTED = "trusted comment: "
KEY_KIND, KIND = b"Ed", b"ED"  # the key says `Ed`, its signature `ED`
ID, KEY, SIGNATURE = 8, 32, 64  # bytes
MOST_KEYS = 4  # the one in use, and the next ones while keys are exchanged
MOST_BYTES = 4096  # of a key file or a signature file


@dataclass(frozen=True, slots=True)
class PublicKey:
    """One key that may sign updates. `id`: 8 bytes, as in the signature."""

    id: bytes
    key: bytes

    @property
    def name(self) -> str:
        """As minisign prints it: the number is little-endian."""
        return self.id[::-1].hex().upper()


@dataclass(frozen=True, slots=True)
class Signature:
    """What a .minisig file holds."""

    key_id: bytes
    signature: bytes
    comment: str
    over_all: bytes


def read_keys(path: Path) -> tuple[PublicKey, ...]:
    """The keys of a file: minisign's own, or several of them one after the other. Raises UpdateRefused."""
    try:
        with path.open("rb") as file:
            about = os.fstat(file.fileno())
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        why = reason(error)
        raise UpdateRefused(
            "key",
            Text(
                en=f"The key that updates must be signed with cannot be read ({path}: {why.en})",
                vi=f"Không đọc được khoá kiểm tra chữ ký của bản cập nhật ({path}: {why.vi})",
            ),
            Text(
                en=f"Put the ward's minisign.pub there, owned by root: sudo install -m 0644 minisign.pub {path}",
                vi=f"Hãy chép minisign.pub của phường vào đó, thuộc về root: sudo install -m 0644 minisign.pub {path}",
            ),
        ) from error
    if os.geteuid() == 0 and (about.st_uid != 0 or about.st_mode & 0o022):
        raise UpdateRefused(
            "key",
            Text(
                en=f"Others than root can change the key that updates must be signed with ({path})",
                vi=f"Người dùng không phải root sửa được khoá kiểm tra chữ ký của bản cập nhật ({path})",
            ),
            Text(
                en=f"See that it is the ward's, then: sudo chown root: {path}; sudo chmod 0644 {path}",
                vi=f"Hãy xem có đúng khoá của phường không, rồi: sudo chown root: {path}; sudo chmod 0644 {path}",
            ),
        )
    return parse_keys(data)


def parse_keys(data: bytes) -> tuple[PublicKey, ...]:
    """Each line that is no comment is one key. Raises UpdateRefused."""
    lines = _lines(data, _bad_key)
    keys = tuple(_key(line) for line in lines if not line.startswith(UNTRUSTED))
    if not 1 <= len(keys) <= MOST_KEYS:
        raise _bad_key()
    return keys


def parse_signature(data: bytes) -> Signature:
    """Exactly the four lines that minisign writes. Raises UpdateRefused."""
    lines = _lines(data, _bad_signature)
    if len(lines) != 4 or not lines[0].startswith(UNTRUSTED) or not lines[2].startswith(TRUSTED):
        raise _bad_signature()
    first, over_all = _decoded(lines[1], _bad_signature), _decoded(lines[3], _bad_signature)
    if len(first) != 2 + ID + SIGNATURE or len(over_all) != SIGNATURE or first[:2] != KIND:
        raise _bad_signature()
    return Signature(first[2 : 2 + ID], first[2 + ID :], lines[2].removeprefix(TRUSTED), over_all)


def verify(content: bytes, signature: bytes, keys: tuple[PublicKey, ...]) -> str:
    """The trusted comment, if one of `keys` signed `content`. `signature`: the .minisig file. Raises UpdateRefused."""
    parsed = parse_signature(signature)
    key = next((key for key in keys if key.id == parsed.key_id), None)
    if key is None:
        raise _other_key(parsed, keys)
    signed = hashlib.blake2b(content, digest_size=64).digest()
    try:
        checker = VerifyKey(key.key)
        checker.verify(signed, parsed.signature)
        checker.verify(parsed.signature + parsed.comment.encode(), parsed.over_all)
    except BadSignatureError as error:
        raise UpdateRefused(
            "signature",
            Text(
                en="The bundle's signature is wrong: it was changed after it was signed",
                vi="Chữ ký của gói cập nhật không đúng: gói đã bị sửa sau khi ký",
            ),
            Text(
                en="Do not use it; get it anew from the ward",
                vi="Đừng dùng gói này; hãy lấy lại từ phường",
            ),
        ) from error
    return parsed.comment


def _key(line: str) -> PublicKey:
    data = _decoded(line, _bad_key)
    if len(data) != 2 + ID + KEY or data[:2] != KEY_KIND:
        raise _bad_key()
    return PublicKey(data[2 : 2 + ID], data[2 + ID :])


def _lines(data: bytes, bad: Callable[[], UpdateRefused]) -> list[str]:
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise bad() from error
    if len(data) > MOST_BYTES:
        raise bad()
    return [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]


def _decoded(line: str, bad: Callable[[], UpdateRefused]) -> bytes:
    try:
        data = base64.b64decode(line.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise bad() from error
    if base64.b64encode(data) != line.encode():
        raise bad()  # spare bits that say something
    return data


def _bad_key() -> UpdateRefused:
    return UpdateRefused(
        "key",
        Text(en="The key that updates must be signed with is damaged", vi="Khoá kiểm tra chữ ký bản cập nhật bị hỏng"),
        Text(
            en="Put the ward's minisign.pub into /etc/camera-agent/update.pub again",
            vi="Hãy chép lại minisign.pub của phường vào /etc/camera-agent/update.pub",
        ),
    )


def _bad_signature() -> UpdateRefused:
    return UpdateRefused(
        "signature",
        Text(en="The bundle's signature cannot be read", vi="Không đọc được chữ ký của gói cập nhật"),
        Text(en="Get the bundle anew from the ward", vi="Hãy lấy lại gói cập nhật từ phường"),
    )


def _other_key(parsed: Signature, keys: tuple[PublicKey, ...]) -> UpdateRefused:
    signer = PublicKey(parsed.key_id, b"").name
    ours = ", ".join(key.name for key in keys)
    return UpdateRefused(
        "signature",
        Text(
            en=f"The bundle is signed with another key ({signer}) than this node trusts ({ours})",
            vi=f"Gói cập nhật được ký bằng khoá khác ({signer}), không phải khoá mà thiết bị này tin ({ours})",
        ),
        Text(
            en="Take the bundle of the ward that this node belongs to",
            vi="Hãy dùng gói của đúng phường quản lý thiết bị này",
        ),
    )
