"""Files into an image, and read back out of it. What was not found again byte for byte is no card."""

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agent.i18n import Text
from deploy.fetch import Progress, sha256_of
from deploy.flash.base import disk_words, settle
from deploy.flash.bundle import Bundle
from deploy.flash.fat import Fat
from deploy.flash.folder import FOLDER, CardFile
from deploy.flash.image import Disk, System, disk_of, system_on
from deploy.flash.refused import CardError

# Secrets on their way do not touch the disk of this machine where that can be had.
MEMORY = Path("/dev/shm")
SPARE = 8_000_000  # bytes left on the boot partition: the log of the first boot, a later kernel


@dataclass(frozen=True, slots=True)
class Base:
    """A stock image with what all cards share; each card is a copy of it."""

    disk: Disk
    system: System
    cmdline: str


def prepare(image: Path, bundle: Bundle | None, common: tuple[CardFile, ...], progress: Progress) -> Base:
    """The bundle and our programs onto the raw `image`. Raises CardError."""
    disk = disk_of(image)
    system = system_on(disk)
    cmdline = (disk.fat.read("cmdline.txt") or b"").decode("utf-8", "replace")
    room = disk.fat.free_bytes()
    need = sum(len(each.data) + disk.fat.cluster_bytes() for each in common) + SPARE
    need += bundle.path.stat().st_size if bundle else 0
    if need > room:
        raise CardError(
            Text(
                en=f"the boot partition has {room // 1_000_000} MB free, {need // 1_000_000} MB are needed",
                vi=f"phân vùng khởi động còn trống {room // 1_000_000} MB, cần {need // 1_000_000} MB",
            ),
            Text(
                en="take a newer image: since 2023 its boot partition has 512 MB",
                vi="hãy dùng ảnh mới hơn: từ 2023 phân vùng khởi động có 512 MB",
            ),
        )
    label = Text(en="Putting the program onto the image", vi="Đang chép phần mềm vào ảnh")
    progress.begin(label)
    inject(disk.fat, common)
    if bundle is not None:
        _put_bundle(disk.fat, bundle)
    progress.end(label)
    return Base(disk, system, cmdline)


def inject(fat: Fat, files: tuple[CardFile, ...]) -> None:
    """Onto the boot partition, synced, read back, compared. Raises CardError."""
    with _workspace() as work:
        put = work / "put"
        put.mkdir()
        try:
            for each in files:
                path = put / each.path
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(each.data)
        except OSError as error:
            raise disk_words(error, put) from error
        fat.put(put)
    settle(fat.image)
    verify(fat, files)


def verify(fat: Fat, files: tuple[CardFile, ...]) -> None:
    """Each of `files` is on the boot partition, and nothing else is in node/. Raises CardError."""
    with _workspace() as work:
        got = work / "got"
        got.mkdir()
        for top in sorted({_top(each.path) for each in files}):
            target = got / top
            target.parent.mkdir(parents=True, exist_ok=True)
            fat.fetch(top, target.parent)
        for each in files:
            path = got / each.path
            if not path.is_file() or path.read_bytes() != each.data:
                raise _differs(each.path)
        wanted = {each.path for each in files}
        strays = [path for path in (got / FOLDER / "node").rglob("*") if path.is_file()]
        if any(str(path.relative_to(got)) not in wanted for path in strays):
            raise _differs(f"{FOLDER}/node")


def _top(path: str) -> str:
    """What is fetched in one go: node/ as a whole, everything else by itself."""
    node = f"{FOLDER}/node"
    return node if path.startswith(f"{node}/") else path


def _put_bundle(fat: Fat, bundle: Bundle) -> None:
    with _workspace(Path(fat.image.parent)) as work:
        link = work / FOLDER / bundle.path.name
        link.parent.mkdir()
        link.symlink_to(bundle.path.resolve())
        fat.put(work)
        settle(fat.image)
        fat.fetch(f"{FOLDER}/{bundle.path.name}", work)
        back = work / bundle.path.name
        if sha256_of(back) != bundle.sha256:
            raise _differs(bundle.path.name)


@contextlib.contextmanager
def _workspace(beside: Path | None = None) -> Iterator[Path]:
    """A folder of our own (0700), gone afterwards."""
    where = beside or (MEMORY if MEMORY.is_dir() else None)
    with tempfile.TemporaryDirectory(prefix=".card-", dir=where) as work:
        yield Path(work)


def _differs(name: str) -> CardError:
    return CardError(
        Text(en=f"{name} was not found again as it was written", vi=f"{name} đọc lại không khớp với khi ghi"),
        Text(
            en="the disk or the memory card is probably faulty: try another",
            vi="có thể ổ đĩa hoặc thẻ nhớ bị lỗi: hãy thử cái khác",
        ),
    )
