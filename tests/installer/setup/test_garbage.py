"""Paths, bodies and bytes that make no sense are refused, in words, and leave no word in the log."""

import json

import pytest

from tests.installer.setup.node import Node, Person, code_in
from tests.installer.setup.raw import answer, raw


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
