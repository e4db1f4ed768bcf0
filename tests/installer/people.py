"""Who comes to a page behind a code: a browser that took the device's certificate, and somebody who is logged in."""

import ssl
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

import httpx

from agent.clock import Clock
from agent.installer.setup.opening import OpeningFile

PATIENCE_S = 60.0


class Papers(Protocol):
    """A node with a certificate."""

    @property
    def file(self) -> OpeningFile:
        """Where it is kept."""


class Person:
    """Somebody who is logged in. `header`: what a page of ours sends with each change."""

    header = ""

    def __init__(self, node: Papers, address: str, code: str) -> None:
        self.browser = browser(node, address)
        answer = self.browser.post("/api/login", json={"code": code})
        assert answer.status_code == 200, answer.text
        self.token = answer.json()["token"]

    def get(self, path: str) -> httpx.Response:
        return self.browser.get(f"/api/{path}")

    def post(self, path: str, told: Any = None, **headers: str) -> httpx.Response:
        sent = {self.header: self.token} | headers
        return self.browser.post(f"/api/{path}", json={} if told is None else told, headers=sent)


class Served(Protocol):
    """A node whose page the fixtures open."""

    def opened(self) -> AbstractContextManager[str]:
        """Its page; the address."""

    def person(self, address: str) -> Person:
        """Somebody who is logged in there."""


def wait_for(what: Callable[[], object]) -> None:
    """Until it is true."""
    clock, pause = Clock(), threading.Event()
    end_s = clock.mono_s() + PATIENCE_S
    while not what():
        assert clock.mono_s() < end_s, "in vain"
        pause.wait(0.02)


def trusting(node: Papers) -> ssl.SSLContext:
    """As a browser whose owner looked at the certificate and took it: only that one, and only for its names."""
    return ssl.create_default_context(cafile=str(node.file.folder / "cert.pem"))


def browser(node: Papers, address: str, **options: Any) -> httpx.Client:
    """A browser that nobody is logged in with."""
    return httpx.Client(base_url=address, verify=trusting(node), timeout=PATIENCE_S, **options)
