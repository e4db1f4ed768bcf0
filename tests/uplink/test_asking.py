"""A person asks the ward's servers: they answer, or words say why not. Nobody's place at the broker is taken."""

from pathlib import Path

import pytest

from agent.clock import Clock
from agent.config.model import TlsSection, UploadSection
from agent.errors import LinkError
from agent.uplink.asking import greet_broker, greet_upload
from agent.uplink.login import Login
from deploy.ward import Certificates, Ward, WardOptions, free_port, issue

CLOCK = Clock()


def test_servers_that_answer(ward: Ward) -> None:
    greeted = greet_broker(ward.mqtt_url, TlsSection(), CLOCK)
    assert greeted.name == f"127.0.0.1:{ward.mqtt_port}" and greeted.tls == "" and greeted.ms >= 0
    section = UploadSection(url=ward.upload_url)
    assert greet_upload(section, TlsSection(), None, CLOCK).name == f"127.0.0.1:{ward.upload_port}"


def test_a_whole_handshake_with_our_certificate(tls_ward: Ward, client_certificates: Certificates) -> None:
    papers = client_certificates
    tls = TlsSection(ca=papers.ca, cert=papers.cert, key=papers.key)
    assert greet_broker(tls_ward.mqtt_url, tls, CLOCK).tls.startswith("TLSv1.")
    assert greet_upload(UploadSection(url=tls_ward.upload_url), tls, None, CLOCK).tls == "TLS"


def test_a_broker_that_wants_a_certificate_says_so_after_its_half_of_the_handshake(
    tls_ward: Ward, client_certificates: Certificates
) -> None:
    with pytest.raises(LinkError) as failed:
        greet_broker(tls_ward.mqtt_url, TlsSection(ca=client_certificates.ca), CLOCK)
    assert failed.value.code == "broker_tls" and failed.value.hint is not None


def test_an_authority_that_is_not_trusted(tls_ward: Ward, tmp_path: Path) -> None:
    foreign = issue(tmp_path / "foreign", "other")
    with pytest.raises(LinkError, match="does not trust"):
        greet_broker(tls_ward.mqtt_url, TlsSection(ca=foreign.ca), CLOCK)


def test_nobody_there() -> None:
    port = free_port()
    with pytest.raises(LinkError) as failed:
        greet_broker(f"mqtt://127.0.0.1:{port}", TlsSection(), CLOCK)
    assert failed.value.code == "broker_unreachable" and failed.value.hint is not None
    with pytest.raises(LinkError) as failed:
        greet_upload(UploadSection(url=f"http://127.0.0.1:{port}/files"), TlsSection(), None, CLOCK)
    assert failed.value.code == "upload_unreachable"


def test_an_upload_server_that_refuses_the_login(tmp_path: Path) -> None:
    with Ward.start(tmp_path, WardOptions(logins=(("node-1", "right"),))) as closed:
        section = UploadSection(url=closed.upload_url)
        with pytest.raises(LinkError) as failed:
            greet_upload(section, TlsSection(), Login("node-1", "wrong"), CLOCK)
        assert failed.value.code == "upload_auth"
        assert greet_upload(section, TlsSection(), Login("node-1", "right"), CLOCK).ms > 0
