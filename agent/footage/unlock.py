"""At the ward: an encrypted clip, or a bundle of encrypted segments, becomes an MP4.

Nothing of it is believed unchecked.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import av
from nacl.public import PrivateKey

from agent.durable import durable_file
from agent.errors import AgentError
from agent.footage.bundle import BadBundle, unpack
from agent.footage.cipher import Clear
from agent.footage.cut import cut
from agent.footage.locked import BUNDLE, read_header, read_locked
from agent.footage.vault import WardVault
from agent.i18n import Text
from agent.values import Gap


@dataclass(frozen=True, slots=True)
class Unlocked:
    """What came out: of a bundle also what is missing of the range that was asked for."""

    path: Path
    bytes: int
    gaps: tuple[Gap, ...] = ()


def unlock(source: Path, private: PrivateKey, target: Path) -> Unlocked:
    """Writes `target` durably, or nothing. Raises AgentError in words, OSError."""
    vault = WardVault(private)
    if source.name.endswith(BUNDLE):
        return _cut(source, vault, target)
    locked = read_locked(source)
    if locked is None:
        raise _not_ours(source)
    key = vault.key(locked.header)
    if key is None:
        raise _other_key(source, locked.header.ward)
    if not locked.finished:
        raise _cut_short(source)
    with durable_file(target) as temporary:
        temporary.touch(mode=0o600)
        clear = Clear(source, locked, key)
        with temporary.open("wb") as file, clear:
            for chunk in locked.chunks:
                file.write(clear.clear(chunk))
    return Unlocked(target, target.stat().st_size)


def _cut(source: Path, vault: WardVault, target: Path) -> Unlocked:
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".unlock-") as folder:
        try:
            unpacked = unpack(source, Path(folder))
        except BadBundle as error:
            why = str(error)
            raise AgentError(
                Text(en=f"{source} is no bundle, or damaged: {why}", vi=f"{source} không phải gói, hoặc bị hỏng: {why}")
            ) from error
        for stored in unpacked.found:
            header = read_header(stored.path)
            if header is not None and vault.key(header) is None:
                raise _other_key(source, header.ward)
        try:
            made = cut(unpacked.wanted, unpacked.found, target, vault)
        except av.FFmpegError as error:
            raise AgentError(
                Text(en=f"{source} cannot be cut: {error}", vi=f"Không cắt được {source}: {error}")
            ) from error
    if made is None:
        raise AgentError(Text(en=f"there is no picture in {source}", vi=f"không có hình nào trong {source}"))
    return Unlocked(target, made.clip.bytes, made.clip.gaps)


def _not_ours(source: Path) -> AgentError:
    return AgentError(
        Text(
            en=f"{source} is not an encrypted clip, or its beginning is damaged",
            vi=f"{source} không phải clip được mã hoá, hoặc phần đầu bị hỏng",
        )
    )


def _other_key(source: Path, ward: str) -> AgentError:
    return AgentError(
        Text(
            en=f"{source} was encrypted for another key, with the fingerprint {ward[:16]}…",
            vi=f"{source} được mã hoá cho khoá khác, có mã nhận dạng (fingerprint) {ward[:16]}…",
        ),
        Text(en="Use the private key that belongs to it", vi="Hãy dùng đúng khoá bí mật tương ứng"),
    )


def _cut_short(source: Path) -> AgentError:
    return AgentError(
        Text(
            en=f"{source} is not whole: its end is missing, or something was put behind it",
            vi=f"{source} không nguyên vẹn: thiếu phần cuối, hoặc có phần bị thêm vào sau",
        ),
        Text(en="Fetch it from the upload server again", vi="Hãy tải lại từ máy chủ nhận tệp"),
    )
