"""The HTTP client: a connection is used again while it is good, and an answer that ends too early is none."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from agent.clock import Clock
from agent.uplink.http import FAILURES, Guard, HttpClient

WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
SHORT = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok"


@contextmanager
def server(*connections: list[bytes]) -> Iterator[tuple[str, list[bytes]]]:
    """For each connection the answers that it gives before it hangs up; yields its address and what it was asked."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            for answers in connections:
                sock, _ = listening.accept()
                with sock:
                    for answer in answers:
                        asked.append(sock.recv(65_536))
                        sock.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", asked
        thread.join(10)


def client() -> HttpClient:
    guard = Guard(threading.Event(), Clock())
    return HttpClient(ssl.create_default_context(), guard, Clock(), timeout_s=10, connect_s=10, headers={"X-Own": "1"})


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
    "url", ["http://[", "http://x:99999/", "ftp://x/", "http:///", "http://a\0b/", f"http://{'x' * 64}/"]
)
def test_what_is_no_address_is_a_failure_as_any_other(url: str) -> None:
    with pytest.raises(FAILURES):
        get(client(), url)
