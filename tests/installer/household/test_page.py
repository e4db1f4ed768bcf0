"""The household's page over real TLS: what the family sees and does, and what somebody else on their wifi may try."""

import json
import re
import socket
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import cast

import httpx
import pytest

from agent.app.code_file import read_code
from agent.config.household import HouseholdSection
from agent.errors import Retryable
from agent.installer.household import entry, site
from agent.installer.household.doors import PauseNow
from agent.installer.household.entry import MOST_SESSIONS, HouseholdEntry
from agent.installer.household.site import STATIC, HouseholdSite
from agent.installer.setup import desk as setup_desk
from agent.installer.setup import site as setup_site
from agent.installer.setup.entry import Entry
from agent.installer.setup.site import SetupSite
from agent.installer.web import desk
from agent.installer.web.connections import Connections
from agent.installer.web.serving import Site
from tests.installer.household.node import CODE, Node, Person, job, opened
from tests.installer.people import browser, trusting, wait_for
from tests.installer.setup.node import Node as SetupNode
from tests.installer.setup.node import code_in

# What it is for


def test_the_family_sees_what_is_sent_and_who_asked(person: Person) -> None:
    home = person.get("home").json()
    assert home["state"] == "records" and home["line"]["quiet_hours"] == "18:00-23:00"
    assert home["days"][0]["sent"][0] == {"kind": "events", "count": 12, "bytes": 14_200}
    assert home["asked"][0]["what"] == {"en": "a clip was asked for", "vi": "xin đoạn hình"}
    assert home["asked"][0]["reason"] and home["asked"][0]["given"] and not home["asked"][1]["given"]
    assert home["told"]["controller"] == "UBND phường Bến Thành"


def test_the_code_lets_in_again_and_again(node: Node, address: str) -> None:
    people = [Person(node, address, code) for code in (CODE, "hnha2468", " HNHA 2468 ")]
    assert [one.get("home").status_code for one in people] == [200] * 3
    assert node.listening is not None
    assert [(note.action, note.result) for note in node.notes] == [("login", "granted")] * 3


def test_a_pause_and_its_end(person: Person, node: Node) -> None:
    told = person.post("pause", {"for_s": 900}).json()
    assert told["state"] == "paused" and told["pause"]["left"] == 1 and told["pause"]["left_s"] == 900
    assert person.post("resume").json()["state"] == "records"
    node.home = replace(node.home, pause=PauseNow(0.0, 0, 0))
    assert code_in(person.post("pause", {"for_s": 900})) == "pause"
    assert [(note.action, note.result) for note in node.notes[1:]] == [
        ("pause", "granted"),
        ("resume", "granted"),
        ("pause", "refused"),
    ]


@pytest.mark.parametrize("for_s", [0, -1, 14_401, "900", None, True, [900], {"a": 1}, 1e300])
def test_what_is_no_length_pauses_nothing(person: Person, node: Node, for_s: object) -> None:
    assert code_in(person.post("pause", {"for_s": for_s})) == "body" and node.home.state == "records"


# Sessions


def test_a_restart_logs_nobody_out_and_a_lock_stays(node: Node) -> None:
    with opened(node) as address:
        person = Person(node, address)
        with browser(node, address) as stranger:
            for _ in range(5):
                stranger.post("/api/login", json={"code": "00000000"})
    with opened(node) as address, browser(node, address, cookies=person.browser.cookies) as again:
        assert again.get("/api/session").json()["logged_in"] and again.get("/api/home").status_code == 200
        assert code_in(again.post("/api/login", json={"code": CODE})) == "locked"
    node.clock.pass_s(301)
    with opened(node) as address:
        Person(node, address)


def test_another_code_ends_all_sessions(node: Node) -> None:
    with opened(node) as address:
        person = Person(node, address)
        assert person.get("home").status_code == 200
        node.code = None
        node.clock.pass_s(10)
        wait_for(lambda: node.listening is None)
        with pytest.raises(httpx.TransportError):
            person.get("home")
    node.code = "ZZZZ-9999"
    with opened(node) as address, browser(node, address, cookies=person.browser.cookies) as again:
        assert code_in(again.get("/api/home")) == "login"
        assert code_in(again.post("/api/login", json={"code": CODE})) == "wrong_code"
        Person(node, address, "ZZZZ-9999")


def test_a_session_ends_after_thirty_days_and_is_never_made_longer_by_a_clock(node: Node, address: str) -> None:
    person = Person(node, address)
    day_ns = 86_400 * 10**9
    for days, status in ((29, 200), (31, 401), (-3, 401), (1, 200)):
        node.clock.wall_offset_ns += days * day_ns
        assert person.get("home").status_code == status, days
        node.clock.wall_offset_ns -= days * day_ns


def test_the_oldest_of_more_than_eight_gives_way(node: Node, address: str) -> None:
    people = [Person(node, address) for _ in range(MOST_SESSIONS + 1)]
    assert [one.get("home").status_code for one in people] == [401] + [200] * MOST_SESSIONS


def test_who_logs_out_is_out(person: Person, node: Node, address: str) -> None:
    other = Person(node, address)
    cookie = person.cookie
    assert person.post("logout").json() == {"logged_in": False}
    with browser(node, address) as stolen:
        assert stolen.get("/api/home", headers={"Cookie": f"__Host-household={cookie}"}).status_code == 401
    assert other.get("home").status_code == 200


def test_nothing_that_is_kept_holds_a_code_or_a_session(person: Person, node: Node) -> None:
    for path in node.folder.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path
        text = path.read_text(encoding="utf-8")
        for secret in (person.cookie, person.token, CODE, CODE.replace("-", "")):
            assert secret not in text, path


@pytest.mark.parametrize("damage", [b"", b"[]", b'{"code": 1}', b"\xff" * 50_000, b"[" * 9000])
def test_a_state_that_cannot_be_read_lets_nobody_in_without_the_code(node: Node, damage: bytes) -> None:
    node.folder.mkdir(mode=0o700)
    (node.folder / "state.json").write_bytes(damage)
    with opened(node) as address:
        with browser(node, address) as stranger:
            assert code_in(stranger.get("/api/home")) == "login"
        Person(node, address)


# Strangers


def test_five_wrong_codes_lock_it_for_everybody_but_who_is_in(person: Person, node: Node, address: str) -> None:
    with browser(node, address) as stranger:
        told = [code_in(stranger.post("/api/login", json={"code": f"0000000{n}"})) for n in range(6)]
        assert told == ["wrong_code"] * 4 + ["locked"] * 2
        assert stranger.get("/api/session").json()["locked_s"] > 290
    assert person.get("home").status_code == 200
    assert person.post("pause", {"for_s": 900}).status_code == 200


def test_who_tries_all_day_does_not_fill_the_access_log(node: Node, address: str) -> None:
    with browser(node, address) as stranger:
        for _ in range(20):
            stranger.post("/api/login", json={"code": "00000000"})
            node.clock.pass_s(31)
    assert len(node.notes) == entry.NOTED_AN_HOUR
    assert node.listening is not None
    wait_for(lambda: node.listening is not None and node.listening.failed_logins == 20)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_site_cannot_use_the_familys_browser(person: Person, node: Node, headers: dict[str, str]) -> None:
    assert code_in(person.post("pause", {"for_s": 900}, **headers)) == "origin"
    assert code_in(person.browser.get("/api/home", headers=headers)) == "origin"
    assert node.home.state == "records"


def test_a_name_that_is_not_this_device_s_is_refused(person: Person) -> None:
    for host in ("evil.example", "192.168.1.1", "127.0.0.1.evil.example"):
        assert code_in(person.browser.get("/api/home", headers={"Host": host})) == "host"


def test_a_cookie_without_the_token_changes_nothing(person: Person, node: Node, address: str) -> None:
    other = Person(node, address)
    for token in (None, b"", b"0" * 64, other.token.encode(), "ổ".encode()):
        sent = {} if token is None else {b"X-Household-Token": token}
        for path in ("pause", "resume", "logout"):
            assert code_in(person.browser.post(f"/api/{path}", json={"for_s": 900}, headers=sent)) == "token"
    told = {"Content-Type": "text/plain", "X-Household-Token": person.token}
    assert code_in(person.browser.post("/api/pause", content=b'{"for_s": 900}', headers=told)) == "body"
    assert node.home.state == "records"


def test_without_a_session_there_is_nothing(node: Node, address: str) -> None:
    with browser(node, address) as stranger:
        assert code_in(stranger.get("/api/home")) == "login"
        for path in ("pause", "resume", "logout"):
            assert code_in(stranger.post(f"/api/{path}", json={})) == "login"
        for cookie in ("", "x", "ổ", "0" * 3000):
            told = stranger.get("/api/home", headers={b"Cookie": f"__Host-household={cookie}".encode()})
            assert told.status_code in (400, 401)
        cookie_of_setup = stranger.get("/api/home", headers={"Cookie": "__Host-setup=abc"})
        assert code_in(cookie_of_setup) == "login"


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"[" * 2000, b"\xff\xfe", b'{"for_s": NaN}'])
def test_what_is_no_json_is_refused(person: Person, body: bytes) -> None:
    sent = {"Content-Type": "application/json", "X-Household-Token": person.token}
    assert code_in(person.browser.post("/api/pause", content=body, headers=sent)) == "body"


def test_large_and_slow_bodies_are_refused(
    person: Person, node: Node, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert code_in(person.post("pause", {"for_s": "x" * 5000})) == "too_large"
    monkeypatch.setattr(desk, "BODY_S", 0.3)
    head = "POST /api/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 99\r\n"
    plain = socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), 60)
    with trusting(node).wrap_socket(plain, server_hostname="127.0.0.1") as wrapped:
        wrapped.sendall(f"{head}Connection: close\r\n\r\n{{".encode())
        assert wrapped.recv(100).startswith(b"HTTP/1.1 408")


def test_only_the_methods_and_paths_that_are_there(person: Person) -> None:
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "HEAD", "POST"):
        assert person.browser.request(method, "/api/home").status_code == 405, method
    for path in (
        "/state.json",
        "/..%2f..%2fetc%2fpasswd",
        "/sent.json",
        "/setup.css",
        "/.env",
        "/api",
        "/live/gate.jpg",
    ):
        assert code_in(person.browser.get(path)) == "not_found", path


# Beside the setup page


def test_neither_page_has_a_route_of_the_other(tmp_path: Path) -> None:
    made = Node(tmp_path / "ours")
    ours = HouseholdSite(made.plan().doors(), HouseholdEntry(made.folder, CODE, made.clock, made.notes.append))
    (tmp_path / "theirs").mkdir()
    doors = SetupNode(tmp_path / "theirs").plan().doors()
    theirs = SetupSite(doors, cast(Entry, None), 60.0)
    assert paths(ours) & paths(theirs) == {"/api/session", "/api/login", "/{name}"}
    assert paths(ours) - paths(theirs) == {"/api/home", "/api/pause", "/api/resume", "/api/logout"}
    assert (
        site.BADGE.cookie != setup_desk.BADGE.cookie
        and site.BADGE.token != setup_desk.BADGE.token
        and site.STATIC != setup_site.STATIC
    )


def paths(served: Site) -> set[str]:
    return {one.canonical for one in served.app(cast(Connections, None)).router.resources()}


def test_neither_page_imports_the_other_nor_what_both_have_imports_one_of_them() -> None:
    for ours, theirs in (("household", "setup"), ("setup", "household"), ("web", "setup"), ("web", "household")):
        files = sorted((STATIC.parents[1] / ours).glob("*.py"))
        assert len(files) > 3
        for path in files:
            assert f"agent.installer.{theirs}" not in path.read_text(encoding="utf-8"), path


def test_no_route_of_the_setup_page_answers_here(person: Person) -> None:
    for path in ("node", "look", "schema", "config", "save", "checks", "test", "cameras/gate/picture.jpg"):
        assert code_in(person.get(path)) == "not_found", path
        assert person.post(path).status_code in (404, 405), path
    assert all(path.suffix in (".html", ".js", ".css", ".svg") for path in STATIC.iterdir()), "no picture of anything"


# What it costs


def test_the_page_is_small_and_asks_nobody_else(person: Person) -> None:
    files = [path for path in STATIC.iterdir() if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 60_000
    for path in files:
        told = person.browser.get(f"/{path.name}")
        assert told.status_code == 200 and "default-src 'none'" in told.headers["Content-Security-Policy"]
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", told.text), path.name


def test_without_a_code_nothing_listens_and_nothing_is_loaded(tmp_path: Path) -> None:
    script = f"""
import sys, threading
from pathlib import Path
from tests.installer.household.node import Node, job
node = Node(Path({str(tmp_path)!r})); node.code = None
stop = threading.Event(); stop.set()
made = job(node, stop); made.run_once(); made.close()
print([name for name in ("aiohttp", "asyncio") if name in sys.modules and name in {{"aiohttp"}}])
"""
    # The test's own node needs httpx, which brings asyncio; aiohttp is the large one.
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert told.stdout.strip() == "[]" and not (tmp_path / "household").exists()


def test_a_port_that_is_taken_is_told_in_words(node: Node) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        node.port = other.getsockname()[1]
        made = job(node, threading.Event())
        with pytest.raises(Exception, match="taken") as told:
            made.run_once()
        made.close()
    assert told.value.code == "page_port" and node.listening is None  # type: ignore[attr-defined]


def test_a_certificate_that_is_of_no_use_is_made_again(node: Node) -> None:
    key = node.file.folder / "key.pem"
    key.write_bytes(b"-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n")
    made = job(node, threading.Event())
    with pytest.raises(Retryable) as told:
        made.run_once()
    assert told.value.code == "page_port" and node.file.papers() is None, "the next try makes another"
    made.close()


# The file with the code


def test_a_code_that_all_may_read_or_that_is_short_opens_nothing(tmp_path: Path) -> None:
    file = tmp_path / "household.code"
    assert read_code(file, "page") is None
    file.write_text("HNHA-2468\n", encoding="utf-8")
    file.chmod(0o640)
    assert read_code(file, "page") == CODE
    file.chmod(0o644)
    assert read_code(file, "page") is None
    file.chmod(0o600)
    for short in ("", "\n", "HNHA-24", "\x00"):
        file.write_text(short, encoding="utf-8")
        assert read_code(file, "page") is None
    file.write_bytes(b"\xff\xfe\xfd")
    assert read_code(file, "page") is None
    assert HouseholdSection().code_file == Path("/etc/camera-agent/household.code")


def test_the_contract_names_every_field(person: Person) -> None:
    words = (Path(__file__).parents[3] / "docs" / "design" / "household.md").read_text(encoding="utf-8")
    told = json.loads(re.findall(r"```json\n(.*?)```", words, re.DOTALL)[0])
    home = person.get("home").json()
    assert told.keys() == home.keys()
    for name in ("line", "kept", "told", "pause"):
        assert told[name].keys() == home[name].keys(), name
    for name in ("cameras", "days", "newest", "asked"):
        assert told[name][0].keys() == home[name][0].keys(), name
