"""A machine that boots from a card's image: systemd-nspawn on its root partition, its boot partition beside it.

This kernel need not know FAT: mtools copies the boot partition into a folder, which the machine sees as /boot/firmware.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.deploy.boot.ethernet import Cable

LOOK_S = 0.5
PLUG_S, STOP_S = 20.0, 20.0


@dataclass(frozen=True, slots=True)
class Card:
    """A card in its reader: where its partitions begin, in bytes."""

    image: Path
    boot_at: int
    root_at: int
    root_bytes: int


@contextlib.contextmanager
def mounted(card: Card, folder: Path) -> Iterator[Path]:
    """The card's root partition at `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    options = f"loop,offset={card.root_at},sizelimit={card.root_bytes}"
    subprocess.run(("mount", "-t", "ext4", "-o", options, str(card.image), str(folder)), check=True)
    try:
        yield folder
    finally:
        subprocess.run(("umount", "--lazy", str(folder)), check=True)


def copy_boot(card: Card, folder: Path) -> Path:
    """What the boot partition holds."""
    folder.mkdir(parents=True)
    environ = {**os.environ, "MTOOLS_SKIP_CHECK": "1"}
    source = ("-i", f"{card.image}@@{card.boot_at}", "::*")
    subprocess.run(("mcopy", "-s", "-Q", "-n", *source, str(folder)), check=True, env=environ, capture_output=True)
    return folder


@dataclass
class Machine:
    """One that runs. `began`: monotonic seconds of its power button."""

    root: Path
    boot: Path
    process: "subprocess.Popen[bytes]"
    began: float
    console: Path
    _init: int = field(default=0)

    @property
    def init(self) -> int:
        """The process id of its systemd, as this machine sees it; 0 until there is one."""
        if not self._init:
            with contextlib.suppress(psutil.Error, IndexError):
                first = psutil.Process(self.process.pid).children()[0]
                if Path(f"/proc/{first.pid}/comm").read_text().strip() == "systemd":
                    self._init = first.pid
        return self._init

    @property
    def age_s(self) -> float:
        """Since its power button."""
        return time.monotonic() - self.began

    def ask(self, *command: str) -> str:
        """What a command in it prints; empty when it cannot be run yet."""
        if not self.init:
            return ""
        inside = ("nsenter", "--target", str(self.init), "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup")
        done = subprocess.run((*inside, *command), capture_output=True, text=True, check=False, timeout=60)
        return done.stdout.strip()

    def wait(self, what: str, seen: Callable[[], bool], limit_s: float) -> float:
        """Until `seen`; gives the machine's age. Raises AssertionError with its last words."""
        end = time.monotonic() + limit_s
        while not seen():
            assert self.process.poll() is None, f"the machine ended before: {what}\n{self.last_words()}"
            assert time.monotonic() < end, f"not within {limit_s:.0f} s: {what}\n{self.last_words()}"
            self.nap()
        return self.age_s

    def nap(self) -> None:
        """A short while, unless the machine ends."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(LOOK_S)

    def last_words(self) -> str:
        """For the person who reads why it failed."""
        journal = self.ask("journalctl", "--no-pager", "-n", "60", "-o", "short-monotonic")
        return f"{journal}\n--- console\n{self.console.read_text(errors='replace')[-1500:]}"

    def cut(self) -> None:
        """Pull the plug: every process in it ends at once (what was written and not synced is not lost, though)."""
        if self.init:
            os.kill(self.init, signal.SIGKILL)
        try:
            self.process.wait(STOP_S)  # systemd-nspawn takes its cable away
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextlib.contextmanager
def switched_on(root: Path, boot: Path, wire: Cable, extra: tuple[str, ...] = ()) -> Iterator[Machine]:
    """The machine runs while in use; its plug is pulled at the end. `extra`: more of nspawn's options."""
    console = boot.with_name(f"{boot.name}.console")
    command = (
        *("systemd-nspawn", "--quiet", "--boot", "--register=no", "--keep-unit", f"--machine={wire.machine}"),
        *("--directory", str(root), f"--bind={boot}:/boot/firmware", "--network-veth"),
        *("--resolv-conf=off", "--timezone=off", "--link-journal=no", "--console=read-only", *extra),
    )
    with console.open("ab") as said:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True)
    machine = Machine(root, boot, process, time.monotonic(), console)
    try:
        machine.wait("its cable", wire.plug, PLUG_S)
        yield machine
    finally:
        if process.poll() is None:
            machine.cut()
