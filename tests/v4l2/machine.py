"""A whole emulated PC with Debian 13's kernel, for what only a real /dev/videoN shows: `make test-v4l2`, by hand.

The kernel here need not have video drivers: QEMU emulates every instruction, so no virtualisation is wanted either.
Needs root, and from Debian: qemu-system-x86 mmdebstrap e2fsprogs. The image is kept in the user's cache; each run
starts from it anew and gets this tree on a second disk.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from deploy.ward.ward import default_cache

TREE = Path(__file__).parents[2]
TOOLS = ("qemu-system-x86_64", "mmdebstrap", "mke2fs")
PACKAGES = ("linux-image-amd64", "initramfs-tools", "udev", "kmod", "procps", "python3", "ca-certificates")
WHEELS = (
    "av>=19,<20",
    "numpy>=2.2,<3",
    "opencv-python-headless>=5,<6",
    "psutil>=7,<8",
    "pydantic>=2.11,<3",
    "pytest",
    "pytest-timeout",
    "pyyaml>=6,<7",
)
PLATFORMS = ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64")
SIZE = "2500M"
GOOD = "EXIT 0"
BOOT_S = 1500.0


def main(arguments: list[str]) -> int:
    """Build the image if need be, boot, show what the tests inside say; 0 when all passed."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing or os.geteuid() != 0:
        sys.stderr.write(f"needs root and: {' '.join(missing) or '-'} (apt install qemu-system-x86 mmdebstrap)\n")
        return 2
    image = prepared(default_cache() / "v4l2-machine")
    with tempfile.TemporaryDirectory() as scratch:
        tree = Path(scratch) / "tree.tar"
        with tarfile.open(tree, "w") as tar:
            for name in ("agent", "tests", "deploy"):
                tar.add(TREE / name, name, filter=_wanted)
        with tree.open("ab") as padded:  # a disk ends at a whole sector
            padded.truncate(-(-tree.stat().st_size // 512) * 512)
        return boot(image, tree, " ".join(arguments))


def prepared(cache: Path) -> Path:
    """The directory with root.ext4, vmlinuz and initrd.img, made once per set of packages (some minutes)."""
    key = hashlib.sha256(repr((PACKAGES, WHEELS, SIZE)).encode()).hexdigest()[:12]
    done = cache / key
    if done.exists():
        return done
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        made = Path(scratch) / key
        root = made / "root"
        made.mkdir()
        run("mmdebstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}", "trixie", str(root))
        platforms = [part for platform in PLATFORMS for part in ("--platform", platform)]
        pip = (sys.executable, "-m", "pip", "install", "-q", "--target", str(root / "opt/site"), "--no-warn-conflicts")
        run(*pip, "--python-version", "3.13", "--only-binary=:all:", *platforms, *WHEELS)
        shutil.copyfile(root / "vmlinuz", made / "vmlinuz")
        shutil.copyfile(root / "initrd.img", made / "initrd.img")
        run("truncate", "-s", SIZE, str(made / "root.ext4"))
        run("mke2fs", "-q", "-F", "-t", "ext4", "-d", str(root), str(made / "root.ext4"))
        shutil.rmtree(root)
        made.rename(done)
    return done


def boot(image: Path, tree: Path, arguments: str) -> int:
    """Run `inside.sh` as the machine's first process. What it prints goes to stdout."""
    start = "mount -t tmpfs none /mnt && tar xf /dev/vdb -C /mnt && exec sh /mnt/tests/v4l2/inside.sh"
    command = (
        *("qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", "1536", "-nographic"),
        *("-no-reboot", "-nic", "none", "-snapshot", "-kernel", str(image / "vmlinuz")),
        *("-initrd", str(image / "initrd.img")),
        *("-drive", f"file={image / 'root.ext4'},format=raw,if=virtio"),
        *("-drive", f"file={tree},format=raw,if=virtio"),
        *(
            "-append",
            f'root=/dev/vda rw console=ttyS0 quiet panic=-1 ARGUMENTS="{arguments}" init=/bin/sh -- -c "{start}"',
        ),
    )
    good = False
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, errors="replace"
    ) as qemu:
        assert qemu.stdout is not None
        for line in qemu.stdout:
            sys.stdout.write(line)
            sys.stdout.flush()
            good = good or line.strip() == GOOD
    return 0 if good else 1


def run(*command: str) -> None:
    """Raises subprocess.CalledProcessError."""
    subprocess.run(command, check=True)


def _wanted(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if "__pycache__" in member.name else member


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
