"""What a broker may have against us, each told apart: login, rights, version, identity, TLS."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.config.model import TlsSection
from agent.errors import LinkError
from agent.uplink import LinkMemory, LinkStats, Login
from agent.worker import Outcome
from deploy.ward import Certificates, Validity, Ward, WardError, WardOptions, issue
from tests.proxy import Proxy
from tests.uplink.shelf import Shelf, make_clip, make_job
from tests.uplink.station import SkippingClock, Station

RULES = """
user cam
topic readwrite camera/v1/ward-1/rights/#
topic deny camera/v1/ward-1/rights/cam/secret/#
"""
OLD_CONNACK = b"\x20\x02\x00\x01"


@pytest.fixture(scope="module")
def closed_ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    """Wants a login, and lets `cam` write only some topics."""
    directory = tmp_path_factory.mktemp("closed-ward")
    rules = directory / "acl"
    rules.write_text(RULES)
    options = WardOptions(logins=(("cam", "right"),), broker_lines=(f"acl_file {rules}",), upload=False)
    try:
        running = Ward.start(directory, options)
    except WardError as error:
        pytest.skip(str(error))
    with running:
        yield running


def refused(station: Station) -> LinkError:
    with pytest.raises(LinkError) as caught:
        station.until(lambda: False)
    station.job.close()
    return caught.value


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
@pytest.mark.parametrize("login", [None, Login("cam", "canary"), Login("who", "right")])
@pytest.mark.fault("B23", "a wrong login")
def test_a_wrong_login_is_told_and_tried_again_slowly(closed_ward: Ward, login: Login | None, protocol: str) -> None:
    station = Station(closed_ward.mqtt_url, "login", login, protocol=protocol)
    error = refused(station)
    assert error.code == "broker_auth"
    assert "canary" not in f"{error} {error!r} {error.__cause__!r} {login!r}"
    assert station.memory.wait_s() > 55
    station.stop.set()
    assert station.fresh().run_once() is Outcome.IDLE


@pytest.mark.fault("B23", "a message is refused")
def test_a_message_that_the_broker_refuses_is_kept_and_does_not_block_the_rest(closed_ward: Ward) -> None:
    login = Login("cam", "right")
    station = Station(closed_ward.mqtt_url, "rights", login, keepalive="600s")
    allowed, denied = (f"camera/v1/ward-1/rights/cam/{cam}/event/crowd" for cam in ("gate", "secret"))
    for row in range(10):
        station.put(row, denied if row % 2 else allowed, {"row": row})
    station.until(lambda: sorted(station.acked) == [0, 2, 4, 6, 8] and len(station.reports) >= 5)
    assert sorted(station.rows) == [1, 3, 5, 7, 9]
    assert set(station.reports) == {("mqtt-publish", "broker_refused")}
    assert len(station.reports) == 5
    handed = len(station.handed)
    station.put(10, allowed, {})
    station.until(lambda: 10 in station.acked)
    assert station.handed[handed:] == [10]  # the refused ones rest
    station.clock.skipped_s = 61.0
    for row in list(station.rows):
        station.put(row, allowed, {"row": row})  # the broker's rules were put right
    station.until(lambda: not station.rows)
    assert station.reports[-1] == ("mqtt-publish", "cleared")
    station.close()


def only_311(first: bytes) -> bytes | None:
    return OLD_CONNACK if b"MQTT\x05" in first else None


def hangs_up(first: bytes) -> bytes | None:
    return b"" if b"MQTT\x05" in first else None


@pytest.mark.parametrize("answer", [only_311, hangs_up])
def test_an_old_broker_gets_311_and_is_remembered(ward: Ward, answer: object) -> None:
    with Proxy(ward.mqtt_port) as proxy:
        proxy.answer = answer  # type: ignore[assignment]
        station = Station(f"mqtt://127.0.0.1:{proxy.port}", "old")
        station.until(lambda: station.memory.stats.state().connected)
        assert station.memory.stats.state().protocol == "3.1.1"
        station.job.close()
        accepted = proxy.accepted
        station.fresh()
        station.until(lambda: station.memory.stats.state().connected)
        assert proxy.accepted == accepted + 1
        station.close()


def test_an_old_broker_and_a_fixed_version(ward: Ward) -> None:
    with Proxy(ward.mqtt_port) as proxy:
        proxy.answer = only_311
        station = Station(f"mqtt://127.0.0.1:{proxy.port}", "fixed", protocol="5")
        assert "mqtt.protocol" in str(refused(station))


def test_a_broker_that_hangs_up_on_everybody_is_not_taken_for_an_old_one(ward: Ward) -> None:
    with Proxy(ward.mqtt_port) as proxy:
        proxy.answer = lambda first: b""
        station = Station(f"mqtt://127.0.0.1:{proxy.port}", "nobody")
        assert refused(station).code == "broker_unreachable"
    assert station.memory.version() == "5"


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
@pytest.mark.fault("B26", "two agents with one id")
def test_two_nodes_with_one_id_are_found_out(ward: Ward, protocol: str) -> None:
    one, two = (Station(ward.mqtt_url, "twin", protocol=protocol) for _ in range(2))
    codes = []
    for turn in range(3):
        for station in (one, two):
            station.put(turn, station.topics.state("gate", "crowd"), {})
            station.until(station.empty)
        codes.append(refused(one).code)
        two.job.close()
        one.fresh()
        two.fresh()
    assert codes == ["broker_unreachable", "broker_unreachable", "duplicate_identity"]
    assert one.memory.wait_s() > 295


def test_a_kick_after_a_long_time_is_no_twin() -> None:
    memory = LinkMemory(SkippingClock(), LinkStats())
    assert [memory.kicked(after_s) for after_s in (1.0, 1.0, 100.0, 1.0, 1.0, 1.0)] == [False] * 5 + [True]


@pytest.mark.fault("B26", "a crashing broker is not taken for a twin")
def test_a_broker_that_keeps_crashing_is_no_twin() -> None:
    memory = LinkMemory(SkippingClock(), LinkStats())
    for _ in range(5):
        assert not memory.kicked(1.0)
        assert not memory.kicked(1.0)
        memory.unreachable()  # while it restarts, its port is closed


@pytest.mark.fault("B18", "nobody listens; the name is unknown to DNS")
@pytest.mark.fault("B24", "nobody listens; the name is unknown to DNS")
def test_nobody_there() -> None:
    assert "DNS" in str(refused(Station("mqtt://no-such-host.invalid", "nobody")))
    assert refused(Station("mqtt://127.0.0.1:1", "nobody")).code == "broker_unreachable"


def section(certificates: Certificates) -> TlsSection:
    return TlsSection(ca=certificates.ca, cert=certificates.cert, key=certificates.key)


def test_tls_with_a_certificate_of_the_node(tls_ward: Ward, client_certificates: Certificates, tmp_path: Path) -> None:
    tls = section(client_certificates)
    station = Station(tls_ward.mqtt_url, "secure", tls=tls)
    station.put(1, "camera/v1/ward-1/secure/cam/gate/event/crowd", {})
    station.until(lambda: station.acked == [1])
    station.close()
    shelf = Shelf(make_clip(tmp_path, 500_000))
    job = make_job(tls_ward.upload_url, shelf, tls=tls)
    while shelf.clips:
        job.run_once()
    job.close()
    assert tls_ward.uploaded()[-1].intact()


@pytest.mark.fault("B25", "no client certificate")
def test_tls_without_a_certificate_of_the_node(tls_ward: Ward, ca: Path, tmp_path: Path) -> None:
    tls = TlsSection(ca=ca / "ca.pem")
    error = refused(Station(tls_ward.mqtt_url, "no-cert", tls=tls))
    assert error.code == "broker_tls"
    assert "tls.cert" in str(error)
    with pytest.raises(LinkError) as caught:
        make_job(tls_ward.upload_url, Shelf(make_clip(tmp_path, 1000)), tls=tls).run_once()
    assert caught.value.code == "upload_tls"


@pytest.mark.parametrize(
    ("case", "words"),
    [("other-ca", "tls.ca"), ("host", "127.0.0.1"), ("expired", "expired"), ("future", "clock")],
)
@pytest.mark.fault("B25", "server: wrong CA, wrong host, expired, not yet valid")
def test_a_server_that_cannot_be_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str, words: str
) -> None:
    monkeypatch.setenv("CAMERA_AGENT_LANG", "en")
    validity = {"expired": Validity(-10, -1), "future": Validity(1, 10)}.get(case)
    try:
        hosts = "DNS:other.example" if case == "host" else "IP:127.0.0.1"
        server = issue(tmp_path / "ca", "server", hosts, validity)
        trusted = issue(tmp_path / "other", "server").ca if case == "other-ca" else server.ca
        running = Ward.start(tmp_path / "ward", WardOptions(tls=server))
    except WardError as error:
        pytest.skip(str(error))
    tls = TlsSection(ca=trusted)
    shelf = Shelf(make_clip(tmp_path, 1000))
    with running:
        trouble = refused(Station(running.mqtt_url, "trust", tls=tls))
        with pytest.raises(LinkError) as caught:
            make_job(running.upload_url, shelf, tls=tls).run_once()
    assert (trouble.code, caught.value.code) == ("broker_tls", "upload_tls")
    assert words in str(trouble)
    assert words in str(caught.value)
    assert shelf.log == []


@pytest.mark.fault("B25", "plain text where TLS is meant")
def test_plain_text_where_tls_is_meant(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    error = refused(Station(ward.mqtt_url.replace("mqtt:", "mqtts:"), "plain"))
    assert error.code in {"broker_tls", "broker_unreachable"}  # mosquitto just hangs up


@pytest.mark.parametrize("damage", ["missing ca", "empty ca", "missing key", "foreign key"])
@pytest.mark.fault("B25", "CA missing or empty, key missing or of another certificate")
def test_certificates_that_cannot_be_used_name_the_file(ca: Path, tmp_path: Path, damage: str) -> None:
    try:
        good = issue(tmp_path / "ca", "node-1")
        foreign = issue(tmp_path / "ca", "node-2")
    except WardError as error:
        pytest.skip(str(error))
    empty = tmp_path / "empty.pem"
    empty.touch()
    sections = {
        "missing ca": TlsSection(ca=tmp_path / "nowhere.pem"),
        "empty ca": TlsSection(ca=empty),
        "missing key": TlsSection(ca=good.ca, cert=good.cert, key=tmp_path / "nowhere.key"),
        "foreign key": TlsSection(ca=good.ca, cert=good.cert, key=foreign.key),
    }
    trouble = refused(Station("mqtts://127.0.0.1:1", "files", tls=sections[damage]))
    assert trouble.code == "broker_tls"
    assert str(tmp_path) in str(trouble)


@pytest.mark.fault("B23", "the subscription is refused")
def test_commands_that_may_not_be_heard_are_reported(closed_ward: Ward) -> None:
    station = Station(closed_ward.mqtt_url, "elsewhere", Login("cam", "right"))
    station.until(lambda: bool(station.reports))
    assert ("mqtt-publish", "broker_refused") in station.reports
    station.close()
