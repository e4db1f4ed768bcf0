"""Writing a card: which device it is, that nothing of this machine is on it, the image onto it, and all of it back.

The first megabyte, with the table of partitions, is written last: a card whose writing was cut off has no partitions
and starts nothing. A card that claims more room than it has gives back other bytes than were written.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from agent.i18n import Text
from agent.system_words import reason
from deploy.fetch import Progress
from deploy.flash.refused import CardError
from deploy.flash.tool import ran

PIECE = 4 << 20
HEAD = 1 << 20
SYNC = 64 << 20
BLKFLSBUF = 0x1261  # linux/fs.h: forget what is in memory of this device
LARGEST = 2_200_000_000_000
COLUMNS = "NAME,PATH,TYPE,SIZE,MODEL,TRAN,RO,RM,HOTPLUG,MOUNTPOINTS,FSTYPE,LABEL"


@dataclass(frozen=True, slots=True)
class Part:
    """A partition, or what else is built on the device. `used`: mounted somewhere, or swap."""

    name: str
    kind: str
    size: int
    label: str
    used: str


@dataclass(frozen=True, slots=True)
class Device:
    """As lsblk tells of it; sizes in bytes."""

    path: Path
    name: str
    kind: str
    size: int
    model: str
    removable: bool
    read_only: bool
    parts: tuple[Part, ...]


def device_at(path: Path) -> Device:
    """Raises CardError when it is no block device."""
    wrong = Text(en=f"{path} is no memory card or disk", vi=f"{path} không phải thẻ nhớ hay ổ đĩa")
    if not path.is_block_device():
        raise CardError(
            wrong, Text(en="`lsblk` lists them, like /dev/sda", vi="lệnh `lsblk` liệt kê các ổ, ví dụ /dev/sda")
        )
    return device_in(ran(("lsblk", "--json", "--bytes", "--output", COLUMNS, str(path)), wrong))


def device_in(listing: str) -> Device:
    """The first device that `lsblk --json` lists."""
    found = json.loads(listing)["blockdevices"][0]
    parts = tuple(_parts(found))
    own = [mount for mount in found.get("mountpoints") or () if mount]
    if own:
        parts = (Part(found["name"], "disk", int(found["size"]), "", own[0]), *parts)
    return Device(
        path=Path(found["path"]),
        name=str(found["name"]),
        kind=str(found["type"]),
        size=int(found["size"]),
        model=(found.get("model") or "").strip(),
        removable=bool(found.get("rm") or found.get("hotplug") or found.get("tran") == "usb"),
        read_only=bool(found.get("ro")),
        parts=parts,
    )


def _parts(found: dict[str, object]) -> Iterator[Part]:
    children = found.get("children")
    for child in children if isinstance(children, list) else ():
        mounts = [mount for mount in child.get("mountpoints") or () if mount]
        label = str(child.get("label") or child.get("fstype") or "")
        yield Part(str(child["name"]), str(child["type"]), int(child["size"]), label, mounts[0] if mounts else "")
        yield from _parts(child)


def refuse(device: Device, need: int) -> None:
    """Raises CardError when writing `need` bytes there is no good idea."""
    if device.kind != "disk":
        raise _no(
            f"{device.path} is a part of a device ({device.kind})",
            f"{device.path} chỉ là một phần của ổ ({device.kind})",
            Text(en="name the whole one, without the number at its end", vi="hãy ghi tên cả ổ, không có số ở cuối"),
        )
    used = [part for part in device.parts if part.used or part.kind not in ("part", "disk")]
    if used:
        raise _no(
            f"{device.path} is in use ({used[0].name}: {used[0].used or used[0].kind})",
            f"{device.path} đang được dùng ({used[0].name}: {used[0].used or used[0].kind})",
            Text(
                en="if it is the card: unmount it in the file manager; if it is a disk of this computer: take another",
                vi="nếu đúng là thẻ: hãy tháo (unmount) trong trình quản lý tệp; nếu là ổ của máy này: chọn ổ khác",
            ),
        )
    if device.read_only:
        raise _no(
            f"{device.path} is read-only",
            f"{device.path} chỉ đọc được",
            Text(en="slide the small switch of the adapter back", vi="hãy gạt lại chốt khoá trên đầu đọc thẻ"),
        )
    if device.size < need:
        raise _no(
            f"{device.path} has {device.size // 1_000_000} MB, the image needs {need // 1_000_000} MB",
            f"{device.path} có {device.size // 1_000_000} MB, ảnh cần {need // 1_000_000} MB",
            Text(en="take a card of 16 GB or more", vi="hãy dùng thẻ từ 16 GB trở lên"),
        )
    if device.size > LARGEST:
        raise _no(f"{device.path} is larger than any memory card", f"{device.path} lớn hơn mọi loại thẻ nhớ", None)


def told(device: Device) -> Text:
    """What a person needs to see before everything on it goes."""
    size = f"{device.size / 1e9:.1f} GB"
    model = device.model or "?"
    rows = "".join(f"\n    {part.name}  {part.size / 1e9:.1f} GB  {part.label}" for part in device.parts)
    fixed = not device.removable
    return Text(
        en=f"{device.path}: {model}, {size}{', BUILT IN, no removable card' if fixed else ''}{rows}",
        vi=f"{device.path}: {model}, {size}{', Ổ GẮN TRONG, không phải thẻ tháo được' if fixed else ''}{rows}",
    )


def write(image: Path, target: Path, progress: Progress) -> str:
    """All of `image` onto `target`, read back and compared; the sha256 of what is there now. Raises CardError."""
    size = image.stat().st_size
    try:
        with image.open("rb") as source, _opened(target) as card:
            capacity = os.lseek(card, 0, os.SEEK_END)
            if capacity >= size + 2 * HEAD:
                _probe(card, capacity)
            head = source.read(HEAD)
            _fill(card, 0, bytes(len(head)))
            os.fsync(card)
            _write_rest(card, source, size, progress)
            digest = hashlib.sha256(head)
            _read_back(card, source, digest, progress)
            _fill(card, 0, head)
            _forget(card)
            if _pread(card, len(head), 0) != head:
                raise _changed(0)
            return digest.hexdigest()
    except OSError as error:
        why = reason(error)
        raise CardError(
            Text(en=f"{target} cannot be written: {why.en}", vi=f"không ghi được {target}: {why.vi}"),
            Text(
                en="run it with sudo; a card that fails again and again is worn out",
                vi="hãy chạy với sudo; thẻ lỗi nhiều lần là đã hỏng",
            ),
        ) from error


def _write_rest(card: int, source: BinaryIO, size: int, progress: Progress) -> None:
    label = Text(en="Writing the card", vi="Đang ghi thẻ")
    progress.begin(label)
    at = HEAD
    while piece := source.read(PIECE):
        _fill(card, at, piece)
        at += len(piece)
        if at % SYNC < PIECE:  # else it is all in memory, and the bar lies
            os.fdatasync(card)
        progress.show(label, at, size)
    progress.end(label)


def _read_back(card: int, source: BinaryIO, digest: "hashlib._Hash", progress: Progress) -> None:
    """All behind the first megabyte, into `digest`. Raises CardError when it is not the image's."""
    label = Text(en="Reading the card back", vi="Đang đọc lại thẻ để kiểm tra")
    _forget(card)
    size = os.fstat(source.fileno()).st_size
    source.seek(HEAD)
    progress.begin(label)
    at = HEAD
    while piece := source.read(PIECE):
        found = _pread(card, len(piece), at)
        if found != piece:
            raise _changed(at)
        digest.update(found)
        at += len(piece)
        progress.show(label, at, size)
    progress.end(label)


def _changed(at: int) -> CardError:
    return _no(
        f"the card gave back other bytes than were written, near {at // 1_000_000} MB",
        f"thẻ trả lại dữ liệu khác với khi ghi, gần vị trí {at // 1_000_000} MB",
        Text(en="take another card, or another reader", vi="hãy dùng thẻ khác hoặc đầu đọc khác"),
    )


def _pread(card: int, count: int, at: int) -> bytes:
    parts = []
    while count > 0 and (part := os.pread(card, count, at)):
        parts.append(part)
        at += len(part)
        count -= len(part)
    return b"".join(parts)


@contextlib.contextmanager
def _opened(target: Path) -> Iterator[int]:
    # O_EXCL: the kernel refuses a device that is mounted.
    exclusive = os.O_EXCL if target.is_block_device() else 0
    descriptor = os.open(target, os.O_RDWR | exclusive | os.O_CLOEXEC)
    try:
        yield descriptor
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _fill(card: int, at: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        done = os.pwrite(card, view, at)
        at += done
        view = view[done:]


def _forget(card: int) -> None:
    """What is read next comes from the card."""
    os.fsync(card)
    os.posix_fadvise(card, 0, 0, os.POSIX_FADV_DONTNEED)
    with contextlib.suppress(OSError):  # a plain file has no such order; of a device only root may forget
        fcntl.ioctl(card, BLKFLSBUF)


def _probe(card: int, capacity: int) -> None:
    """A forged card maps its high addresses onto the low ones. Raises CardError."""
    places = (0, capacity // 2 // HEAD * HEAD, capacity // HEAD * HEAD - HEAD)
    marks = [secrets.token_bytes(4096) for _ in places]
    for place, mark in zip(places, marks, strict=True):
        _fill(card, place, mark)
    _forget(card)
    if any(os.pread(card, 4096, place) != mark for place, mark in zip(places, marks, strict=True)):
        raise _no(
            "the card does not keep what is written at its end: it has less room than it says",
            "thẻ không giữ được dữ liệu ở cuối: dung lượng thật nhỏ hơn dung lượng ghi trên thẻ",
            Text(en="it is a forgery or broken: throw it away", vi="thẻ giả hoặc đã hỏng: hãy bỏ đi"),
        )


def _no(en: str, vi: str, hint: Text | None) -> CardError:
    return CardError(Text(en=en, vi=vi), hint)
