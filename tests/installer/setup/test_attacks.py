"""What somebody else on the household's wifi may try on the setup page while it is open."""

import socket
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from agent.installer.web.guard import is_own
from tests.installer.people import browser, trusting
from tests.installer.setup.node import CODE, Node, Person, ask, code_in, open_now, opened

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
