"""A disk image: where its two partitions are, and which system is on it. Only reads.

How the first boot is told what to do follows from what the image holds, not from its name: Raspberry Pi OS went
from firstrun.sh to cloud-init within Debian 13, and further.
"""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from agent.i18n import Text
from deploy.flash.ext4 import Ext4
from deploy.flash.fat import Fat
from deploy.flash.refused import CardError
from deploy.flash.tool import ran

FAT_TYPES = {"b", "c", "e", "6", "ebd0a0a2-b9e5-4433-87c0-68b6b72699c7", "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"}
LINUX_TYPES = {"83", "0fc63daf-8483-4772-8e79-3d69d8477de4", "b921b045-1df0-41c3-af44-4c6f280d3fae"}
# Where each processor has its libraries. The second is a PC: a card can be tried out without a board.
ARCHES = {"/usr/lib/aarch64-linux-gnu": "aarch64", "/usr/lib/x86_64-linux-gnu": "x86_64"}
IMAGER = "/usr/lib/raspberrypi-sys-mods/imager_custom"
Family = Literal["cloud-init", "preseed", "firstrun"]
STOCK = Text(
    en="use Raspberry Pi OS Lite (64-bit) as it is downloaded from raspberrypi.com",
    vi="hãy dùng Raspberry Pi OS Lite (64-bit) đúng như tải từ raspberrypi.com",
)


@dataclass(frozen=True, slots=True)
class Partition:
    """Place of a partition in its image, in bytes; `number` counts from 1."""

    number: int
    start: int
    size: int


@dataclass(frozen=True, slots=True)
class Disk:
    """The two partitions that matter."""

    image: Path
    boot: Partition
    root: Partition

    @property
    def fat(self) -> Fat:
        """The boot partition, for reading and writing."""
        return Fat(self.image, self.boot.start)

    @property
    def ext4(self) -> Ext4:
        """The root file system, for reading."""
        return Ext4(self.image, self.root.start)


@dataclass(frozen=True, slots=True)
class System:
    """What is installed: Debian's name for it, its Python like "3.13", and who reads the settings of the first boot."""

    release: str
    python: str
    name: str
    family: Family
    packages: frozenset[str] = field(repr=False, default=frozenset())
    arch: str = "aarch64"

    def lacks_for_hotspot(self) -> tuple[str, ...]:
        """Packages that NetworkManager needs to share its own wifi and that are not there."""
        wanted = ("network-manager", "dnsmasq-base")
        return tuple(name for name in wanted if name not in self.packages)


def disk_of(image: Path) -> Disk:
    """The partitions of a raw image. Raises CardError."""
    not_one = Text(en=f"{image.name} is no disk image", vi=f"{image.name} không phải ảnh đĩa")
    table = json.loads(ran(("sfdisk", "--json", str(image)), not_one))["partitiontable"]
    unit = int(table.get("sectorsize", 512))
    size = image.stat().st_size
    boot = root = None
    for number, each in enumerate(table.get("partitions", ()), 1):
        partition = Partition(number, int(each["start"]) * unit, int(each["size"]) * unit)
        if partition.start + partition.size > size:
            raise CardError(
                Text(en=f"{image.name} is cut off: partition {number} ends behind the file's end",
                     vi=f"{image.name} bị cụt: phân vùng {number} vượt quá cuối tệp"),
                Text(en="download it again", vi="hãy tải lại"),
            )  # fmt: skip
        kind = str(each["type"]).lower()
        if kind in FAT_TYPES and boot is None:
            boot = partition
        elif kind in LINUX_TYPES and root is None:
            root = partition
    if boot is None or root is None:
        raise _other(
            f"{image.name} has no boot partition (FAT) with a Linux partition beside it",
            f"{image.name} không có phân vùng khởi động (FAT) kèm phân vùng Linux",
        )
    return Disk(image, boot, root)


def system_on(disk: Disk) -> System:
    """Told from the image itself. Raises CardError for what make-card does not know, and for a system that has run."""
    image, root = disk.image.name, disk.ext4
    told = root.text("/usr/lib/os-release") or root.text("/etc/os-release") or ""
    words = dict(re.findall(r'^([A-Z_]+)="?([^"\n]*)"?$', told, re.MULTILINE))
    release, name = words.get("VERSION_CODENAME", ""), words.get("PRETTY_NAME", "?")
    arch = next((arch for path, arch in ARCHES.items() if root.exists(path)), None)
    if arch is None:
        raise _other(f"{image} ({name}) is not a 64-bit ARM system", f"{image} ({name}) không phải hệ ARM 64-bit")
    if "cmdline.txt" not in disk.fat.names():
        raise _other(
            f"the boot partition of {image} has no cmdline.txt: not a Raspberry Pi's",
            f"phân vùng khởi động của {image} không có cmdline.txt: không phải của Raspberry Pi",
        )
    if root.exists("/etc/ssh/ssh_host_ed25519_key") or len((root.text("/etc/machine-id") or "").strip()) == 32:
        raise _other(
            f"{image} has been started before: all its copies would have the same keys",
            f"{image} đã từng được khởi động: mọi bản sao sẽ dùng chung khoá",
        )
    packages = _packages(root.text("/var/lib/dpkg/status") or "")
    family = _family(packages, root)
    if family is None:
        raise _other(
            f"{image} ({name}) has no way that make-card knows of setting up its first start "
            "(cloud-init, rpi-preseed, or firstrun.sh of Raspberry Pi Imager)",
            f"{image} ({name}) không có cách thiết lập lần khởi động đầu mà make-card biết "
            "(cloud-init, rpi-preseed, hoặc firstrun.sh của Raspberry Pi Imager)",
        )
    found = re.search(r"python(3\.\d{1,2})$", root.link("/usr/bin/python3") or "")
    if found is None:
        raise _other(f"{image} ({name}) has no Python 3", f"{image} ({name}) không có Python 3")
    return System(release, found[1], name, family, packages, arch)


def _family(packages: frozenset[str], root: Ext4) -> Family | None:
    if "cloud-init" in packages:
        return "cloud-init"
    if "rpi-preseed" in packages:
        return "preseed"
    return "firstrun" if root.exists(IMAGER) else None


def _packages(status: str) -> frozenset[str]:
    paragraphs = re.findall(r"^Package: (\S+)\n(?:.+\n)*?Status: install ok installed$", status, re.MULTILINE)
    return frozenset(paragraphs)


def _other(en: str, vi: str) -> CardError:
    return CardError(Text(en=en, vi=vi), STOCK)
