"""The parts as one .tar.gz, written aside and put in place when it is whole. For its owner's eyes only (0600)."""

import gzip
import io
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.clock import Moment
from agent.durable import write_durably
from agent.errors import AgentError, StorageError
from agent.i18n import Text
from agent.system_words import reason

LARGEST_PART = 1_000_000
CUT = b"[the beginning was left out: too long]\n"


@dataclass(frozen=True, slots=True)
class Part:
    """A file of the bundle; `missing` says why it is none."""

    name: str
    about: Text
    data: bytes = b""
    missing: AgentError | None = None


def bounded(data: bytes) -> bytes:
    """The newest megabyte: logs end with what matters."""
    if len(data) <= LARGEST_PART:
        return data
    return CUT + data[-LARGEST_PART:].partition(b"\n")[2]


def contents(parts: Sequence[Part], node: str) -> str:
    """What is in it, and what is not, in both languages."""
    lines = [
        f"camera-agent support bundle: {node}",
        "",
        "No footage, no pictures, no passwords. Of the access log: no names, no reasons, no case numbers.",
        "Không có hình, ảnh hay mật khẩu. Nhật ký truy cập: không có tên người, lý do, số hồ sơ.",
        "",
    ]
    for part in parts:
        lines.append(f"{part.name}: {part.about.en} / {part.about.vi}")
        if part.missing is not None:
            lines.append(f"    NOT INCLUDED / KHÔNG CÓ: {part.missing.text.en} / {part.missing.text.vi}")
        else:
            lines.append(f"    {len(part.data)} bytes")
    return "\n".join(lines) + "\n"


def pack(parts: Sequence[Part], node: str, out: Path, at: Moment) -> int:
    """Write it; gives its size in bytes. Raises StorageError."""
    folder = f"camera-agent-{node}"
    first = Part("contents.txt", Text(en="this list", vi="danh sách này"), contents(parts, node).encode())
    made = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=made, mode="wb", mtime=at.wall_ns // 10**9) as packed,
        tarfile.open(fileobj=packed, mode="w") as archive,
    ):
        for part in (first, *(part for part in parts if part.missing is None)):
            entry = tarfile.TarInfo(f"{folder}/{part.name}")
            entry.size, entry.mode, entry.mtime = len(part.data), 0o600, at.wall_ns // 10**9
            archive.addfile(entry, io.BytesIO(part.data))
    try:
        write_durably(out, made.getvalue())
    except OSError as error:
        why = reason(error)
        raise StorageError(
            Text(en=f"{out} cannot be written: {why.en}", vi=f"không ghi được {out}: {why.vi}"), code="storage_error"
        ) from error
    return made.tell()
