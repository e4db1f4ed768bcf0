"""The HTTP client: a connection is used again while it is good, and an answer that ends too early is none."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from agent.clock import Clock
from agent.uplink.dial import Guard
from agent.uplink.http import FAILURES, HttpClient
from deploy.ward import issue

WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
SHORT = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
FLOOD = 32_000_000  # more than the kernel keeps for who does not read


@contextmanager
def server(*connections: list[bytes]) -> Iterator[tuple[str, list[bytes]]]:
    """For each connection the answers that it gives before it hangs up; yields its address and what it was asked."""
    with serving("127.0.0.1", *connections) as (url, asked, _):
        yield url, asked


@contextmanager
def serving(
    host: str, *connections: list[bytes], tls: ssl.SSLContext | None = None
) -> Iterator[tuple[str, list[bytes], list[bytes]]]:
    """The same; yields as well the answers that were taken off it."""
    asked: list[bytes] = []
    sent: list[bytes] = []
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as listening:

        def serve() -> None:
            for answers in connections:
                sock, _ = listening.accept()
                sock = tls.wrap_socket(sock, server_side=True) if tls else sock
                with sock:
                    for answer in answers:
                        asked.append(sock.recv(65_536))
                        with suppress(OSError):  # it may be cut off
                            sock.sendall(answer)
                            sent.append(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        name = f"[{host}]" if ":" in host else host
        yield f"{'https' if tls else 'http'}://{name}:{listening.getsockname()[1]}", asked, sent
        thread.join(10)


def client(context: ssl.SSLContext | None = None) -> HttpClient:
    guard, context = Guard(threading.Event(), Clock()), context or ssl.create_default_context()
    return HttpClient(context, guard, Clock(), timeout_s=60, connect_s=60, headers={"X-Own": "1"})


def get(http: HttpClient, url: str) -> bytes:
    with http.stream("GET", url) as answer:
        return b"".join(answer.pieces(1024))


def test_a_connection_is_used_again_until_the_server_ends_it() -> None:
    with server([WHOLE, WHOLE], [WHOLE]) as (url, asked):
        http = client()
        assert [get(http, f"{url}/a") for _ in range(2)] == [b"ok", b"ok"]
        assert http._line is not None
        http._line._sock.recv(1, socket.MSG_PEEK)  # the end of it has arrived
        assert get(http, f"{url}/b c?d=%20é") == b"ok"
        http.close()
    assert [each.split(b"\r\n")[0] for each in asked] == [
        *[b"GET /a HTTP/1.1"] * 2,
        b"GET /b%20c?d=%20%C3%A9 HTTP/1.1",
    ]
    assert all(b"\r\nX-Own: 1\r\n" in each for each in asked)


def test_an_answer_that_ends_too_early_fails_and_its_connection_is_closed() -> None:
    with server([SHORT], [WHOLE]) as (url, _):
        http = client()
        with pytest.raises(FAILURES):
            get(http, url)
        assert get(http, url) == b"ok"
        http.close()


@pytest.mark.parametrize(
    "url",
    ["http://[", "http://x:99999/", "ftp://x/", "http:///", "http://a\0b/", f"http://{'x' * 64}/", "http://x/\ud800"],
)
def test_what_is_no_address_is_a_failure_as_any_other(url: str) -> None:
    with pytest.raises(FAILURES):
        get(client(), url)


@pytest.mark.parametrize(
    "answer",
    [
        WHOLE.replace(b"\r\n\r\n", b"\r\n" + 20 * (b"X: " + 60_000 * b"x" + b"\r\n") + b"\r\n"),
        10_000 * b"HTTP/1.1 100 Continue\r\n\r\n" + WHOLE,
        10_000 * b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n" + WHOLE,
        CHUNKED + b"2;" + 60_000 * b"x" + b"\r\nok\r\n0\r\n" + 100_000 * b"X: y\r\n" + b"\r\n",
        CHUNKED + 20 * (b"1;" + 60_000 * b"x" + b"\r\no\r\n") + b"0\r\n\r\n",
        CHUNKED + b"-5\r\nok\r\n0\r\n\r\n",
        CHUNKED + b"-" + 40 * b"f" + b"\r\nok\r\n0\r\n\r\n",
    ],
    ids=["head", "100", "103", "trailers", "extensions", "less than nothing", "far less"],
)
def test_more_beside_a_body_than_belongs_there_is_no_answer(answer: bytes) -> None:
    with server([answer], [WHOLE]) as (url, _):
        http = client()
        with pytest.raises(FAILURES):
            get(http, url)
        assert get(http, url) == b"ok", "on another connection"
        http.close()


def test_a_chunk_without_end_is_not_kept_in_memory() -> None:
    with serving("127.0.0.1", [CHUNKED + b"-1\r\n" + FLOOD * b"x"]) as (url, _, sent), pytest.raises(FAILURES):
        get(client(), url)
    assert sent == [], "it was cut off"


def test_an_interim_answer_is_not_taken_for_the_answer() -> None:
    hints = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n"
    with server([hints + WHOLE, WHOLE]) as (url, asked):
        http = client()
        assert [get(http, url) for _ in range(2)] == [b"ok", b"ok"]
        http.close()
    assert len(asked) == 2, "on one connection"


def test_what_has_no_body_is_not_waited_for() -> None:
    with server([b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", WHOLE]) as (url, _):
        http = client()
        assert [get(http, url) for _ in range(2)] == [b"", b"ok"]
        http.close()


def test_many_small_chunks_are_an_answer() -> None:
    with server([CHUNKED + 40_000 * b"1\r\nx\r\n" + b"0\r\n\r\n"]) as (url, _):
        assert get(client(), url) == 40_000 * b"x"


def test_a_connection_that_says_more_than_it_was_asked_is_not_used_again(tmp_path: Path) -> None:
    made = issue(tmp_path, "server", "IP:127.0.0.1")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(made.cert, made.key)
    with serving("127.0.0.1", [WHOLE + 9_000 * b"x", b""], [WHOLE], tls=tls) as (url, _, _):
        http = client(ssl.create_default_context(cafile=str(made.ca)))
        assert [get(http, url) for _ in range(2)] == [b"ok", b"ok"]
        http.close()


def test_no_proxy_of_the_environment_no_redirect_and_the_host_as_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    away = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    try:
        with serving("::1", [away]) as (url, asked, _), client().stream("GET", f"{url}/a") as answer:
            assert (answer.status, list(answer.pieces(9))) == (302, [])
    except OSError:
        pytest.skip("no IPv6 here")
    assert f"\r\nHost: {url.removeprefix('http://')}\r\n".encode() in asked[0]
