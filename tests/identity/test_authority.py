"""The authority's door, by hand with openssl and curl, and by those who mean it ill."""

import asyncio
import base64
import contextlib
import http.client
import json
import shutil
import socket
import sqlite3
import ssl
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.app.enrol import Errand, renew
from agent.config.model import TlsSection
from agent.config.units import IDENTIFIER
from agent.errors import AgentError
from agent.identity.request import new_key
from deploy.ward import Ward, WardError, WardOptions
from deploy.ward.ca import AuthorityOptions, RunningAuthority, door, start_authority
from deploy.ward.ca.door import CONNECTIONS, OF_ONE_ADDRESS
from deploy.ward.ca.pace import WRONG, Pace
from deploy.ward.ca.policy import MAX_BASE64, NODE, check_request, parse_request
from deploy.ward.ca.refused import Refused
from deploy.ward.ca.register import REVIVED_S, Register
from tests.identity.conftest import Device, device
from tests.identity.test_enrol import backdated
from tests.uplink.station import Station
from tests.uplink.test_mqtt_refused import refused

ROOT = Path(__file__).parents[2]
P256 = ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")
ENROL, AGAIN = "/.well-known/est/simpleenroll", "/.well-known/est/simplereenroll"


def run(*line: str, stdin: bytes = b"", cwd: Path | None = None) -> bytes:
    done = subprocess.run(line, input=stdin, cwd=cwd, capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def csr(directory: Path, subject: str, *more: str, key: tuple[str, ...] = P256) -> bytes:
    """DER, made with openssl."""
    line = ("openssl", "req", "-new", "-newkey", *key, "-nodes", "-keyout", str(directory / "hand.key"))
    return run(*line, "-subj", subject, "-outform", "DER", *more)


@pytest.fixture
def private(tmp_path: Path) -> Iterator[RunningAuthority]:
    """One for a single test, which may anger it."""
    try:
        running = start_authority(tmp_path / "authority")
    except WardError as error:
        pytest.skip(str(error))
    yield running
    running.child.stop()


def test_openssl_and_curl_enrol_by_hand(authority: RunningAuthority, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("no curl")
    curl = ("curl", "--silent", "--show-error", "--fail", "--cacert", str(authority.directory / "ca.pem"))
    secret = authority.token("by-hand").partition(".")[0]
    request = csr(tmp_path, "/CN=by-hand")
    told = run(*curl, f"{authority.renew_url}/cacerts")
    anchors = run("openssl", "pkcs7", "-inform", "DER", "-print_certs", stdin=base64.b64decode(told))
    login = tmp_path / "login"
    login.write_text(f'user = "by-hand:{secret}"\n', encoding="ascii")
    header = ("-H", "Content-Type: application/pkcs10", "--data-binary", "@-")
    body = base64.encodebytes(request)
    answer = run(*curl, "-K", str(login), *header, f"{authority.renew_url}/simpleenroll", stdin=body)
    cert = run("openssl", "pkcs7", "-inform", "DER", "-print_certs", stdin=base64.b64decode(answer))
    (tmp_path / "ca.pem").write_bytes(anchors)
    (tmp_path / "hand.pem").write_bytes(cert)
    run("openssl", "verify", "-purpose", "sslclient", "-CAfile", str(tmp_path / "ca.pem"), str(tmp_path / "hand.pem"))
    life = x509.load_pem_x509_certificate(cert)
    assert 90 <= (life.not_valid_after_utc - life.not_valid_before_utc).days <= 91
    own = ("--cert", str(tmp_path / "hand.pem"), "--key", str(tmp_path / "hand.key"))
    again = run(*curl, *own, *header, f"{authority.renew_url}/simplereenroll", stdin=body)
    assert b"by-hand" in run("openssl", "pkcs7", "-inform", "DER", "-print_certs", stdin=base64.b64decode(again))


def test_what_lies_in_the_directory(authority: RunningAuthority) -> None:
    token = authority.token("files-1")
    secret, _, fingerprint = token.partition(".")
    pem = (authority.directory / "ca.pem").read_bytes()
    printed = run("openssl", "x509", "-noout", "-fingerprint", "-sha256", stdin=pem).decode()
    assert printed.strip().partition("=")[2].replace(":", "").lower() == fingerprint
    for name in ("ca.key", "ca.db", "audit.jsonl", "est.key"):
        assert stat.S_IMODE((authority.directory / name).stat().st_mode) == 0o600, name
    for path in authority.directory.iterdir():
        assert secret.encode() not in path.read_bytes()


@pytest.mark.parametrize(
    ("subject", "more", "key", "word"),
    [
        ("/CN=other", (), P256, "wrong_name"),
        ("/CN=strict-1/O=ward", (), P256, "wrong_name"),
        ("/CN=strict-1/CN=strict-1", (), P256, "wrong_name"),
        ("/O=strict-1", (), P256, "wrong_name"),
        ("/CN=strict-1", ("-addext", "subjectAltName=DNS:broker"), P256, "extra_extensions"),
        ("/CN=strict-1", ("-addext", "basicConstraints=CA:TRUE"), P256, "extra_extensions"),
        ("/CN=strict-1", (), ("rsa:1024",), "weak_key"),
        ("/CN=strict-1", (), ("ec", "-pkeyopt", "ec_paramgen_curve:secp224r1"), "weak_key"),
        ("/CN=strict-1", (), ("ed25519",), "weak_key"),
        ("/CN=strict-1", (), P256, None),
        ("/CN=strict-1", (), ("rsa:2048",), None),
    ],
)
def test_which_requests_are_signed(
    tmp_path: Path, subject: str, more: tuple[str, ...], key: tuple[str, ...], word: str | None
) -> None:
    request = parse_request(base64.encodebytes(csr(tmp_path, subject, *more, key=key)))
    if word is None:
        check_request(request, "strict-1")
        return
    with pytest.raises(Refused) as caught:
        check_request(request, "strict-1")
    assert caught.value.word == word


def test_a_request_signed_by_another_key_is_refused(tmp_path: Path) -> None:
    request = bytearray(csr(tmp_path, "/CN=strict-1"))
    request[-1] ^= 1
    with pytest.raises(Refused):
        parse_request(base64.b64encode(request))


GOOD_REQUEST: list[bytes] = []


@settings(max_examples=300)
@given(st.data())
def test_no_bytes_bring_the_door_down(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    if not GOOD_REQUEST:
        GOOD_REQUEST.append(csr(tmp_path_factory.mktemp("csr"), "/CN=strict-1"))
    body = bytearray(GOOD_REQUEST[0])
    for _ in range(data.draw(st.integers(0, 6))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    raw = data.draw(st.sampled_from([base64.b64encode(body), bytes(body), data.draw(st.binary(max_size=200))]))
    try:
        check_request(parse_request(raw), "strict-1")
    except Refused as refused_:
        assert refused_.word.isidentifier()


def test_a_request_of_another_version_is_refused(tmp_path: Path) -> None:
    body = bytearray(csr(tmp_path, "/CN=strict-1"))
    body[body.index(b"\x02\x01\x00") + 2] = 1  # PKCS#10 knows version 0 only
    with pytest.raises(Refused):
        parse_request(base64.b64encode(body))


def ask(port: int, method: str, path: str, body: bytes, headers: dict[str, str], context: ssl.SSLContext) -> int:
    connection = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=60)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def test_a_door_that_is_rattled_stays_up(private: RunningAuthority, tmp_path: Path) -> None:
    context = ssl.create_default_context(cafile=private.directory / "ca.pem")
    secret = private.token("calm-1").partition(".")[0]
    login = basic("calm-1", secret)
    bodies: list[tuple[bytes, dict[str, str], set[int]]] = [
        (b"", login, {400}),
        (b"!!!", login, {400}),
        (b"A" * (MAX_BASE64 * 3), login, {413}),
        (base64.b64encode(b"\x30\x82\xff\xff" + b"\x00" * 90), login, {400}),
        (b"AAAA", {}, {401}),
        (b"AAAA", {"Authorization": "Basic \x00\x01"}, {400, 401}),
        (b"AAAA", {"Authorization": "Bearer x"}, {401}),
    ]
    for body, headers, statuses in bodies:
        assert ask(private.port, "POST", ENROL, body, headers, context) in statuses
    assert ask(private.port, "GET", ENROL, b"", {}, context) == 405
    assert ask(private.port, "GET", "/../../etc/passwd", b"", {}, context) == 404
    assert ask(private.port, "POST", AGAIN, b"AAAA", {}, context) == 400
    nobody = base64.b64encode(csr(tmp_path, "/CN=nobody"))
    assert ask(private.port, "POST", AGAIN, nobody, {}, context) == 401
    assert private.child.process.poll() is None
    why = [json.loads(line).get("why") for line in (private.directory / "audit.jsonl").read_text().splitlines()]
    assert {"bad_base64", "bad_request", "token_wrong", "no_certificate"} <= set(why)


def test_guessing_is_slowed_down_and_the_audit_stays_short(private: RunningAuthority, tmp_path: Path) -> None:
    context = ssl.create_default_context(cafile=private.directory / "ca.pem")
    body = base64.b64encode(csr(tmp_path, "/CN=guess-1"))
    statuses = [
        ask(private.port, "POST", ENROL, body, basic("guess-1", f"guess{number}"), context)
        for number in range(WRONG + 20)
    ]
    assert statuses == [401] * WRONG + [429] * 20
    assert len((private.directory / "audit.jsonl").read_text().splitlines()) == WRONG


def test_who_is_forgotten_first() -> None:
    pace = Pace(asked=1)
    for number in range(30_000):
        pace.ask(str(number))
    assert len(pace._seen) <= 10_000
    with pytest.raises(Refused):
        pace.ask("29999")


def test_slow_ones_do_not_keep_others_out(private: RunningAuthority) -> None:
    """More connections than there may be, from three addresses, each with half a request: those who come after are
    still answered, and what was too much is hung up on at once."""
    context = ssl.create_default_context(cafile=private.directory / "ca.pem")
    held = []
    for number in range(3 * OF_ONE_ADDRESS):
        with contextlib.suppress(OSError):  # cut while it still speaks
            plain = socket.create_connection(("127.0.0.1", private.port), 60, (f"127.0.0.{2 + number % 3}", 0))
            secure = context.wrap_socket(plain, server_hostname="127.0.0.1")
            held.append(secure)
            secure.sendall(b"POST " + ENROL.encode() + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n")
    open_files = Path(f"/proc/{private.child.process.pid}/fd")
    assert len(list(open_files.iterdir())) < CONNECTIONS + 20
    held[0].settimeout(60)
    assert held[0].recv(1) == b""  # cut
    assert ask(private.port, "GET", "/.well-known/est/cacerts", b"", {}, context) == 200
    for secure in held:
        secure.close()


def test_one_address_does_not_fill_the_door(private: RunningAuthority) -> None:
    """Whoever opens all the connections that they may leaves room for others at that very moment."""
    context = ssl.create_default_context(cafile=private.directory / "ca.pem")
    held = []
    for _ in range(2 * OF_ONE_ADDRESS):
        plain = socket.create_connection(("127.0.0.1", private.port), 60, ("127.0.0.2", 0))
        with contextlib.suppress(OSError):
            held.append(context.wrap_socket(plain, server_hostname="127.0.0.1"))
    assert ask(private.port, "GET", "/.well-known/est/cacerts", b"", {}, context) == 200
    open_files = Path(f"/proc/{private.child.process.pid}/fd")
    assert len(list(open_files.iterdir())) < OF_ONE_ADDRESS + 20
    for secure in held:
        secure.close()


def test_tls_1_1_is_refused(authority: RunningAuthority) -> None:
    line = ("openssl", "s_client", "-connect", f"127.0.0.1:{authority.port}", "-cipher", "ALL:@SECLEVEL=0")
    old = subprocess.run((*line, "-tls1_1"), input=b"", capture_output=True, check=False, timeout=60)
    assert old.returncode != 0
    assert b"Cipher is (NONE)" in old.stdout
    new = subprocess.run((*line, "-tls1_2"), input=b"", capture_output=True, check=False, timeout=60)
    assert b"Cipher is ECDHE" in new.stdout


@pytest.mark.fault("B25", "the ward has revoked the node's certificate")
def test_who_is_revoked_does_not_come_in(private: RunningAuthority, tmp_path: Path) -> None:
    """Not at the authority, and not at a broker that has its list."""
    good, bad = device(tmp_path / "1", "good-1"), device(tmp_path / "2", "bad-1")
    for node in (good, bad):
        assert node.enrol(private.url, private.token(node.id)) == 0
    private.revoke("bad-1")
    crl = private.directory / "crl.pem"
    server = private.server(tmp_path / "broker", "broker", "localhost", "127.0.0.1")
    lines = (f"crlfile {crl}",)
    try:
        ward = Ward.start(
            tmp_path / "ward", WardOptions(tls=server, require_client_cert=True, broker_lines=lines, upload=False)
        )
    except WardError as error:
        pytest.skip(str(error))
    sections = {
        node.id: TlsSection(ca=node.tls / "ca.pem", cert=node.tls / "node.crt", key=node.tls / "node.key")
        for node in (good, bad)
    }
    with ward:
        station = Station(ward.mqtt_url, "good-1", tls=sections["good-1"])
        station.put(1, "camera/v1/ward-1/good-1/cam/gate/event/crowd", {})
        station.until(lambda: station.acked == [1])
        station.close()
        trouble = refused(Station(ward.mqtt_url, "bad-1", tls=sections["bad-1"]))
    assert trouble.code == "broker_tls"
    context = ssl.create_default_context(cafile=private.directory / "ca.pem")
    context.load_cert_chain(bad.tls / "node.crt", bad.tls / "node.key")
    body = base64.b64encode(csr(tmp_path, "/CN=bad-1"))
    assert ask(private.port, "POST", "/.well-known/est/simplereenroll", body, {}, context) == 403


def test_only_one_of_many_with_the_same_token_comes_in(private: RunningAuthority, tmp_path: Path) -> None:
    secret = private.token("race-1").partition(".")[0]
    context = ssl.create_default_context(cafile=private.directory / "ca.pem")
    statuses = []
    for number in range(5):
        folder = tmp_path / str(number)
        folder.mkdir()
        body = base64.b64encode(csr(folder, "/CN=race-1"))
        statuses.append(ask(private.port, "POST", ENROL, body, basic("race-1", secret), context))
    assert sorted(statuses) == [200, 403, 403, 403, 403]
    rows = sqlite3.connect(private.directory / "ca.db").execute("SELECT COUNT(*) FROM certificates").fetchone()
    assert rows == (1,)


def test_a_restart_keeps_the_authority(tmp_path: Path) -> None:
    """And its own certificate follows its names."""
    try:
        first = start_authority(tmp_path / "authority")
    except WardError as error:
        pytest.skip(str(error))
    pem = (first.directory / "ca.pem").read_bytes()
    own = (first.directory / "est.pem").read_bytes()
    token = first.token("stays-1")
    first.child.stop()
    second = start_authority(tmp_path / "authority")
    assert (second.directory / "ca.pem").read_bytes() == pem
    assert (second.directory / "est.pem").read_bytes() == own
    assert device(tmp_path, "stays-1").enrol(second.url, token) == 0
    second.child.stop()
    third = start_authority(tmp_path / "authority", AuthorityOptions(names=("ward.example", "127.0.0.1")))
    third.child.stop()
    assert (second.directory / "est.pem").read_bytes() != own


def test_a_body_that_drips_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    class Drips:
        async def read(self) -> bytes:
            await asyncio.Event().wait()
            return b""

    monkeypatch.setattr(door, "BODY_S", 0.01)
    with pytest.raises(Refused) as caught:
        asyncio.run(door._body(Drips()))  # type: ignore[arg-type]
    assert caught.value.status == 408


def test_a_node_has_the_same_name_here_and_there() -> None:
    assert NODE.pattern == IDENTIFIER


def test_it_needs_what_its_requirements_say() -> None:
    """The authority runs without the agent's own packages."""
    code = "import deploy.ward.ca.__main__, sys; print(*sys.modules)"
    loaded = run(sys.executable, "-c", code, cwd=ROOT).decode().split()
    assert {"aiohttp", "cryptography"} <= set(loaded)
    assert not {"pydantic", "numpy", "av", "httpx"} & set(loaded)


@pytest.mark.fault("B25", "a node was off until its certificate had ended")
def test_a_node_that_was_off_for_months_comes_back_by_its_key(private: RunningAuthority, tmp_path: Path) -> None:
    """Its certificate has ended, TLS lets it in no more; the authority knows its key. No other, and not for ever."""
    running = private
    node, gone = device(tmp_path / "1", "sleeps-1"), device(tmp_path / "2", "gone-1")
    for one in (node, gone):
        assert one.enrol(running.url, running.token(one.id)) == 0
        public = x509.load_pem_x509_certificate((one.tls / "node.crt").read_bytes()).public_key()
        assert isinstance(public, ec.EllipticCurvePublicKey)
        ended = backdated(running.directory, one.id, (-100, -10), public)
        (one.tls / "node.crt").write_bytes(ended.public_bytes(Encoding.PEM))
    running.revoke("gone-1")
    first = (node.tls / "node.crt").read_bytes()

    def errand(one: Device) -> Errand:
        names = (str(one.tls / name) for name in ("ca.pem", "node.crt", "node.key"))
        return Errand(one.id, running.renew_url, *names)

    renew(errand(node))
    assert (node.tls / "node.crt").read_bytes() != first
    with pytest.raises(AgentError):
        renew(errand(gone))
    (node.tls / "node.key").write_bytes(new_key())  # somebody else who says that he is sleeps-1
    with pytest.raises(AgentError):
        renew(errand(node))
    running.child.stop()
    with sqlite3.connect(running.directory / "ca.db") as database:
        database.execute("UPDATE certificates SET ends = ends - ?", (REVIVED_S,))
    register = Register(running.directory / "ca.db")
    with pytest.raises(Refused):
        register.revive("sleeps-1", b"", lambda: x509.load_pem_x509_certificate(first))
