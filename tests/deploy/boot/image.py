"""A stock image of the kind that make-card takes: a FAT boot partition and Debian 13's root on ext4, made once."""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

from deploy.fetch import cache_dir, workspace
from tests.deploy.boot.machine import Card
from tests.deploy.boot.roots import BOOTING, Root, unpack

TOOLS = ("sfdisk", "mkfs.vfat", "mke2fs", "mcopy", "systemd-nspawn", "ip")
ROOT = Root("amd64", BOOTING)
MIB = 1 << 20
BOOT_AT, BOOT_SIZE = 4 * MIB, 384 * MIB
ROOT_AT, ROOT_SIZE = BOOT_AT + BOOT_SIZE, 1792 * MIB
CMDLINE = "console=tty1 root=PARTUUID=5e3da3da-02 rootfstype=ext4 fsck.repair=yes rootwait\n"
# As Raspberry Pi OS has it (pi-gen, stage2/04-cloud-init).
CLOUD = "datasource_list: [ NoCloud, None ]\ndatasource:\n  NoCloud:\n    seedfrom: file:///boot/firmware\n"
STOCK = {
    "cmdline.txt": CMDLINE,
    "config.txt": "arm_64bit=1\n",
    "user-data": "#cloud-config\n",
    "meta-data": "dsmode: local\ninstance_id: rpios-image\n",
    "network-config": "network:\n  version: 2\n",
}
# The machine has a cable and no wifi: systemd's own DHCP. NetworkManager, which has a board's wifi, leaves it.
LAB = {
    "etc/cloud/cloud.cfg.d/99_raspberry-pi.cfg": CLOUD,
    "etc/NetworkManager/conf.d/cable.conf": "[keyfile]\nunmanaged-devices=interface-name:host0\n",
}
WANTS = "etc/systemd/system/multi-user.target.wants/systemd-networkd.service"


def stock_image(video: Path) -> Path:
    """The image, from the cache when it is there. `video`: what its camera will see, at /srv/street.mp4."""
    told = repr((ROOT.tar.name, STOCK, LAB, BOOT_SIZE, ROOT_SIZE, video.stat().st_size, 1))
    kept = cache_dir() / "roots" / f"card-{hashlib.sha256(told.encode()).hexdigest()[:10]}.img"
    if not kept.exists():
        with workspace("boot-image") as work:
            root = work / "root"
            unpack(ROOT, root)
            _prepare(root, video)
            fat = work / "boot.fat"
            _empty(fat, BOOT_SIZE)
            _run("mkfs.vfat", "-F", "32", "-n", "bootfs", str(fat))
            for name, text in STOCK.items():
                (work / name).write_text(text)
                _run("mcopy", "-i", str(fat), str(work / name), f"::{name}")
            ext4 = work / "root.ext4"
            _empty(ext4, ROOT_SIZE)
            _run("mke2fs", "-q", "-F", "-t", "ext4", "-L", "rootfs", "-d", str(root), str(ext4))
            image = work / "card.img"
            _empty(image, ROOT_AT + ROOT_SIZE)
            table = f"label: dos\nlabel-id: 0x5e3da3da\nstart={BOOT_AT // 512}, size={BOOT_SIZE // 512}, type=c\n"
            table += f"start={ROOT_AT // 512}, size={ROOT_SIZE // 512}, type=83\n"
            _run("sfdisk", "--quiet", str(image), told=table)
            for part, at in ((fat, BOOT_AT), (ext4, ROOT_AT)):
                _run("dd", f"if={part}", f"of={image}", "bs=1M", f"seek={at // MIB}", "conv=notrunc,sparse")
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(image, kept)
    return kept


def card_of(image: Path) -> Card:
    """Where the partitions of an image begin."""
    done = subprocess.run(("sfdisk", "--json", str(image)), check=True, capture_output=True, text=True)
    boot, root, *_ = json.loads(done.stdout)["partitiontable"]["partitions"]
    return Card(image, boot["start"] * 512, root["start"] * 512, root["size"] * 512)


def _prepare(root: Path, video: Path) -> None:
    for name, text in LAB.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    wants = root / WANTS
    wants.parent.mkdir(parents=True, exist_ok=True)
    wants.symlink_to("/usr/lib/systemd/system/systemd-networkd.service")
    (root / "boot/firmware").mkdir(parents=True, exist_ok=True)
    for name in ("etc/machine-id", "etc/hostname", "etc/resolv.conf"):
        (root / name).unlink(missing_ok=True)
    (root / "etc/machine-id").write_text("uninitialized\n")
    for key in (root / "etc/ssh").glob("ssh_host_*"):  # a stock image has none
        key.unlink()
    shutil.copy(video, root / "srv/street.mp4")
    (root / "srv/street.mp4").chmod(0o644)


def _empty(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.truncate(size)


def _run(*command: str, told: str = "") -> None:
    environ = {**os.environ, "MTOOLS_SKIP_CHECK": "1"}
    subprocess.run(command, input=told.encode(), check=True, capture_output=True, env=environ)
