"""Roots of Debian 13, made once by mmdebstrap, kept in the cache; needs root, and qemu-user for another processor."""

import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from deploy.fetch import cache_dir, workspace

MAKE_S = 1800.0
SUITE = "trixie"
BARE = ("python3", "ca-certificates")
# What a stock Raspberry Pi OS Lite has, too, as far as a first boot touches it.
BOOTING = (
    *("systemd", "systemd-sysv", "systemd-resolved", "systemd-timesyncd", "dbus", "udev", "libpam-systemd"),
    *("cloud-init", "netplan.io", "network-manager", "openssh-server", "sudo", "iproute2", "procps", "rfkill", "iw"),
    *BARE,
)


@dataclass(frozen=True, slots=True)
class Root:
    """What is in it."""

    arch: str  # as Debian names it
    packages: tuple[str, ...]

    @property
    def tar(self) -> Path:
        """Where it is kept."""
        key = hashlib.sha256(repr((SUITE, self.arch, self.packages)).encode()).hexdigest()[:10]
        return cache_dir() / "roots" / f"debian-{SUITE}-{self.arch}-{key}.tar"


def missing_tools(*more: str) -> list[str]:
    """What has to be installed first."""
    return [tool for tool in ("mmdebstrap", *more) if shutil.which(tool) is None]


def root_tar(root: Root) -> Path:
    """Its tar. Raises CalledProcessError with mmdebstrap's words on the terminal."""
    if not root.tar.exists():
        with workspace(f"root-{root.arch}") as work:
            made = work / "root.tar"
            command = ("mmdebstrap", "--variant=minbase", f"--architectures={root.arch}")
            names = f"--include={','.join(root.packages)}"
            subprocess.run((*command, names, SUITE, str(made)), check=True, timeout=MAKE_S, stdin=subprocess.DEVNULL)
            root.tar.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(made, root.tar)
    return root.tar


def unpack(root: Root, folder: Path) -> None:
    """The root's files, owners and modes below `folder`."""
    folder.mkdir(parents=True)
    subprocess.run(("tar", "-xf", str(root_tar(root)), "-C", str(folder), "--numeric-owner"), check=True)


def within(folder: Path, *command: str, limit_s: float = 1800.0) -> "subprocess.CompletedProcess[str]":
    """Runs in a root, without any network, and shows nothing. `folder`: made by `unpack`."""
    plain = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": "/root", "ORT_DISABLE_TELEMETRY": "1"}
    return subprocess.run(
        ("unshare", "--net", "--mount", "chroot", str(folder), *command),
        env=plain,
        capture_output=True,
        text=True,
        check=False,
        timeout=limit_s,
        stdin=subprocess.DEVNULL,
    )


def is_root() -> bool:
    """Only root may make roots."""
    return os.geteuid() == 0
