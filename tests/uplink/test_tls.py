"""Certificate faults, each in plain words of its own, the same from the broker and from the upload server.

Real servers: mosquitto and tus for what they show us, and a TLS 1.1 server of this test.
"""

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from agent.clock import Clock
from agent.config.model import TlsSection
from agent.errors import LinkError
from agent.uplink.asking import greet_broker
from agent.uplink.peer import broker, tls_refused
from agent.uplink.tls import client_context, context_of
from deploy.ward import Certificates, Validity, Ward, WardError, WardOptions, issue
from tests.installer.people import wait_for
from tests.uplink.shelf import Shelf, make_clip, make_job
from tests.uplink.station import Station
from tests.uplink.test_mqtt_refused import refused


@dataclass(frozen=True)
class Fault:
    """How it is made, and what both languages must say, in the text and in what to do."""

    name: str
    en: str
    vi: str
    do_en: str
    do_vi: str


FAULTS = (
    Fault("expired", "has expired", "đã hết hạn", "clock says", "đồng hồ của thiết bị đang là"),
    Fault("not yet", "clock is probably wrong", "đồng hồ của thiết bị bị sai", "date -s", "chỉnh giờ"),
    Fault("other ca", "an authority that this node does not trust", "không tin cậy", "`tls.ca`", "`tls.ca`"),
    Fault("other host", "for another host name, not 127.0.0.1", "tên máy khác", "the name that", "đúng tên máy"),
    Fault("key mismatch", "does not belong to the certificate", "không khớp với chứng chỉ", "enrol", "đăng ký lại"),
    Fault("open key", "everybody on this device can read the key", "đọc được khoá", "chmod 640", "chmod 640"),
)


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the authority of these tests lives."""
    return tmp_path_factory.mktemp("tls-faults")


@contextmanager
def faulty(directory: Path, name: str) -> Iterator[tuple[Ward, TlsSection]]:
    """A running ward, and a `tls` section with the fault."""
    try:
        validity = {"expired": Validity(-10, -1), "not yet": Validity(1, 10)}.get(name)
        server = issue(
            directory / "ca", "server", "DNS:other.example" if name == "other host" else "IP:127.0.0.1", validity
        )
        own, another = issue(directory / "ca", "node-1"), issue(directory / "ca", "node-2")
        foreign = issue(directory / "foreign", "server").ca
        ward = Ward.start(directory / "ward", WardOptions(tls=server))
    except WardError as error:
        pytest.skip(str(error))
    if name == "open key":
        own.key.chmod(0o644)
    key = another.key if name == "key mismatch" else own.key
    with ward:
        yield ward, TlsSection(ca=foreign if name == "other ca" else server.ca, cert=own.cert, key=key)


def upload_refused(url: str, tls: TlsSection, directory: Path) -> LinkError:
    shelf = Shelf(make_clip(directory, 1000))
    with pytest.raises(LinkError) as caught:
        make_job(url, shelf, tls=tls).run_once()
    assert shelf.log == [], "nothing was created"
    return caught.value


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
@pytest.mark.fault("B25", "six certificate faults, each in its own words, for messages and clips alike")
def test_each_certificate_fault_has_its_own_words(tmp_path: Path, fault: Fault) -> None:
    with faulty(tmp_path, fault.name) as (ward, tls):
        told = refused(Station(ward.mqtt_url, "faults", tls=tls)), upload_refused(ward.upload_url, tls, tmp_path)
    assert [error.code for error in told] == ["broker_tls", "upload_tls"]
    for error in told:
        assert error.hint is not None
        assert fault.en in error.text.en and fault.vi in error.text.vi
        assert fault.do_en in error.hint.en and fault.do_vi in error.hint.vi
        others = [other for other in FAULTS if other is not fault]
        assert not any(other.en in error.text.en or other.vi in error.text.vi for other in others)
    if fault.name in {"key mismatch", "open key"}:
        assert told[0].text == told[1].text  # about our own files, whoever asks
    else:
        assert "the broker 127.0.0.1:" in told[0].text.en and "the upload server 127.0.0.1:" in told[1].text.en


@pytest.mark.parametrize(
    ("case", "words", "vi"),
    [
        ("expired", "its certificate (`tls.cert`) has expired", "đã hết hạn"),
        ("foreign", "does not accept this node's certificate", "không chấp nhận chứng chỉ của thiết bị này"),
        ("none", "does not accept this node's certificate", "không chấp nhận chứng chỉ của thiết bị này"),
    ],
)
@pytest.mark.fault("B25", "our own certificate: expired, of another authority, none")
def test_our_own_certificate_is_not_accepted(
    tls_ward: Ward, ca: Path, tmp_path: Path, case: str, words: str, vi: str
) -> None:
    own = (
        issue(tmp_path / "other", "node-1")
        if case == "foreign"
        else issue(ca, f"own-{case}", validity=Validity(-9, -1))
    )
    pair: dict[str, Path] = {} if case == "none" else {"cert": own.cert, "key": own.key}
    tls = TlsSection(ca=ca / "ca.pem", **pair)
    broker_error = refused(Station(tls_ward.mqtt_url, "own", tls=tls))
    upload_error = upload_refused(tls_ward.upload_url, tls, tmp_path)
    assert broker_error.code == "broker_tls"
    assert upload_error.code == "upload_tls"
    # An alert may be lost when the server hangs up while we still send; then both name what is likely.
    lost = "ended the secure connection before answering"
    for error in (broker_error, upload_error):
        assert words in error.text.en or (lost in error.text.en and "tls.cert" in str(error.hint and error.hint.en))
        assert lost in error.text.en or vi in error.text.vi
    assert "tls.cert" in str(broker_error)


@pytest.mark.parametrize("reason", ["SSLV3_ALERT_CERTIFICATE_EXPIRED", "sslv3 alert certificate revoked"])
def test_what_to_do_about_our_own_certificate(reason: str) -> None:
    error = tls_refused(reason, broker("ward.example", 8883))
    assert error.hint is not None
    assert "camera-agent enrol" in error.hint.en and "camera-agent enrol" in error.hint.vi


@contextmanager
def old_server(pair: Certificates) -> Iterator[tuple[int, list[str]]]:
    """TLS 1.1 at most; what became of each handshake."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.load_cert_chain(pair.cert, pair.key)
    ends: list[str] = []

    def serve(listening: socket.socket) -> None:
        while True:
            try:
                line, _ = listening.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(line, server_side=True):
                    ends.append("agreed")
            except OSError as error:
                ends.append(type(error).__name__)
                line.close()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, args=(listening,), daemon=True).start()
        yield listening.getsockname()[1], ends
        listening.shutdown(socket.SHUT_RDWR)


def ask_broker(port: int, tls: TlsSection, _: Path) -> LinkError:
    return refused(Station(f"mqtts://127.0.0.1:{port}", "old", tls=tls))


def ask_uploads(port: int, tls: TlsSection, directory: Path) -> LinkError:
    return upload_refused(f"https://127.0.0.1:{port}/files", tls, directory)


@pytest.mark.parametrize("ask", [ask_broker, ask_uploads])
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1")
@pytest.mark.fault("B25", "the server speaks TLS 1.1 at most")
def test_nothing_older_than_tls_1_2(
    pairs: Path, tmp_path: Path, ask: Callable[[int, TlsSection, Path], LinkError]
) -> None:
    try:
        pair = issue(pairs, "old-server")
    except WardError as error:
        pytest.skip(str(error))
    with old_server(pair) as (port, ends):
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.set_ciphers("ALL:@SECLEVEL=0")
        old.minimum_version = ssl.TLSVersion.TLSv1_1
        old.load_verify_locations(pair.ca)
        with socket.create_connection(("127.0.0.1", port)) as line, old.wrap_socket(line, server_hostname="127.0.0.1"):
            pass  # whoever speaks it is let in
        trouble = ask(port, TlsSection(ca=pair.ca), tmp_path)
        wait_for(lambda: len(ends) > 1)  # the server hears of it after the node
    assert "does not speak TLS 1.2 or newer" in trouble.text.en
    assert ends[0] == "agreed"
    assert set(ends[1:]) == {"SSLError"}


@contextmanager
def rude_server(pair: Certificates) -> Iterator[int]:
    """Agrees, hears the first words, and ends the connection so that what it may have said is lost (RST)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.cert, pair.key)

    def serve(listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                line, _ = listening.accept()
                secure = context.wrap_socket(line, server_side=True)
                secure.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                secure.settimeout(0.2)
                with suppress(TimeoutError):
                    secure.recv(1)
                secure.close()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, args=(listening,), daemon=True).start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)


@pytest.mark.fault("B25", "the server hangs up on our certificate, and the line loses why")
def test_an_end_without_a_word_leads_to_our_certificate(pairs: Path, tmp_path: Path) -> None:
    try:
        pair = issue(pairs, "rude-server")
    except WardError as error:
        pytest.skip(str(error))
    tls = TlsSection(ca=pair.ca)
    with rude_server(pair) as port:
        told = [upload_refused(f"https://127.0.0.1:{port}/files", tls, tmp_path)]
        with pytest.raises(LinkError) as caught:
            greet_broker(f"mqtts://127.0.0.1:{port}", tls, Clock())
        told.append(caught.value)
    assert [error.code for error in told] == ["upload_tls", "broker_tls"]
    assert all("tls.cert" in str(error.hint and error.hint.en) for error in told)


def test_certificates_are_judged_alike_by_each_python(pairs: Path) -> None:
    """Python 3.13 refuses what 3.12 takes, unless told."""
    try:
        pair = issue(pairs, "any-server")
    except WardError as error:
        pytest.skip(str(error))
    for context in (client_context(TlsSection(ca=pair.ca), "broker_tls"), context_of(pair.ca.read_text())):
        assert not context.verify_flags & ssl.VERIFY_X509_STRICT
        assert context.verify_flags & ssl.VERIFY_X509_PARTIAL_CHAIN
        assert context.minimum_version == ssl.TLSVersion.TLSv1_2
        assert context.check_hostname and context.verify_mode is ssl.CERT_REQUIRED


def test_files_that_are_not_there_lead_to_enrolment(tmp_path: Path) -> None:
    missing = tmp_path / "node.crt"
    with pytest.raises(LinkError, match=str(missing)) as raised:
        client_context(TlsSection(cert=missing, key=missing), "broker_tls")
    hint = raised.value.hint
    assert hint is not None and "camera-agent enrol" in hint.en and "camera-agent enrol" in hint.vi
