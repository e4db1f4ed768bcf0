"""A cable from this machine to the one that boots, with a router at this end that gives out an address (dnsmasq)."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from deploy.debian import unpack_debian
from deploy.fetch import Progress, cache_dir

HERE, THERE, MASK = "10.213.77.1", "10.213.77.2", 24


@dataclass(frozen=True, slots=True)
class Cable:
    """`machine`: what is plugged in; `interface`: this end; `host`: this machine's address as the other one sees it."""

    machine: str
    interface: str
    host: str

    def plug(self) -> bool:
        """Once the machine has its end. False: not yet."""
        if not Path(f"/sys/class/net/{self.interface}").exists():
            return False
        _ip("addr", "replace", f"{HERE}/{MASK}", "dev", self.interface)
        _ip("link", "set", self.interface, "up")
        return True


def find_dnsmasq() -> tuple[Path, dict[str, str]]:
    """The program and the environment it needs; unpacked from Debian when it is not installed. Raises AssetError."""
    if there := shutil.which("dnsmasq", path="/usr/sbin:/usr/bin:/sbin"):
        return Path(there), dict(os.environ)
    kept = cache_dir() / "dnsmasq"
    program = kept / "usr/sbin/dnsmasq"
    if not program.exists():
        unpack_debian(("dnsmasq-base",), kept, Progress(quiet=True))
    libraries = ":".join(str(path) for path in (kept / "usr/lib").iterdir())
    return program, {**os.environ, "LD_LIBRARY_PATH": libraries}


@contextlib.contextmanager
def cable() -> Iterator[Cable]:
    """The router is there while in use. Root only. Raises AssetError."""
    wire = Cable(f"ca{os.getpid()}", f"ve-ca{os.getpid()}", HERE)  # as systemd-nspawn --network-veth names it
    program, environ = find_dnsmasq()
    with tempfile.TemporaryDirectory() as folder:
        options = ("--keep-in-foreground", "--conf-file=/dev/null", "--port=0", f"--interface={wire.interface}")
        lease = (f"--dhcp-range={THERE},{THERE},1h", f"--dhcp-leasefile={folder}/leases", "--bind-dynamic")
        command = (str(program), *options, *lease, "--pid-file=", "--user=root", "--log-facility=/dev/null")
        with subprocess.Popen(command, env=environ, stdin=subprocess.DEVNULL) as router:
            try:
                yield wire
            finally:
                router.terminate()


def _ip(*arguments: str) -> None:
    subprocess.run(("ip", *arguments), check=True, capture_output=True)
