"""Images shaped like Raspberry Pi OS Lite, partitioned and formatted for real, without root. And small bundles.

The boot partition is as small as FAT32 may be (65,525 clusters), so an image takes 60 MB on paper and one on the disk.
"""

import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from agent.update.manifest import BundleFile, Manifest
from agent.update.tar import pack

TOOLS = ("sfdisk", "mkfs.vfat", "mke2fs", "mcopy", "debugfs", "e2fsck", "fsck.vfat")
SECTOR = 512
BOOT_AT, BOOT_SIZE = 1 << 20, 40 << 20
ROOT_AT, ROOT_SIZE = BOOT_AT + BOOT_SIZE, 8 << 20
CMDLINE = (
    "console=serial0,115200 console=tty1 root=PARTUUID=1a2b3c4d-02 rootfstype=ext4 fsck.repair=yes rootwait quiet "
    "init=/usr/lib/raspberrypi-sys-mods/firstboot ds=nocloud;i=rpi-imager-1\n"
)
STATUS = "Package: {}\nStatus: install ok installed\nPriority: optional\n\n"


def missing_tools() -> str:
    """Which of the programs this machine lacks."""
    path = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))
    return ", ".join(name for name in TOOLS if shutil.which(name, path=path) is None)


@dataclass(frozen=True)
class Stock:
    """How an image differs from a stock Trixie one."""

    release: str = "trixie"
    python: str = "python3.13"
    packages: tuple[str, ...] = ("cloud-init", "network-manager", "dnsmasq-base")
    lib: str = "aarch64-linux-gnu"
    machine_id: str = "uninitialized\n"
    imager: bool = False


TRIXIE = Stock()
PRESEED = Stock(packages=("rpi-preseed", "network-manager", "dnsmasq-base"))
BOOKWORM = Stock("bookworm", "python3.11", ("network-manager", "dnsmasq-base"), imager=True)


def make_image(out: Path, stock: Stock = TRIXIE) -> Path:
    """A raw image at `out`."""
    work = out.with_suffix(".work")
    work.mkdir()
    with out.open("wb") as file:
        file.truncate(ROOT_AT + ROOT_SIZE + (1 << 20))
    table = (
        "label: dos\nlabel-id: 0x1a2b3c4d\n"
        f"start={BOOT_AT // SECTOR}, size={BOOT_SIZE // SECTOR}, type=c\n"
        f"start={ROOT_AT // SECTOR}, size={ROOT_SIZE // SECTOR}, type=83\n"
    )
    _run("sfdisk", "--quiet", str(out), told=table)
    boot = _boot(work / "boot", stock)
    fat = work / "fat"
    with fat.open("wb") as file:
        file.truncate(BOOT_SIZE)
    _run("mkfs.vfat", "-F32", "-s", "1", "-n", "BOOTFS", str(fat))
    _run("mcopy", "-i", str(fat), "-s", "-Q", *(str(each) for each in sorted(boot.iterdir())), "::/")
    ext4 = work / "ext4"
    with ext4.open("wb") as file:
        file.truncate(ROOT_SIZE)
    root = _root(work / "root", stock)
    _run("mke2fs", "-q", "-t", "ext4", "-L", "rootfs", "-E", "root_owner=0:0", "-d", str(root), str(ext4))
    with out.open("r+b") as file:
        for source, at in ((fat, BOOT_AT), (ext4, ROOT_AT)):
            data = source.read_bytes()
            for start in range(0, len(data), 1 << 16):
                part = data[start : start + (1 << 16)]
                if part.count(0) != len(part):
                    file.seek(at + start)
                    file.write(part)
    shutil.rmtree(work)
    return out


def _boot(folder: Path, stock: Stock) -> Path:
    (folder / "overlays").mkdir(parents=True)
    (folder / "cmdline.txt").write_text(CMDLINE)
    (folder / "config.txt").write_text("arm_64bit=1\n")
    (folder / "kernel8.img").write_bytes(b"kernel" * 1000)
    (folder / "overlays" / "README").write_text("overlays\n")
    if "cloud-init" in stock.packages:
        (folder / "user-data").write_text("#cloud-config\n")
        (folder / "meta-data").write_text("dsmode: local\ninstance_id: rpios-image\n")
        (folder / "network-config").write_text("network:\n  version: 2\n")
    return folder


def _root(folder: Path, stock: Stock) -> Path:
    files = {
        "usr/lib/os-release": f'PRETTY_NAME="Debian GNU/Linux ({stock.release})"\nVERSION_CODENAME={stock.release}\n',
        "var/lib/dpkg/status": "".join(STATUS.format(name) for name in ("base-files", *stock.packages)),
        "etc/machine-id": stock.machine_id,
        f"usr/lib/{stock.lib}/libc.so.6": "",
    }
    if stock.imager:
        files["usr/lib/raspberrypi-sys-mods/imager_custom"] = "#!/bin/sh\n"
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    (folder / "etc/os-release").symlink_to("../usr/lib/os-release")
    (folder / "usr/bin").mkdir(parents=True)
    (folder / "usr/bin/python3").symlink_to(stock.python)
    return folder


def make_bundle(
    folder: Path, python: str = "3.13", arch: Literal["aarch64", "x86_64"] = "aarch64", size: int = 300_000
) -> Path:
    """A bundle of one wheel that holds noise, and an install.sh that does nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    sources = []
    for name, data in (
        ("wheels/camera_agent-0.1.0-py3-none-any.whl", os.urandom(size)),
        ("first-boot/install.sh", b"exit 0\n"),
    ):
        path = folder / Path(name).name
        path.write_bytes(data)
        sources.append((BundleFile(path=name, size=len(data), sha256=hashlib.sha256(data).hexdigest()), path))
    manifest = Manifest(
        version="0.1.0",
        arch=arch,
        python=python,
        created="2026-11-22T00:00:00.000Z",
        installed_bytes=size,
        files=tuple(each for each, _ in sources),
    )
    out = folder / f"camera-agent-0.1.0-{arch}-cp{python.replace('.', '')}.bundle"
    pack(manifest.data(), None, sources, out)
    for _, path in sources:
        path.unlink()
    return out


def _run(*command: str, told: str = "") -> None:
    environment = {**os.environ, "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin", "MTOOLS_SKIP_CHECK": "1"}
    subprocess.run(command, input=told.encode(), check=True, capture_output=True, env=environment, timeout=60)
