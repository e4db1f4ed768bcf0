"""What the gate answers a media server, in the forms of nginx-rtmp and MediaMTX; the media server is a bare socket."""

import json
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest

from agent.i18n import Text
from deploy.ward import free_port
from deploy.ward.certificates import Certificates
from deploy.ward.line import context
from deploy.ward.uploads import install_server, start_script
from deploy.ward.ward import default_cache
from tests.ward.conftest import Whole

Enter = Callable[[Certificates], "Guest"]


class Guest:
    """One connection through the gate, and its address inside."""

    def __init__(self, outer: ssl.SSLSocket, inner: socket.socket, ask: int) -> None:
        self.outer = outer
        self.inner = inner
        self.address = str(inner.getpeername()[0])
        self.url = f"http://127.0.0.1:{ask}/ask"

    def again(self, certificates: Certificates) -> ssl.SSLSocket:
        """One more connection, from outside only."""
        plain = socket.create_connection(self.outer.getpeername(), 20)
        return context(certificates).wrap_socket(plain, server_hostname="127.0.0.1")

    def may(self, act: str, name: str, address: str | None = None) -> bool:
        """The same answer in both forms."""
        at = address or self.address
        form = {"call": act, "addr": at, "app": "live", "name": name}
        action = "read" if act == "play" else act
        asked = {"ip": at, "action": action, "path": f"live/{name}", "protocol": "rtmp", "user": "", "password": ""}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        nginx = httpx.post(self.url, content=urlencode(form), headers=headers).status_code
        mediamtx = httpx.post(self.url, content=json.dumps(asked)).status_code
        assert nginx == mediamtx
        assert nginx in {204, 403}
        return nginx == 204


@pytest.fixture
def enter(whole: Whole, tmp_path: Path) -> Iterator[Enter]:
    ask = free_port()
    settings = json.loads((whole.ward.site.etc / "gate.json").read_text())
    with socket.create_server(("127.0.0.1", 0)) as media:
        media.settimeout(20)
        settings |= {"port": 0, "ask": ask, "media": media.getsockname()[1]}
        script = install_server(default_cache()) / "gate.mjs"
        child, port = start_script(script, Text(en="gate", vi="cổng"), json.dumps(settings), tmp_path / "gate.log")
        guests: list[Guest] = []

        def make(certificates: Certificates) -> Guest:
            plain = socket.create_connection(("127.0.0.1", port), 20)
            outer = context(certificates).wrap_socket(plain, server_hostname="127.0.0.1")
            inner, _ = media.accept()
            guests.append(Guest(outer, inner, ask))
            return guests[-1]

        yield make
        for guest in guests:
            guest.outer.close()
            guest.inner.close()
        child.stop()


def test_each_connection_has_an_address_and_its_rights(whole: Whole, enter: Enter) -> None:
    node, other, desk = enter(whole.node("gate-1")), enter(whole.node("gate-2")), enter(whole.role("desk"))
    assert len({node.address, other.address, desk.address, "127.0.0.1"}) == 4
    for name in ("gate-1", "gate-1.cong", "gate-1/cong"):
        assert node.may("publish", name)
        assert not other.may("publish", name)
        assert not node.may("play", name)
        assert desk.may("play", name)
        assert not desk.may("publish", name)
    for name in ("gate-1x", "gate-1.", "gate-1.a.b", "gate-1/../gate-2", "xgate-1", "", "gate-1.%2e", "gate-1\n"):
        assert not node.may("publish", name), name
    assert not node.may("publish", "gate-1", address="127.0.0.1")
    assert not node.may("api", "gate-1")
    assert not desk.may("metrics", "gate-1")


def test_what_is_sent_arrives_and_the_end_is_the_end(whole: Whole, enter: Enter) -> None:
    node = enter(whole.node("gate-1"))
    node.outer.sendall(b"C0")
    assert node.inner.recv(10) == b"C0"
    node.inner.sendall(b"S0")
    assert node.outer.recv(10) == b"S0"
    node.outer.close()
    assert node.inner.recv(10) == b""
    node.inner.close()
    assert not node.may("publish", "gate-1")


def test_one_node_has_a_few_connections_only(whole: Whole, enter: Enter) -> None:
    guests = [enter(whole.node("gate-3")) for _ in range(4)]
    refused = guests[0].again(whole.node("gate-3"))
    refused.settimeout(20)
    assert refused.recv(10) == b""
    refused.close()
    assert enter(whole.node("gate-1")).may("publish", "gate-1")


def test_nonsense_is_no(whole: Whole, enter: Enter) -> None:
    guest = enter(whole.node("gate-1"))
    for body in (b"", b"{", b"[]", b"{}", b"x" * 100_000, b"addr=&call=publish&name=", b'{"ip":null,"path":1}'):
        try:
            assert httpx.post(guest.url, content=body).status_code == 403
        except httpx.TransportError:
            assert len(body) > 8192
    assert guest.may("publish", "gate-1")
