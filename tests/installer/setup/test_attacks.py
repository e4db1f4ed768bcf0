"""What somebody else on the household's wifi may try on the setup page while it is open."""

import contextlib
import json
import socket
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from agent.installer.web import connections, desk
from agent.installer.web.connections import MOST, MOST_EACH
from agent.installer.web.guard import is_own
from tests.installer.people import browser, trusting
from tests.installer.people import wait_for as until
from tests.installer.setup.node import CODE, Node, Person, ask, code_in, open_now, opened


def port_of(address: str) -> int:
    return int(address.rpartition(":")[2])


def raw(node: Node, address: str, sent: bytes, source: str = "127.0.0.1") -> ssl.SSLSocket:
    """A connection over which `sent` has gone."""
    plain = socket.create_connection(("127.0.0.1", port_of(address)), 60, source_address=(source, 0))
    wrapped = trusting(node).wrap_socket(plain, server_hostname="127.0.0.1")
    wrapped.sendall(sent)
    return wrapped


def answer(wrapped: ssl.SSLSocket) -> bytes:
    """What comes until the other side closes; nothing when it cut us off."""
    got = b""
    try:
        while piece := wrapped.recv(65536):
            got += piece
    except (ConnectionError, ssl.SSLError):
        pass
    return got


# Other sites and other names


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8443",
        "127.0.0.1.evil.example",
        "192.168.1.1",
        "0x7f000001",
        "2130706433",
        "",
        "[::2]",
    ],
)
def test_a_name_that_is_not_this_device_s_is_refused(stranger: httpx.Client, host: str) -> None:
    assert code_in(stranger.get("/api/session", headers={"Host": host})) in ("host", "body")


def test_addresses_as_browsers_write_them() -> None:
    for host, came_in in (
        ("192.168.1.20", "192.168.1.20"),
        ("192.168.1.20:8443", "::ffff:192.168.1.20"),
        ("[fe80::1]:8443", "fe80::1%wlan0"),
        ("localhost:1", "127.0.0.1"),
        (f"{socket.gethostname()}.local:8443".upper(), "10.0.0.1"),
    ):
        assert is_own(host, came_in), host
    for host, came_in in (("192.168.1.21", "192.168.1.20"), ("local", "10.0.0.1"), ("a b", ""), ("[::1", "::1")):
        assert not is_own(host, came_in), host


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_site_cannot_use_the_browser_of_who_is_logged_in(person: Person, headers: dict[str, str]) -> None:
    assert code_in(person.post("finish", **headers)) == "origin"
    assert code_in(person.browser.get("/api/config", headers=headers)) == "origin"
    assert code_in(person.browser.get("/api/cameras/gate/picture.jpg", headers=headers)) == "origin"
    assert person.get("node").status_code == 200


def test_a_cookie_without_the_token_changes_nothing(person: Person, node: Node) -> None:
    for token in (None, b"", b"0" * 64, person.token[:-1].encode(), "ổ".encode()):
        sent = {} if token is None else {b"X-Setup-Token": token}
        for path in ("finish", "extend", "save", "check", "test", "cameras/gate/walk", "cameras/gate/reference"):
            assert code_in(person.browser.post(f"/api/{path}", json={}, headers=sent)) == "token", (token, path)
    # A form of another site can send text, but no JSON.
    told = {"Content-Type": "text/plain", "X-Setup-Token": person.token}
    assert code_in(person.browser.post("/api/finish", content=b"{}", headers=told)) == "body"
    assert node.asked.state is not None


def test_of_another_session_the_token_is_worth_nothing(node: Node) -> None:
    with opened(node, CODE, "ZZZZ-9999") as address:
        one, other = Person(node, address), Person(node, address, "ZZZZ-9999")
        one.token = other.token
        assert code_in(one.post("finish")) == "token"


def test_only_the_methods_that_are_there(person: Person) -> None:
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "HEAD"):
        assert person.browser.request(method, "/api/config").status_code == 405, method
    assert code_in(person.get("finish")) == "method"


# Codes


def test_five_wrong_codes_lock_it_for_everybody_but_who_is_in(person: Person, node: Node, address: str) -> None:
    told = []
    for last in range(6):  # every one of them from another address
        with browser(node, address, transport=from_address(node, f"127.0.0.{last + 2}")) as other:
            told.append(other.post("/api/login", json={"code": f"0000000{last}"}))
    assert [code_in(each) for each in told] == ["wrong_code"] * 4 + ["locked"] * 2
    assert 290 <= told[-1].json()["error"]["retry_s"] <= 301 and told[-1].headers["Retry-After"]
    assert person.get("node").status_code == 200, "who is in stays in"
    logged = [(each.result, each.by) for each in node.notes if each.action == "login"]
    assert logged[-5:] == [("wrong_code", f"127.0.0.{n}") for n in (2, 3, 4, 5)] + [("locked", "127.0.0.6")]
    node.clock.ahead_s = 301
    with browser(node, address) as late:
        assert code_in(late.post("/api/login", json={"code": "00000000"})) == "wrong_code", "after that it goes on"


def from_address(node: Node, source: str) -> httpx.HTTPTransport:
    return httpx.HTTPTransport(verify=trusting(node), local_address=source)


def test_the_right_code_does_not_help_while_it_is_locked(node: Node) -> None:
    with opened(node) as address, browser(node, address) as stranger:
        for _ in range(5):
            stranger.post("/api/login", json={"code": "00000000"})
        assert code_in(stranger.post("/api/login", json={"code": CODE})) == "locked"
        assert stranger.get("/api/session").json()["locked_s"] > 0
        assert ask(node, "ZZZZ-9999") == address, (
            "whoever is at the device itself gets a new code, and may use it at once"
        )
        Person(node, address, "ZZZZ-9999")


def test_a_code_lets_in_once_however_many_come_at_once(node: Node) -> None:
    with opened(node) as address:

        def come(_: int) -> int:
            with browser(node, address) as one:
                return one.post("/api/login", json={"code": CODE}).status_code

        with ThreadPoolExecutor(6) as pool:
            told = sorted(pool.map(come, range(6)))
        assert told == [200] + [403] * 5
        with browser(node, address) as late:
            assert code_in(late.post("/api/login", json={"code": CODE})) == "used_code"


@pytest.mark.parametrize("code", ["", " ", "A" * 101, 5, None, ["ABCD-1234"], {"": ""}, True])
def test_what_is_no_code_is_no_try(stranger: httpx.Client, node: Node, code: object) -> None:
    told = stranger.post("/api/login", json={"code": code})
    assert code_in(told) in ("body", "wrong_code") and told.status_code in (400, 401)


def test_nothing_that_is_kept_holds_a_code_or_a_session(person: Person, node: Node) -> None:
    cookie = person.browser.cookies["__Host-setup"]
    for path in node.file.folder.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path
        text = path.read_text(encoding="utf-8")
        for secret in (cookie, person.token, CODE, CODE.replace("-", "")):
            assert secret not in text, path
    kept = open_now(node)
    assert kept is not None and kept.codes == () and len(kept.sessions) == 1


@pytest.mark.parametrize("cookie", ["", "x", "ổ", "0" * 5000])
def test_a_made_up_session_is_none(stranger: httpx.Client, cookie: str) -> None:
    told = stranger.get("/api/node", headers={b"Cookie": f"__Host-setup={cookie}".encode()})
    assert told.status_code in (400, 401)


# Paths and bodies


@pytest.mark.parametrize(
    "path",
    [
        "/../setup/key.pem",
        "/..%2f..%2f..%2fetc%2fpasswd",
        "/%2e%2e/%2e%2e/page.js",
        "//etc/passwd",
        "/setup%00.html",
        "/.env",
        "/open.json",
        "/api/cameras/..%2fgate/picture.jpg",
        "/api/cameras/gate%2f..%2f/reference.jpg",
        "/api/cameras/GATE/picture.jpg",
        "/state.json",
        "/live/gate.jpg",
        "/api/",
        "/api",
    ],
)
def test_no_path_leads_anywhere_else(node: Node, person: Person, address: str, path: str) -> None:
    # As written: a client library would tidy it up.
    cookie = f"__Host-setup={person.browser.cookies['__Host-setup']}"
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
    with raw(node, address, head.encode()) as wrapped:
        told = answer(wrapped)
    assert told.startswith((b"HTTP/1.1 404", b"HTTP/1.1 400", b"HTTP/1.0 400")), told[:60]
    assert b"root:" not in told and b"PRIVATE KEY" not in told and b"salt" not in told


def test_large_bodies_are_refused(person: Person) -> None:
    assert code_in(person.post("check", {"cameras": [{"id": "gate", "label": "x" * 300_000}]})) == "too_large"
    deep: object = []
    for _ in range(200):
        deep = [deep]
    assert code_in(person.post("check", {"cameras": [{"id": "gate", "rules": deep}]})) == "body"
    wide = {"cameras": [{"id": "gate", "zones": {str(n): [[0]] for n in range(9000)}}]}
    assert code_in(person.post("check", wide)) == "body"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b'{"cameras": NaN}',
        b"[" * 100_000,
        b'{"cameras": 1e999}',
        b"\xff\xfe",
        b'{"cameras": {}}',
    ],
)
def test_what_is_no_json_is_refused(person: Person, body: bytes) -> None:
    sent = {"Content-Type": "application/json", "X-Setup-Token": person.token}
    assert code_in(person.browser.post("/api/check", content=body, headers=sent)) == "body"


@pytest.mark.parametrize(
    "camera",
    [
        {"label": "\x00\x1b[31m"},
        {"label": "\ud800"},
        {"label": "*anchor"},
        {"label": "!!python/object:os.system"},
        {"label": 1e308},
        {"zones": {"a\nsource: rtsp://evil": [[0, 0], [1, 0], [1, 1]]}},
        {"zones": {"a": [["1e400", 0], [1, 0], [1, 1]]}},
        {"zones": [1, 2]},
        {"rules": [{"rule": "intrusion", "source": "rtsp://evil"}]},
        {"rules": {"0": {}}},
        {"transcode": "yes"},
        {"privacy_masks": {"<<": {"a": 1}}},
    ],
)
def test_what_is_no_drawing_is_a_mistake_and_never_another_setting(
    person: Person, node: Node, camera: dict[str, object]
) -> None:
    kept = person.get("config").json()
    told = json.dumps({"hash": kept["hash"], "cameras": [{"id": "gate"} | camera]}).encode()
    sent = {"Content-Type": "application/json", "X-Setup-Token": person.token}
    found = person.browser.post("/api/save", content=told, headers=sent)
    if found.status_code == 202:  # a strange name for people is still a name
        assert node.saves and "evil" not in node.saves[-1].replace("'", "")
    else:
        assert code_in(found) == "mistakes" and found.json()["mistakes"]


@pytest.mark.parametrize(
    "sent",
    [
        b"\x00\xff" * 40 + b"\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"y" * 9000 + b"\r\n\r\n",
        b"GET /" + b"y" * 9000 + b" HTTP/1.1\r\n\r\n",
        b"POST /api/login HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\nz",
    ],
)
def test_garbage_is_refused_without_a_word_in_the_log(
    node: Node, address: str, sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with raw(node, address, sent) as wrapped:
        assert answer(wrapped).startswith((b"HTTP/1.1 400", b"HTTP/1.0 400"))
    assert not [record for record in caplog.records if record.exc_info]


@pytest.mark.parametrize(
    ("head", "body", "status"),
    [
        (b"GET /api/session HTTP/1.1\r\nCookie: __Host-setup=\xff\xfe\r\n", b"", b"200"),
        (b"GET /api/node HTTP/1.1\r\nCookie: __Host-setup=\xff\xfe\r\n", b"", b"401"),
        (b"POST /api/login HTTP/1.1\r\n", b'{"code": "\\ud8001234"}', b"401"),
        (b"POST /api/login HTTP/1.1\r\nContent-Encoding: gzip\r\n", b"xxxxx", b"400"),
        (b"POST /api/login HTTP/1.1\r\nContent-Encoding: deflate\r\n", b"\0" * 9, b"400"),
    ],
)
def test_a_stranger_s_odd_bytes_are_an_answer_and_no_word_in_the_log(
    node: Node, address: str, head: bytes, body: bytes, status: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    more = b"Host: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    with raw(node, address, head + more % len(body) + body) as wrapped:
        assert answer(wrapped).startswith(b"HTTP/1.1 " + status)
    assert not [record for record in caplog.records if record.exc_info]


# Slow ones, and many


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
