"""A node enrols with a real authority: what is stored, and what is said when it cannot be."""

import io
import ipaddress
import os
import pty
import socket
import ssl
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs7,
)

from agent.app import enrol as joined
from agent.cli import main
from agent.config.model import TlsSection
from agent.errors import AgentError
from agent.i18n import Text
from agent.identity.request import checked, new_key, request_for
from agent.identity.store import IdentityStore
from agent.identity.token import parse_token
from agent.uplink.tls import client_context
from deploy.ward import Child, Ward, free_port
from deploy.ward.ca import RunningAuthority, start_authority
from deploy.ward.ca.authority import Authority
from tests.identity.conftest import Device, device

ROOT = Path(__file__).parents[2]


@pytest.fixture
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMERA_AGENT_LANG", "en")


def verified(made: Device) -> str:
    """The subject, after openssl has found nothing wrong."""
    done = subprocess.run(
        ["openssl", "verify", "-CAfile", str(made.tls / "ca.pem"), str(made.tls / "node.crt")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    subject = ["openssl", "x509", "-in", str(made.tls / "node.crt"), "-noout", "-subject"]
    return subprocess.run(subject, capture_output=True, text=True, check=True).stdout.strip()


def test_a_token_becomes_a_certificate(
    authority: RunningAuthority, tmp_path: Path, capsys: pytest.CaptureFixture[str], english: None
) -> None:
    node = device(tmp_path, "first-1")
    assert node.enrol(authority.url, authority.token("first-1")) == 0
    said = capsys.readouterr().out
    assert f"renew: {authority.renew_url}" in said
    assert str(node.tls / "node.key") in said
    assert verified(node).endswith("CN = first-1")
    for name in ("ca.pem", "node.crt", "node.key"):
        assert stat.S_IMODE((node.tls / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(node.tls.stat().st_mode) == 0o700
    assert not (node.tls / "pending.key").exists()
    section = TlsSection(ca=node.tls / "ca.pem", cert=node.tls / "node.crt", key=node.tls / "node.key")
    assert client_context(section, "broker_tls").minimum_version is ssl.TLSVersion.TLSv1_2


def test_the_configured_places_are_kept(
    authority: RunningAuthority, tmp_path: Path, capsys: pytest.CaptureFixture[str], english: None
) -> None:
    node = device(tmp_path, "placed-1")
    place = node.data / "own"
    node.configure(ca=str(place / "a.pem"), cert=str(place / "b.pem"), key=str(place / "c.pem"))
    assert node.enrol(authority.url, authority.token("placed-1")) == 0
    client_context(TlsSection(ca=place / "a.pem", cert=place / "b.pem", key=place / "c.pem"), "broker_tls")
    assert "by itself" in capsys.readouterr().out


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_what_root_stores_belongs_to_the_owner_of_the_data(authority: RunningAuthority) -> None:
    with tempfile.TemporaryDirectory() as open_to_all:
        home = Path(open_to_all)
        home.chmod(0o755)
        node = device(home, "owned-1")
        os.chown(node.data, 12345, 12345)
        assert node.enrol(authority.url, authority.token("owned-1")) == 0
        assert {path.lstat().st_uid for path in (node.tls, *node.tls.rglob("*"))} == {12345}


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("wrong", "the token is wrong, or it is another node's"),
        ("of another node", "the token is wrong, or it is another node's"),
        ("used", "the token has been used already"),
        ("expired", "the token has expired"),
        ("enrolled", "a node with this id is enrolled already"),
        ("fingerprint", "somebody may sit between this node and the ward"),
        ("no fingerprint", "does not tell which authority to trust"),
        ("no token", "this is no token"),
        ("elsewhere", "refuses connections"),
        ("plain", "is https://host:port"),
    ],
)
@pytest.mark.fault("B25", "enrolment: a token that is not good, an authority that is another")
def test_a_token_that_is_not_good(
    authority: RunningAuthority,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    english: None,
    case: str,
    words: str,
) -> None:
    name = f"bad-{case.replace(' ', '-')}"
    node = device(tmp_path, name)
    url = authority.url
    token = authority.token(name, *(("--days", "0") if case == "expired" else ()))
    others = {"of another node": "somebody-else", "enrolled": name}
    other = authority.token(others[case]) if case in others else token
    secret, _, fingerprint = token.partition(".")
    if case in {"used", "enrolled"}:
        assert device(tmp_path / "before", name).enrol(url, token) == 0
    token = {
        "wrong": f"x{secret}.{fingerprint}",
        "fingerprint": f"{secret}.{'0' * 64}",
        "no fingerprint": secret,
        "no token": "a.b",
    }.get(case, other)
    url = {"elsewhere": f"https://127.0.0.1:{free_port()}", "plain": url.replace("https", "http")}.get(case, url)
    capsys.readouterr()
    assert node.enrol(url, token) == 1
    said = capsys.readouterr().err
    assert words in said
    assert secret not in said
    assert not (node.tls / "node.crt").exists()


def test_a_token_without_fingerprint_takes_the_authority_from_a_file(
    authority: RunningAuthority, tmp_path: Path
) -> None:
    node = device(tmp_path, "by-file")
    secret = authority.token("by-file").partition(".")[0]
    assert node.enrol(authority.url, secret, "--ca", str(authority.directory / "ca.pem")) == 0
    assert verified(node)


def test_a_wrong_authority_file_is_told_of_as_the_option(
    authority: RunningAuthority,
    tls_ward: Ward,
    ca: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    english: None,
) -> None:
    node = device(tmp_path, "by-wrong-file")
    secret = authority.token("by-wrong-file").partition(".")[0]
    assert node.enrol(authority.url, secret, "--ca", str(ca / "ca.pem")) == 1
    said = capsys.readouterr().err
    assert "`--ca`" in said and "tls.ca" not in said
    assert node.enrol(f"https://127.0.0.1:{tls_ward.mqtt_port}", secret, "--ca", str(ca / "ca.pem")) == 1
    said = capsys.readouterr().err
    assert "the port in --ward" in said and "tls.cert" not in said


def test_a_node_gets_another_certificate_and_the_first_is_revoked(authority: RunningAuthority, tmp_path: Path) -> None:
    node = device(tmp_path, "again-1")
    assert node.enrol(authority.url, authority.token("again-1")) == 0
    first = (node.tls / "node.crt").read_bytes()
    assert node.enrol(authority.url, authority.token("again-1", "--again")) == 0
    second = x509.load_pem_x509_certificate((node.tls / "node.crt").read_bytes())
    revoked = x509.load_pem_x509_crl((authority.directory / "crl.pem").read_bytes())
    old = x509.load_pem_x509_certificate(first)
    assert revoked.get_revoked_certificate_by_serial_number(old.serial_number) is not None
    assert revoked.get_revoked_certificate_by_serial_number(second.serial_number) is None


@pytest.mark.fault("B25", "enrolment: the answer is lost after the token was spent")
def test_an_answer_that_was_lost_costs_no_new_token(
    authority: RunningAuthority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = device(tmp_path, "lost-1")
    token = authority.token("lost-1")

    def lost(*_: object) -> bytes:
        raise AgentError(Text(en="lost", vi="mất"))

    with monkeypatch.context() as broken:
        broken.setattr(joined, "checked", lost)
        assert node.enrol(authority.url, token) == 1
    assert not (node.tls / "node.crt").exists()
    assert stat.S_IMODE((node.tls / "pending.key").stat().st_mode) == 0o600
    assert node.enrol(authority.url, token) == 0
    assert verified(node)
    assert device(tmp_path / "thief", "lost-1").enrol(authority.url, token) == 1


class NeverAnswers:
    """Accepts, and says nothing."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_server(("127.0.0.1", port))
        self.came = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        self._held, _ = self.socket.accept()
        self.came.set()


@pytest.fixture
def mute() -> Iterator[NeverAnswers]:
    made = NeverAnswers(0)
    yield made
    made.socket.close()


@pytest.mark.parametrize("way", ["--token {}", "--token={}"])
def test_ps_does_not_show_a_token(tmp_path: Path, mute: NeverAnswers, way: str) -> None:
    node = device(tmp_path, "shown-1")
    secret = "c4n4ry" * 4
    port = mute.socket.getsockname()[1]
    line = ["enrol", "--ward", f"https://127.0.0.1:{port}", *way.format(f"{secret}.{'0' * 64}").split()]
    child = Child(
        (sys.executable, "-m", "agent", *line, "--config", str(node.config)),
        tmp_path / "log",
        {"PYTHONPATH": str(ROOT)},
    )
    try:
        assert mute.came.wait(60)
        shown = Path(f"/proc/{child.process.pid}/cmdline").read_bytes()
        assert b"enrol" in shown and b"--ward" in shown
        assert secret.encode() not in shown
        assert secret.encode() not in Path(f"/proc/{child.process.pid}/environ").read_bytes()
    finally:
        child.kill()


def backdated(ca: Path, key_of: str, span: tuple[int, int], public: ec.EllipticCurvePublicKey) -> x509.Certificate:
    """A server's or node's certificate of the authority in `ca`, from and to in days from now."""
    signer = load_pem_private_key((ca / "ca.key").read_bytes(), None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    now = datetime.now(timezone.utc)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, key_of)])
    hosts = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(x509.load_pem_x509_certificate((ca / "ca.pem").read_bytes()).subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=span[0]))
        .not_valid_after(now + timedelta(days=span[1]))
        .add_extension(x509.SubjectAlternativeName(hosts), critical=False)
        .sign(signer, hashes.SHA256())
    )


@pytest.mark.fault("B25", "enrolment: the node's clock is behind at its first start")
def test_a_clock_that_is_behind_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str], english: None) -> None:
    """The authority's own certificate begins tomorrow: so it looks to a node whose clock is behind."""
    home = tmp_path / "authority"
    Authority(home)
    key = ec.generate_private_key(ec.SECP256R1())
    cert = backdated(home, "est", (1, 365), key.public_key())
    (home / "est.pem").write_bytes(cert.public_bytes(Encoding.PEM))
    (home / "est.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    running = start_authority(home)
    try:
        node = device(tmp_path, "early-1")
        assert node.enrol(running.url, running.token("early-1")) == 1
    finally:
        running.child.stop()
    said = capsys.readouterr().err
    assert "not valid yet; the node's clock is probably wrong" in said
    assert "sudo date -s" in said
    assert not (node.tls / "node.crt").exists()


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("key", "is for another key"),
        ("name", "is for another node, not node-1"),
        ("authority", "is not from the ward's authority"),
        ("early", "is not valid yet; the node's clock is probably wrong"),
        ("late", "has expired already"),
        ("use", "is not for clients"),
        ("nothing", "cannot be read"),
        ("version", "cannot be read"),
    ],
)
def test_a_certificate_is_looked_at_before_it_is_kept(tmp_path: Path, case: str, words: str) -> None:
    authority, other = Authority(tmp_path / "ca"), Authority(tmp_path / "other")
    key = new_key()
    public = x509.load_der_x509_csr(request_for("node-1", key)).public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    good = authority.sign_node("node-1", public)

    def answer(cert: x509.Certificate) -> bytes:
        return pkcs7.serialize_certificates([cert], Encoding.DER)

    ca_pem = authority.ca.read_bytes()
    assert checked(answer(good), ca_pem, key, "node-1") == good.public_bytes(Encoding.PEM)
    server = authority.server(tmp_path, "srv", ("localhost",))
    server_key = server.key.read_bytes()
    wrong = {
        "key": (answer(good), new_key()),
        "name": (answer(authority.sign_node("node-2", public)), key),
        "authority": (answer(other.sign_node("node-1", public)), key),
        "early": (answer(backdated(tmp_path / "ca", "node-1", (1, 10), public)), key),
        "late": (answer(backdated(tmp_path / "ca", "node-1", (-10, -1), public)), key),
        "use": (answer(x509.load_pem_x509_certificate(server.cert.read_bytes())), server_key),
        "nothing": (b"nonsense", key),
        "version": (answer(good).replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x07", 1), key),  # 3 is sent as 2
    }
    body, own = wrong[case]
    with pytest.raises(AgentError) as caught:
        checked(body, ca_pem, own, "srv" if case == "use" else "node-1")
    assert words in caught.value.text.en


def test_key_and_certificate_in_two_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(AgentError) as caught:
        IdentityStore(tmp_path / "ca", tmp_path / "a/cert", tmp_path / "b/key")
    assert "different folders" in caught.value.text.en


@pytest.mark.parametrize("told", ["", ".", "a b", "a." + "g" * 64, "a." + "0" * 63, "a" * 300])
def test_what_is_no_token(told: str) -> None:
    with pytest.raises(AgentError):
        parse_token(told)


def test_a_token_does_not_show() -> None:
    token = parse_token("s3cret." + ":".join(["AB"] * 32) + "\n")
    assert (token.secret, token.fingerprint) == ("s3cret", "ab" * 32)
    assert "s3cret" not in repr(token)


def test_a_typed_token_does_not_show(authority: RunningAuthority, tmp_path: Path) -> None:
    node = device(tmp_path, "typed-1")
    token = authority.token("typed-1")
    line = ("enrol", "--ward", authority.url, "--config", str(node.config))
    terminal, end = pty.openpty()
    child = subprocess.Popen(
        (sys.executable, "-m", "agent", *line),
        cwd=ROOT,
        stdin=end,
        stdout=end,
        stderr=end,
        start_new_session=True,  # with no other terminal to ask at
        env={**os.environ, "CAMERA_AGENT_LANG": "en"},
    )
    os.close(end)
    said = b""
    while b"Token (not shown): " not in said:
        said += os.read(terminal, 1000)
    os.write(terminal, token.encode() + b"\n")
    while b"typed-1 is enrolled until" not in said:
        said += os.read(terminal, 1000)
    assert child.wait(60) == 0
    os.close(terminal)
    assert token.partition(".")[0].encode() not in said
    assert verified(node)


@pytest.mark.parametrize("option", ["--token", "--token-file"])
def test_a_token_from_standard_input(
    authority: RunningAuthority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    name = f"stdin{option.replace('-', '')}"
    node = device(tmp_path, name)
    monkeypatch.setattr(sys, "stdin", io.StringIO(authority.token(name) + "\n"))
    assert main(["enrol", "--ward", authority.url, option, "-", "--config", str(node.config)]) == 0
    assert verified(node)
