"""Asks the ward's servers whether they are there, for a person: no login at the broker, nothing is sent.

A login with the node's own name would throw the running node off its line; so the broker is asked only as far as TLS.
"""

import ssl
from dataclasses import dataclass
from threading import Event
from urllib.parse import urlsplit

from agent.clock import Clock
from agent.config.model import TlsSection, UploadSection
from agent.uplink.dial import SLICE_S, Guard, dial
from agent.uplink.login import Login
from agent.uplink.peer import HUNG_UP, Peer, broker, explain, tls_cut_short
from agent.uplink.tls import client_context
from agent.uplink.tus import Busy, TusClient

LONGEST_S = 8.0
# A server that wants another certificate says so only after its own half of the handshake (RFC 8446, 4.4.2).
OBJECTION_S = 0.7


@dataclass(frozen=True, slots=True)
class Greeting:
    """A server that answered. `tls` is the version, empty in plain text."""

    name: str  # host:port
    ms: float
    tls: str = ""


def greet_broker(url: str, tls: TlsSection, clock: Clock) -> Greeting:
    """A connection, and over `mqtts://` a whole TLS handshake with our certificate. Raises LinkError."""
    parts = urlsplit(url)
    secure = parts.scheme == "mqtts"
    host, port = parts.hostname or "", parts.port or (8883 if secure else 1883)
    peer = broker(host, port)
    context = client_context(tls, "broker_tls") if secure else None
    guard = Guard(Event(), clock)
    guard.allow(LONGEST_S)
    begin_s = clock.mono_s()
    try:
        with dial(host, port, guard, LONGEST_S) as sock:
            ms = (clock.mono_s() - begin_s) * 1000
            if context is None:
                return Greeting(f"{host}:{port}", ms)
            sock.settimeout(SLICE_S)
            with context.wrap_socket(sock, server_hostname=host, do_handshake_on_connect=False) as secured:
                guard.patiently(secured.do_handshake, LONGEST_S)
                _hear_objections(secured, guard, peer)
                return Greeting(f"{host}:{port}", ms, secured.version() or "TLS")
    except (OSError, ValueError) as error:  # ValueError: a host name that is none
        raise explain(error, peer, clock) from error


def _hear_objections(secured: ssl.SSLSocket, guard: Guard, peer: Peer) -> None:
    try:
        said = guard.patiently(lambda: secured.recv(1), OBJECTION_S)
    except TimeoutError:
        return  # it waits for our first word, as a broker does
    except HUNG_UP:
        said = b""
    if not said:
        raise tls_cut_short(peer)


def greet_upload(section: UploadSection, tls: TlsSection, login: Login | None, clock: Clock) -> Greeting:
    """What uploads it takes, and with the node's login an upload that is none. Raises LinkError or Rejected."""
    client = TusClient(section, tls, login, Guard(Event(), clock), clock)
    begin_s = clock.mono_s()
    try:
        client.greet()
    except Busy as error:
        peer = client.peer
        raise peer.trouble("refused", "{peer} is busy", "{peer} đang bận") from error
    finally:
        client.close()
    return Greeting(
        f"{client.peer.host}:{client.peer.port}",
        (clock.mono_s() - begin_s) * 1000,
        "TLS" if section.url.startswith("https") else "",
    )
