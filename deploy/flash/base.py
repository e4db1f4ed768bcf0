"""The stock image, unpacked and copied: xz or plain in, a sparse raw file out, its checksum compared on the way."""

import errno
import fcntl
import hashlib
import lzma
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from agent.i18n import Text
from agent.system_words import reason
from deploy.fetch import Progress
from deploy.flash.refused import CardError

PIECE = 1 << 20
HOLE = 1 << 16
FICLONE = 0x40049409  # ioctl_ficlone(2): both files then share their blocks
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def unpack(image: Path, out: Path, expected: str | None, progress: Progress) -> str:
    """`image` (.xz or raw) into `out`; the sha256 of `image` as it is. Raises CardError; `out` is then incomplete."""
    known = expected or beside(image)
    label = Text(en=f"Unpacking {image.name}", vi=f"Đang giải nén {image.name}")
    digest = hashlib.sha256()
    try:
        total = image.stat().st_size
        with image.open("rb") as source, out.open("wb") as target:
            os.fchmod(target.fileno(), 0o600)
            progress.begin(label)
            for piece in _plain(_read(source, digest.update, lambda done: progress.show(label, done, total)), image):
                _sparse(target, piece)
            target.truncate(target.tell())
        progress.end(label)
    except lzma.LZMAError as error:
        raise _broken(image) from error
    except OSError as error:
        raise disk_words(error, out) from error
    found = digest.hexdigest()
    if known is not None and found != known:
        raise CardError(
            Text(
                en=f"{image.name} is not the file it should be: sha256 is {found}, expected {known}",
                vi=f"{image.name} không đúng tệp cần có: sha256 là {found}, cần {known}",
            ),
            Text(en="download it again", vi="hãy tải lại"),
        )
    return found


def beside(image: Path) -> str | None:
    """The checksum of IMAGE.sha256, as raspberrypi.com gives it; None when there is no such file."""
    try:
        words = image.with_name(image.name + ".sha256").read_text("ascii").split()
    except (OSError, UnicodeDecodeError):
        return None
    return words[0].lower() if words and re.fullmatch(r"[0-9A-Fa-f]{64}", words[0]) else None


def copy(source: Path, target: Path) -> bool:
    """Blocks are shared where the file system can (True), else the holes are kept. Raises CardError."""
    try:
        with source.open("rb") as old, target.open("wb") as new:
            os.fchmod(new.fileno(), 0o600)
            try:
                fcntl.ioctl(new.fileno(), FICLONE, old.fileno())
            except OSError:
                _copy_data(old.fileno(), new.fileno())
                return False
            return True
    except OSError as error:
        raise disk_words(error, target) from error


def stored_bytes(path: Path) -> int:
    """What it takes on the disk, without its holes."""
    return path.stat().st_blocks * 512


def settle(path: Path) -> None:
    """On the disk, and out of memory: who reads it now reads the disk. Raises CardError."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise disk_words(error, path) from error


def give_back(path: Path) -> None:
    """Made under sudo (for writing a card), a file belongs to who called sudo: root's labels nobody could print."""
    user, group = os.environ.get("SUDO_UID", ""), os.environ.get("SUDO_GID", "")
    if os.geteuid() == 0 and user.isdigit() and group.isdigit():
        os.chown(path, int(user), int(group))


def disk_words(error: OSError, path: Path) -> CardError:
    """What a full or worn disk means here."""
    if error.errno in FULL:
        return CardError(
            Text(en=f"no room for {path.name} on this disk", vi=f"ổ đĩa không đủ chỗ cho {path.name}"),
            Text(en="write it elsewhere (--out, --out-dir)", vi="hãy ghi ra nơi khác (--out, --out-dir)"),
        )
    why = reason(error)
    named = error.filename or path
    return CardError(Text(en=f"{named}: {why.en}", vi=f"{named}: {why.vi}"))


def _read(file: BinaryIO, seen: Callable[[bytes], None], done: Callable[[int], None]) -> Iterator[bytes]:
    count = 0
    while piece := file.read(PIECE):
        seen(piece)
        count += len(piece)
        done(count)
        yield piece


def _plain(pieces: Iterator[bytes], image: Path) -> Iterator[bytes]:
    first = next(pieces, b"")
    if not first.startswith(b"\xfd7zXZ\0"):
        if first.startswith((b"PK\x03\x04", b"\x1f\x8b", b"\x28\xb5\x2f\xfd")):
            raise CardError(
                Text(
                    en=f"{image.name} is packed in another way than xz", vi=f"{image.name} nén kiểu khác, không phải xz"
                ),
                Text(en="unpack it first", vi="hãy giải nén trước"),
            )
        yield first
        yield from pieces
        return
    unpacker = lzma.LZMADecompressor()
    yield unpacker.decompress(first, PIECE)
    for piece in pieces:
        while not unpacker.needs_input and not unpacker.eof:
            yield unpacker.decompress(b"", PIECE)
        if unpacker.eof:
            if piece.strip(b"\0"):
                raise lzma.LZMAError("something follows")
            continue
        yield unpacker.decompress(piece, PIECE)
    while not unpacker.eof and not unpacker.needs_input:
        yield unpacker.decompress(b"", PIECE)
    if not unpacker.eof:
        raise lzma.LZMAError("cut off")


def _sparse(target: BinaryIO, piece: bytes) -> None:
    for start in range(0, len(piece), HOLE):
        part = piece[start : start + HOLE]
        if part.count(0) == len(part):
            target.seek(len(part), os.SEEK_CUR)
        else:
            target.write(part)


def _copy_data(old: int, new: int) -> None:
    size = os.fstat(old).st_size
    os.ftruncate(new, size)
    at = 0
    while at < size:
        try:
            at = os.lseek(old, at, os.SEEK_DATA)
        except OSError as error:
            if error.errno == errno.ENXIO:  # only holes follow
                return
            raise
        end = os.lseek(old, at, os.SEEK_HOLE)
        os.lseek(old, at, os.SEEK_SET)
        os.lseek(new, at, os.SEEK_SET)
        while at < end:
            sent = os.sendfile(new, old, None, min(end - at, 1 << 30))
            if sent == 0:
                return
            at += sent


def _broken(image: Path) -> CardError:
    return CardError(
        Text(en=f"{image.name} is damaged or cut off", vi=f"{image.name} bị hỏng hoặc bị cụt"),
        Text(en="download it again", vi="hãy tải lại"),
    )
