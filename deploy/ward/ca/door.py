"""The authority's door: EST (RFC 7030) over TLS 1.2 or newer: cacerts, simpleenroll, simplereenroll.

simpleenroll: HTTP Basic, the node's id with the secret of its token. simplereenroll: the certificate that the node has;
or, within half a year of its end, a request that is signed by its key.
Errors are `text/plain`, one word for programs and a sentence. Every connection is cut after half a minute, and there
are never more than a hundred, forty of one address: nobody holds the door by being slow.
"""

import asyncio
import base64
import binascii
import logging
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web
from aiohttp.typedefs import Middleware
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from deploy.ward.ca.audit import Audit
from deploy.ward.ca.authority import NODE_LIFE, Authority
from deploy.ward.ca.pace import Pace
from deploy.ward.ca.policy import MAX_BASE64, NODE, check_request, key_of, parse_request
from deploy.ward.ca.refused import Refused
from deploy.ward.ca.register import Register
from deploy.ward.certificates import Certificates

log = logging.getLogger(__name__)
PATH = "/.well-known/est"
BODY_S = 10.0
CONNECTION_S = 30.0
HANDSHAKE_S = 10.0
CONNECTIONS = 100
OF_ONE_ADDRESS = 40  # nodes of one mobile network come from one address, each for a second
PKCS7 = {"Content-Type": "application/pkcs7-mime; smime-type=certs-only", "Content-Transfer-Encoding": "base64"}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Desk:
    """What answers use. `life` of the certificates for nodes."""

    authority: Authority
    register: Register
    audit: Audit
    pace: Pace
    life: timedelta = NODE_LIFE


def application(desk: Desk) -> web.Application:
    """The three operations."""
    app = web.Application(client_max_size=MAX_BASE64 + 1, middlewares=[_guarded(desk)])
    app.add_routes(
        [
            web.get(f"{PATH}/cacerts", lambda request: _cacerts(desk)),
            web.post(f"{PATH}/simpleenroll", lambda request: _enrol(desk, request)),
            web.post(f"{PATH}/simplereenroll", lambda request: _renew(desk, request)),
        ]
    )
    return app


def server_context(server: Certificates) -> ssl.SSLContext:
    """TLS 1.2 or newer; a client may show a certificate, which then must be of this authority and in date."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(server.cert, server.key)
    context.load_verify_locations(server.ca)
    context.verify_mode = ssl.CERT_OPTIONAL
    return context


async def open_door(app: web.Application, host: str, port: int, context: ssl.SSLContext) -> asyncio.Server:
    """The listening server. Raises OSError."""
    runner = web.AppRunner(app, access_log=None, keepalive_timeout=5.0, handle_signals=False)
    await runner.setup()
    loop = asyncio.get_running_loop()
    make = runner.server
    assert make is not None
    inside: list[tuple[str, web.RequestHandler]] = []
    return await loop.create_server(
        lambda: _Entry(make, inside), host, port, ssl=context, ssl_handshake_timeout=HANDSHAKE_S
    )


class _Entry(asyncio.Protocol):
    """A connection whose TLS is done: let in, or cut when there are too many, of all or of this address."""

    def __init__(self, make: Callable[[], web.RequestHandler], inside: list[tuple[str, web.RequestHandler]]) -> None:
        self._make = make
        self._inside = inside

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection belongs to the handler from here on, for half a minute at most."""
        assert isinstance(transport, asyncio.Transport)
        address = str((transport.get_extra_info("peername") or ("",))[0])
        self._inside[:] = [one for one in self._inside if one[1].transport is not None]
        if len(self._inside) >= CONNECTIONS or sum(one == address for one, _ in self._inside) >= OF_ONE_ADDRESS:
            transport.abort()
            return
        handler = self._make()
        self._inside.append((address, handler))
        transport.set_protocol(handler)
        handler.connection_made(transport)
        asyncio.get_running_loop().call_later(CONNECTION_S, transport.abort)


def _guarded(desk: Desk) -> Middleware:
    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        address = request.remote or ""
        try:
            desk.pace.ask(address)
            return await handler(request)
        except Refused as refused:
            if refused.status != 429:  # a flood shall not wash the audit away
                desk.pace.wrong(address)
                desk.audit.note("refused", _user(request), why=refused.word, address=address)
            return _refusal(refused)

    return guard


async def _cacerts(desk: Desk) -> web.Response:
    return web.Response(body=base64.encodebytes(desk.authority.certificates()), headers=PKCS7)


async def _enrol(desk: Desk, request: web.Request) -> web.Response:
    node, secret = _login(request)
    csr = parse_request(await _body(request))
    check_request(csr, node)
    made = desk.register.enrol(
        node, secret, key_of(csr), lambda: desk.authority.sign_node(node, csr.public_key(), desk.life)
    )
    desk.authority.write_crl(desk.register.revoked())
    return _issued(desk, request, "enrolled", node, made)


async def _renew(desk: Desk, request: web.Request) -> web.Response:
    shown = _certificate(request)
    if shown is None:
        return await _revive(desk, request)
    node = str(shown.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value)
    csr = parse_request(await _body(request))
    check_request(csr, node)
    made = desk.register.renew(
        node, shown.serial_number, lambda: desk.authority.sign_node(node, csr.public_key(), desk.life)
    )
    return _issued(desk, request, "renewed", node, made)


async def _revive(desk: Desk, request: web.Request) -> web.Response:
    """Without a certificate that TLS would let in: the request is signed by the key of one that has ended."""
    csr = parse_request(await _body(request))
    names = csr.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    node = str(names[0].value) if names else ""
    if not NODE.fullmatch(node):
        raise Refused(403, "wrong_name", "the subject must be the node's id")
    check_request(csr, node)
    made = desk.register.revive(node, key_of(csr), lambda: desk.authority.sign_node(node, csr.public_key(), desk.life))
    return _issued(desk, request, "revived", node, made)


def _issued(desk: Desk, request: web.Request, what: str, node: str, made: x509.Certificate) -> web.Response:
    ends = made.not_valid_after_utc.isoformat()
    desk.audit.note(what, node, serial=f"{made.serial_number:x}", ends=ends, address=request.remote or "")
    return web.Response(body=base64.encodebytes(pkcs7.serialize_certificates([made], Encoding.DER)), headers=PKCS7)


async def _body(request: web.Request) -> bytes:
    try:
        return await asyncio.wait_for(request.read(), BODY_S)
    except asyncio.TimeoutError as error:  # not TimeoutError before Python 3.11
        raise Refused(408, "too_slow", "the body did not come in time") from error
    except web.HTTPRequestEntityTooLarge as error:
        raise Refused(413, "too_large", "no request for a certificate is that long") from error


def _login(request: web.Request) -> tuple[str, str]:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    try:
        node, colon, secret = base64.b64decode(given, validate=True).decode().partition(":")
    except (binascii.Error, ValueError) as error:
        raise Refused(401, "token_wrong", "the login cannot be read") from error
    if scheme.lower() != "basic" or not colon or not NODE.fullmatch(node) or len(secret) > 200:
        raise Refused(401, "token_wrong", "log in with the node's id and its token")
    return node, secret


def _user(request: web.Request) -> str:
    try:
        return _login(request)[0]
    except Refused:
        return ""


def _certificate(request: web.Request) -> x509.Certificate | None:
    secure = request.transport.get_extra_info("ssl_object") if request.transport else None
    der = secure.getpeercert(binary_form=True) if secure is not None else None
    return None if der is None else x509.load_der_x509_certificate(der)


def _refusal(refused: Refused) -> web.Response:
    headers = {"Connection": "close"}
    if refused.status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="enrolment"'
    if refused.status == 429:
        headers["Retry-After"] = "60"
    answer = web.Response(status=refused.status, text=f"{refused}\n", headers=headers)
    answer.force_close()
    return answer
