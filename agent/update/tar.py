"""The outside of a bundle: an uncompressed tar that holds exactly the files of its manifest, in that order.

Read strictly, block by block: a member of another kind (link, folder, device, long name), in another place, of another
size, or one too many is refused. No library unpacks it, so no name of a member ever becomes a path by itself.
Source of the format: POSIX.1-1988 (ustar); TarInfo checks the headers' sums.
"""

import hashlib
import io
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BufferedIOBase
from pathlib import Path

from agent.i18n import Text
from agent.update.manifest import MANIFEST, MOST_MANIFEST, MOST_SIGNATURE, SIGNATURE, BundleFile, Manifest
from agent.update.refused import UpdateRefused, damaged

BLOCK = 512
PIECE = 1 << 18
MOST_END = 1 << 16  # zeros after the last file: tar fills its record up


@dataclass(frozen=True, slots=True)
class Opening:
    """The first two files: what is claimed, and who says so; nobody where the signature is empty."""

    manifest: bytes
    signature: bytes


def read_opening(file: BufferedIOBase) -> Opening:
    """From the start of a bundle; `file` then stands at the first of the manifest's files. Raises UpdateRefused."""
    manifest = _small(file, _header(file, MANIFEST, None), MOST_MANIFEST)
    try:
        size = _header(file, SIGNATURE, None)
    except UpdateRefused as error:
        if error.kind != "damaged":
            raise
        file.seek(-BLOCK, io.SEEK_CUR)
        return Opening(manifest, b"")
    return Opening(manifest, _small(file, size, MOST_SIGNATURE))


def read_files(file: BufferedIOBase, manifest: Manifest, put: Callable[[BundleFile, bytes], None]) -> None:
    """Each file's content, piece by piece, to `put`. Hashes and the end are checked. Raises UpdateRefused, OSError."""
    for each in manifest.files:
        _header(file, each.path, each.size)
        digest = hashlib.sha256()
        for piece in _pieces(file, each.size):
            digest.update(piece)
            put(each, piece)
        if digest.hexdigest() != each.sha256:
            raise damaged(f"{each.path} has another hash than signed", f"{each.path} không khớp với mã băm đã ký")
        _padding(file, each.size)
    rest = file.read(MOST_END + 1)
    if len(rest) < 2 * BLOCK or len(rest) % BLOCK or len(rest) > MOST_END or any(rest):
        raise damaged("something follows its last file, or its end is missing", "có dữ liệu thừa hoặc thiếu ở cuối gói")


def pack(manifest: bytes, signature: bytes | None, sources: "list[tuple[BundleFile, Path]]", out: Path) -> None:
    """Write a bundle: the same bytes from the same files. Without a signature no node takes it. Raises OSError."""
    with tarfile.open(out, "w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in ((MANIFEST, manifest), (SIGNATURE, signature)):
            if data is not None:
                tar.addfile(_member(name, len(data)), io.BytesIO(data))
        for each, path in sources:
            with path.open("rb") as content:
                tar.addfile(_member(each.path, each.size), content)


def _member(name: str, size: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size = size
    info.mode = 0o644
    return info


def _header(file: BufferedIOBase, name: str, size: int | None) -> int:
    block = _exactly(file, BLOCK)
    try:
        info = tarfile.TarInfo.frombuf(block, "ascii", "strict")
    except (tarfile.HeaderError, UnicodeDecodeError, ValueError) as error:
        raise damaged(f"{name} is not where it belongs", f"{name} không nằm đúng chỗ") from error
    if info.type != tarfile.REGTYPE or info.linkname:
        raise damaged(f"{name} is a link, a folder or a device", f"{name} là liên kết, thư mục hoặc tệp thiết bị")
    if info.name != name or block[:100].rstrip(b"\0").endswith(b"/"):
        raise damaged(f"it holds something else where {name} belongs", f"thay cho {name} là một thứ khác")
    if info.size < 0 or (size is not None and info.size != size):
        raise damaged(f"{name} has another size than signed", f"{name} có kích thước khác với bản kê khai đã ký")
    return info.size


def _small(file: BufferedIOBase, size: int, most: int) -> bytes:
    if size > most:
        raise damaged("its manifest is too large", "bản kê khai quá lớn")
    data = _exactly(file, size)
    _padding(file, size)
    return data


def _pieces(file: BufferedIOBase, size: int) -> Iterator[bytes]:
    while size > 0:
        piece = _exactly(file, min(PIECE, size))
        size -= len(piece)
        yield piece


def _padding(file: BufferedIOBase, size: int) -> None:
    if any(_exactly(file, -size % BLOCK)):
        raise damaged("there is something between its files", "có dữ liệu lạ giữa các tệp")


def _exactly(file: BufferedIOBase, size: int) -> bytes:
    data = file.read(size)
    if len(data) != size:
        raise UpdateRefused(
            "truncated",
            Text(en="The bundle is cut short", vi="Gói cập nhật bị thiếu phần cuối"),
            Text(
                en="Copy or download it again; its size must be the same as at its source",
                vi="Hãy chép hoặc tải lại; kích thước phải bằng với bản gốc",
            ),
        )
    return data
