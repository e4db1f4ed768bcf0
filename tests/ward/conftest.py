"""A whole ward as it is installed: both doors of the broker, uploads, media, authority."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from deploy.ward.broker import find_mosquitto
from deploy.ward.certificates import Certificates
from deploy.ward.child import WardError
from deploy.ward.line import Door, Heard, Line, Will
from deploy.ward.nginx import find_nginx
from deploy.ward.people import node_certificate, role_files
from deploy.ward.running import RunningWard, free_ports
from deploy.ward.site import WardSettings
from deploy.ward.uploads import install_server
from deploy.ward.ward import default_cache

WARD = "phuong-thu"
TREE = f"camera/v1/{WARD}"


@dataclass
class Whole:
    """The running ward, and certificates of nodes by name."""

    ward: RunningWard
    folder: Path
    known: dict[str, Certificates] = field(default_factory=dict)

    def node(self, name: str) -> Certificates:
        """Made once."""
        if name not in self.known:
            self.known[name] = node_certificate(self.ward.site, name, self.folder / name)
        return self.known[name]

    def role(self, name: str) -> Certificates:
        return role_files(self.ward.site, f"ward.{name}")

    def as_node(self, name: str, old: bool = False, will: Will | None = None, client_id: str | None = None) -> Line:
        """A node's connection."""
        port = self.ward.ports.nodes
        return Line(Door("127.0.0.1", port, self.node(name), client_id or name, old=old, will=will))

    def as_staff(self, role: str) -> Line:
        """The consumer's or the desk's connection."""
        return Line(Door("127.0.0.1", self.ward.ports.staff, self.role(role)))

    def on_nodes_door(self, certificates: Certificates) -> Line:
        return Line(Door("127.0.0.1", self.ward.ports.nodes, certificates, "x"))


def until(line: Line, topic: str) -> list[Heard]:
    """What came before the message of `topic`, which has to come."""
    found: list[Heard] = []
    while (heard := line.hear(15)) is not None:
        if heard.topic == topic:
            return found
        found.append(heard)
    raise AssertionError(f"{topic} was not heard, only {[one.topic for one in found]}")


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    """Skips where mosquitto, node or nginx cannot be had."""
    folder = tmp_path_factory.mktemp("whole")
    try:
        for had in (find_mosquitto, install_server, find_nginx):
            had(default_cache())
    except WardError as error:
        pytest.skip(str(error))
    with RunningWard.start(folder / "site", WardSettings(WARD, ports=free_ports())) as running:
        yield Whole(running, folder)
