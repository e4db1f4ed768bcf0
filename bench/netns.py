"""A house, its narrow line and the world outside as network namespaces of this machine. Needs root; leaves nothing.

    house 10.0.1.1 ─┐
                    ├─ air (a bridge) ─ router 10.0.1.254, 10.0.2.254
    ward  10.0.2.1 ─┘

The router has one leg: what goes up and what comes down leaves through the same queue, as on a radio that all in the
house share (Wi-Fi, LTE), so that a download really competes with an upload. Each namespace is held by a sleeping child
that dies with us.
"""

import contextlib
import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.truth import Absent
from deploy.ward.child import Child

CLONE_NEWNET = 0x40000000
HOUSE, WARD = "10.0.1.1", "10.0.2.1"
SMALL = ("gso_max_size", "1500", "gso_max_segs", "1")  # a bucket of 4 kB lets no packet of 64 kB pass


@dataclass(frozen=True, slots=True)
class Line:
    """The narrow place: its rate, and how long a packet may wait in its queue. Words of tc(8)."""

    rate: str = "2mbit"
    latency: str = "300ms"
    burst: str = "4k"


class Space:
    """One network namespace."""

    def __init__(self) -> None:
        self._holder = Child(("unshare", "--net", "sleep", "infinity"), None, talks=True)
        self.pid = self._holder.process.pid
        own = Path("/proc/self/ns/net").readlink()
        if not self._holder.wait_until(lambda: Path(f"/proc/{self.pid}/ns/net").readlink() != own, 10.0):
            self._holder.stop()
            raise Absent("no network namespaces can be made here")
        self.run("ip", "link", "set", "lo", "up")

    def run(self, *command: str) -> None:
        """A program inside."""
        subprocess.run(("nsenter", "-t", str(self.pid), "-n", *command), check=True, capture_output=True)

    @contextlib.contextmanager
    def inside(self) -> Iterator[None]:
        """This thread, and what it starts, is inside."""
        before = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            with Path(f"/proc/{self.pid}/ns/net").open("rb") as there:
                _enter(there.fileno())
            yield
        finally:
            _enter(before)
            os.close(before)

    def close(self) -> None:
        """The namespace ends with its last process and socket."""
        self._holder.stop()


@dataclass(frozen=True, slots=True)
class World:
    """The namespaces that programs run in."""

    house: Space
    ward: Space
    router: Space

    def becomes(self, line: Line) -> None:
        """The line is another from now on."""
        _narrow(self.router, "leg", line, "replace")


@contextlib.contextmanager
def world(line: Line) -> Iterator[World]:
    """House and ward behind one queue. Raises Absent without root or its tools."""
    _check()
    with contextlib.ExitStack() as stack:
        house, ward, router, air = (stack.enter_context(contextlib.closing(Space())) for _ in range(4))
        air.run("ip", "link", "add", "air", "type", "bridge")
        air.run("ip", "link", "set", "air", "up")
        for name, space in (("house", house), ("ward", ward), ("leg", router)):
            _plug(air, space, name)
        house.run("ip", "address", "add", f"{HOUSE}/24", "dev", "house")
        ward.run("ip", "address", "add", f"{WARD}/24", "dev", "ward")
        for subnet in (1, 2):
            router.run("ip", "address", "add", f"10.0.{subnet}.254/24", "dev", "leg")
        house.run("ip", "route", "add", "default", "via", "10.0.1.254")
        ward.run("ip", "route", "add", "default", "via", "10.0.2.254")
        # Out by the leg it came in by is the point of this router; it must not tell the others of a shorter way.
        settings = ("net.ipv4.ip_forward=1", "net.ipv4.conf.all.send_redirects=0", "net.ipv4.conf.leg.send_redirects=0")
        router.run("sysctl", "-qw", *settings)
        _narrow(router, "leg", line, "add")
        yield World(house, ward, router)


def _plug(air: Space, space: Space, name: str) -> None:
    other = f"to-{name}"
    air.run("ip", "link", "add", other, "type", "veth", "peer", "name", name)
    air.run("ip", "link", "set", name, "netns", str(space.pid))
    air.run("ip", "link", "set", other, "master", "air", "up", *SMALL)
    space.run("ip", "link", "set", name, "up", *SMALL)


def _narrow(space: Space, name: str, line: Line, verb: str) -> None:
    words = ("tbf", "rate", line.rate, "burst", line.burst, "latency", line.latency)
    space.run("tc", "qdisc", verb, "dev", name, "root", *words)


def _check() -> None:
    if os.geteuid() != 0:
        raise Absent("a narrow line needs root (network namespaces)")
    missing = [name for name in ("ip", "tc", "unshare", "nsenter", "sysctl") if shutil.which(name) is None]
    if missing:
        raise Absent(f"a narrow line needs {', '.join(missing)} (apt install iproute2 util-linux procps)")


def _enter(descriptor: int) -> None:
    # os.setns came with Python 3.12.
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(descriptor, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")
