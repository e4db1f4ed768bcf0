"""Lines that flap, portals that answer for the broker, certificates that ran out; nothing of it in plain text."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.config.model import TlsSection
from agent.errors import LinkError
from deploy.ward import Validity, Ward, WardError, WardOptions, issue
from tests.proxy import Proxy
from tests.uplink.shelf import Shelf, make_clip, make_job, run_dry
from tests.uplink.station import Ear, Station

MB = 1_000_000
CUTS = 10
PORTAL = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 16\r\n\r\n<html>pay</html>"
TLS_HANDSHAKE = 0x16


def refused(station: Station) -> LinkError:
    with pytest.raises(LinkError) as caught:
        station.until(lambda: False)
    station.job.close()
    return caught.value


@pytest.mark.fault("B21", "upload: the line is reset ten times on the way")
def test_a_clip_gets_through_a_flapping_line(
    ward: Ward, tmp_path: Path, seed: int, record_property: Callable[[str, object], None]
) -> None:
    chance = random.Random(seed)
    clip = make_clip(tmp_path, 3 * MB, "01JZ000000000000000000F1AP")
    shelf = Shelf(clip)
    cuts = 0
    with Proxy(ward.upload_port) as proxy:
        url = f"http://127.0.0.1:{proxy.port}/files"
        while shelf.clips:
            if cuts < CUTS:
                proxy.reset_at = proxy.sent_up + chance.randrange(100_000, 280_000)
            job = make_job(url, shelf)
            try:
                run_dry(job, shelf)
            except LinkError as error:
                assert error.code == "upload_unreachable"
                cuts += 1
            finally:
                job.close()
        twice = proxy.sent_up / clip.bytes - 1
    (upload,) = [one for one in ward.uploaded() if one.clip == clip.id]
    assert upload.intact()
    assert cuts == CUTS and shelf.log.count("created") == 1 and "failed" not in shelf.log
    assert twice < 0.5, "it goes on where it was"
    record_property("seen", f"{CUTS} resets, {twice:.1%} of the bytes came up twice")


@pytest.mark.fault("B21", "messages: the line is reset ten times on the way")
def test_messages_get_through_a_flapping_line(ward: Ward, seed: int) -> None:
    chance = random.Random(seed)
    with Proxy(ward.mqtt_port) as proxy:
        station = Station(f"mqtt://127.0.0.1:{proxy.port}", "flapping")
        ear = Ear(ward.mqtt_port, station)
        topic = station.topics.event("gate", "crowd")
        rows = set(range(1, 301))
        for row in rows:
            station.put(row, topic, {"row": row, "text": "x" * 500})
        cuts = 0
        while station.rows:
            if cuts < CUTS:
                proxy.reset_at = proxy.sent_up + chance.randrange(2_000, 20_000)
            station.fresh()
            try:
                station.until(station.empty, turns=500)
            except LinkError as error:
                assert error.code == "broker_unreachable"
                cuts += 1
                station.job.close()
                station.memory.rest(0.0)
        ear.wait_rows(topic, rows)
        first = list(dict.fromkeys(ear.rows(topic)))
        station.close()
        ear.close()
    assert cuts > 0 and first == sorted(first), "in their order, though some come twice"


@pytest.mark.fault("B24", "broker: a portal or another server answers in its place")
@pytest.mark.parametrize("answer", [PORTAL, b"SSH-2.0-OpenSSH_9.2\r\n", b"\x00" * 64])
def test_somebody_else_at_the_brokers_address(ward: Ward, answer: bytes) -> None:
    with Proxy(ward.mqtt_port) as proxy:
        proxy.answer = lambda first: answer
        station = Station(f"mqtt://127.0.0.1:{proxy.port}", "portal")
        station.put(1, station.topics.event("gate", "crowd"), {})
        for _ in range(2):  # the second try may be with the older MQTT
            try:
                station.until(lambda: False)
            except LinkError as error:
                assert error.code in {"broker_unreachable", "broker_refused"}
                station.memory.rest(0.0)
            station.fresh()
        assert station.acked == []
        proxy.answer = None
        station.until(station.empty)
        assert station.acked == [1]
        station.close()


def only_tls(sent: list[bytes]) -> Callable[[bytes], bytes | None]:
    def note(first: bytes) -> None:
        sent.append(first)

    return note


@pytest.mark.fault("B25", "the node's own certificate has expired, or is not valid yet")
@pytest.mark.parametrize("validity", [Validity(-10, -1), Validity(1, 10)], ids=["expired", "not yet"])
def test_a_certificate_of_the_node_that_is_not_valid(
    tls_ward: Ward, ca: Path, tmp_path: Path, validity: Validity, request: pytest.FixtureRequest
) -> None:
    own = issue(ca, f"own-{request.node.callspec.id.replace(' ', '-')}", validity=validity)
    tls = TlsSection(ca=own.ca, cert=own.cert, key=own.key)
    sent: list[bytes] = []
    with Proxy(tls_ward.mqtt_port) as proxy:
        proxy.answer = only_tls(sent)
        error = refused(Station(f"mqtts://127.0.0.1:{proxy.port}", "own-cert", tls=tls))
    assert error.code == "broker_tls" and "tls.cert" in str(error)
    assert all(first[0] == TLS_HANDSHAKE for first in sent) and sent


@pytest.mark.fault("B25", "the node's key can be read by everybody")
def test_a_key_for_all_to_read_is_refused(ward: Ward, tmp_path: Path) -> None:
    try:
        own = issue(tmp_path / "ca", "node-1")
    except WardError as error:
        pytest.skip(str(error))
    own.key.chmod(0o644)
    tls = TlsSection(ca=own.ca, cert=own.cert, key=own.key)
    with Proxy(ward.mqtt_port) as proxy:
        trouble = refused(Station(f"mqtts://127.0.0.1:{proxy.port}", "open-key", tls=tls))
        assert proxy.accepted == 0, "nothing was sent"
    assert trouble.code == "broker_tls" and f"chmod 640 {own.key}" in str(trouble)


@pytest.mark.fault("B25", "nothing is ever sent in plain text instead")
def test_no_fallback_to_plain_text(tmp_path: Path) -> None:
    try:
        server = issue(tmp_path / "ca", "server")
        foreign = issue(tmp_path / "other", "server").ca
        running = Ward.start(tmp_path / "ward", WardOptions(tls=server, upload=False))
    except WardError as error:
        pytest.skip(str(error))
    sent: list[bytes] = []
    with running, Proxy(running.mqtt_port) as proxy:
        proxy.answer = only_tls(sent)
        station = Station(f"mqtts://127.0.0.1:{proxy.port}", "no-plain", tls=TlsSection(ca=foreign))
        for _ in range(3):
            assert refused(station).code == "broker_tls"
            station.memory.rest(0.0)
            station.fresh()
    assert len(sent) == 3 and all(first[0] == TLS_HANDSHAKE for first in sent)
    assert not any(b"no-plain" in first for first in sent), "not even its name"
