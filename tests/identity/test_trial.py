"""New papers are on trial until the ward lets them in; those that it refuses give way to the ones before."""

from pathlib import Path

import pytest

from agent.app.identity import OwnCertificate, Witness
from agent.config.model import Config, TlsSection
from agent.errors import AgentError, LinkError
from agent.i18n import Text
from agent.identity.store import CA, CERT, KEY, IdentityStore, Papers
from agent.uplink.peer import broker, explain, tls_cut_short, tls_refused
from agent.values import LinkState
from deploy.ward import Ward, WardError, WardOptions, issue
from tests.health.hands import HandClock
from tests.identity.test_store import pair, papers, there
from tests.uplink.station import Station

PEER = broker("ward.example", 8883)
NOT_OURS = (
    tls_refused("TLSV1_ALERT_UNKNOWN_CA", PEER),
    tls_refused("SSLV3_ALERT_CERTIFICATE_EXPIRED", PEER),
    tls_cut_short(PEER),
)


class Reports:
    def __init__(self) -> None:
        self.raised_: list[tuple[str, str]] = []

    def raised(self, source: str, error: AgentError) -> None:
        self.raised_.append((source, error.code))

    def cleared(self, source: str) -> None:
        self.raised_.append((source, "cleared"))


class Home:
    def __init__(self, directory: Path) -> None:
        self.folder = directory / "tls"
        self.store = IdentityStore(self.folder / CA, self.folder / CERT, self.folder / KEY)
        self.old, self.new = papers(pair(directory, "old")), papers(pair(directory, "new"))
        self.store.put(self.old)
        self.link = LinkState(connected=True, reconnects=3)
        self.renewed = 0
        names = {"ca": str(self.folder / CA), "cert": str(self.folder / CERT), "key": str(self.folder / KEY)}
        document = {
            "node": {"id": "node-1", "ward": "ward-1", "data_dir": str(directory)},
            "mqtt": {"url": "mqtts://ward.example"},
            "tls": names,
            "retention": {"max_days": 30},
            "cameras": [{"id": "gate", "source": "rtsp://192.168.1.64/stream"}],
        }
        self.own = OwnCertificate(Config.model_validate(document), None, self._renewed, lambda: self.link)
        self.reports = Reports()
        self.witness = self.own.witness(self.reports)

    def _renewed(self) -> None:
        self.renewed += 1


def test_who_was_let_in_with_the_new_ones_keeps_them(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.own.state()
    assert home.renewed == 0
    home.store.put(home.new)
    home.own.state()
    assert (home.renewed, home.store.on_trial) == (1, True)
    home.own.state()  # the old connection stands: that proves nothing
    assert home.store.on_trial
    home.link = LinkState(connected=False, reconnects=3)
    home.own.state()
    assert home.store.on_trial
    home.link = LinkState(connected=True, reconnects=4)
    home.own.state()
    assert not home.store.on_trial and there(home.folder) == home.new
    assert home.renewed == 1


@pytest.mark.parametrize("error", NOT_OURS, ids=str)
@pytest.mark.fault("B25", "the broker does not accept the renewed certificate")
def test_what_the_broker_does_not_want_gives_way(tmp_path: Path, error: LinkError) -> None:
    home = Home(tmp_path)
    home.store.put(home.new)
    home.own.state()
    home.witness.raised("mqtt", error)
    assert there(home.folder) == home.new  # once is no proof
    home.witness.raised("mqtt", error)
    assert there(home.folder) == home.old and not home.store.on_trial
    assert home.reports.raised_[-1] == ("renewal", "certificate_renewal")
    home.own.state()
    assert home.renewed == 2  # and is shown the one before
    home.witness.raised("mqtt", error)
    home.witness.raised("mqtt", error)
    assert there(home.folder) == home.old


def test_a_line_that_is_away_takes_nothing_back(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.store.put(home.new)
    away = explain(ConnectionRefusedError(), PEER, HandClock())
    for _ in range(5):
        home.witness.raised("mqtt", away)
        home.witness.raised("mqtt", AgentError(Text(en="x", vi="x"), code="broker_tls"))
    assert there(home.folder) == home.new and home.store.on_trial


def test_a_broker_of_the_old_authority_keeps_its_node(tmp_path: Path) -> None:
    """Against a real broker: a renewal by an authority that it does not know leaves the node connected in the end."""
    try:
        server, first = issue(tmp_path / "ca", "server"), issue(tmp_path / "ca", "node-1")
        foreign = issue(tmp_path / "other", "node-1")
        ward = Ward.start(tmp_path / "ward", WardOptions(tls=server, require_client_cert=True, upload=False))
    except WardError as error:
        pytest.skip(str(error))
    home = Home(tmp_path)
    home.store.put(Papers(server.ca.read_bytes(), first.cert.read_bytes(), first.key.read_bytes()))
    home.store.accept()
    reports = Reports()
    witness = Witness(reports, home.store, None)
    with ward:
        section = TlsSection(ca=home.folder / CA, cert=home.folder / CERT, key=home.folder / KEY)
        station = Station(ward.mqtt_url, "node-1", tls=section)
        topic = station.topics.event("gate", "crowd")
        station.put(1, topic, {"row": 1})
        station.until(station.empty)
        home.store.put(Papers(server.ca.read_bytes(), foreign.cert.read_bytes(), foreign.key.read_bytes()))
        station.memory.renewed()
        station.put(2, topic, {"row": 2})
        while station.rows:
            try:
                station.until(station.empty)
            except LinkError as error:
                witness.raised("mqtt", error)
                station.job.close()
                station.fresh()
                station.memory.rest(0.0)
        station.close()
    assert station.acked == [1, 2]
    assert ("renewal", "certificate_renewal") in reports.raised_
