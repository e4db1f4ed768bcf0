"""Who drips, hangs or comes in numbers is cut off, and leaves room for one who comes."""

import contextlib
import socket
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from agent.installer.web import connections, desk
from agent.installer.web.connections import MOST, MOST_EACH
from tests.installer.people import browser, trusting
from tests.installer.people import wait_for as until
from tests.installer.setup.node import Node, Person, code_in, opened
from tests.installer.setup.raw import answer, port_of, raw


def test_headers_that_drip_are_cut_off(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "IDLE_S", 0.5)
    monkeypatch.setattr(connections, "LOOK_S", 0.1)
    with opened(node) as address:
        with raw(node, address, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ") as wrapped:
            assert answer(wrapped) == b""
        with raw(node, address, b"") as silent:
            assert answer(silent) == b""


def test_a_body_that_hangs_is_cut_off(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "BODY_S", 0.3)
    head = "POST /api/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 99\r\n"
    with opened(node) as address, raw(node, address, f"{head}Connection: close\r\n\r\n{{".encode()) as wrapped:
        assert answer(wrapped).startswith(b"HTTP/1.1 408")


def test_many_who_wait_leave_room_for_one_who_comes(node: Node) -> None:
    with opened(node) as address:
        person = Person(node, address)
        held = []
        for number in range(MOST + 12):  # from as many addresses as it takes
            held.append(raw(node, address, b"GET / HTT", source=f"127.0.1.{number // 4 + 1}"))
        assert person.get("node").status_code == 200
        with browser(node, address) as fresh:
            assert fresh.get("/api/session").status_code == 200
        for one in held:
            one.close()


def test_many_whose_bodies_drip_leave_room_too(node: Node) -> None:
    head = b"POST /api/login HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: __Host-setup=made-up\r\n"
    head += b"Content-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
    with opened(node) as address:
        person = Person(node, address)
        assert person.get("node").status_code == 200
        held = [raw(node, address, head, source=f"127.0.3.{number // 4 + 1}") for number in range(MOST + 12)]
        assert person.get("node").status_code == 200, "who is in was not the one to give way"
        with browser(node, address) as fresh:
            assert fresh.get("/api/session").status_code == 200
        for one in held:
            one.close()


def test_one_address_has_only_its_share(node: Node) -> None:
    with opened(node) as address:
        held = [raw(node, address, b"GET / HTT", source="127.0.2.1") for _ in range(MOST_EACH + 8)]
        cut = 0
        for one in held[:8]:  # the oldest gave way
            one.settimeout(60)
            cut += answer(one) == b""
        assert cut == 8
        for one in held:
            one.close()


def test_who_never_shakes_hands_is_cut_off(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HANDSHAKE_S", 0.3)
    with opened(node) as address, socket.create_connection(("127.0.0.1", port_of(address)), 60) as plain:
        got = b"nothing came"
        with contextlib.suppress(ConnectionError):
            got = plain.recv(10)
        assert got in (b"", b"nothing came")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # that is the point
def test_no_plain_text_and_no_old_tls(node: Node, address: str) -> None:
    with pytest.raises(httpx.HTTPError):
        httpx.get(f"http://127.0.0.1:{port_of(address)}/api/session", timeout=60)
    old = trusting(node)
    old.minimum_version = ssl.TLSVersion.TLSv1
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    with socket.create_connection(("127.0.0.1", port_of(address)), 60) as plain, pytest.raises((ssl.SSLError, OSError)):
        old.wrap_socket(plain, server_hostname="127.0.0.1")


def test_more_viewers_than_there_is_room_for_are_refused(person: Person, node: Node) -> None:
    stop = threading.Event()
    seen: list[int] = []

    def watch() -> None:
        with person.browser.stream("GET", "/api/cameras/gate/live.mjpeg") as stream:
            seen.append(stream.status_code)
            stop.wait(60)

    with ThreadPoolExecutor(4) as pool:
        for _ in range(4):
            pool.submit(watch)
        until(lambda: len(seen) == 4)
        assert code_in(person.get("cameras/gate/live.mjpeg")) == "busy_page"
        stop.set()
    assert seen == [200] * 4
