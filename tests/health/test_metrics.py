"""Figures for Prometheus: read by its own parser, bounded, without secrets; the port answers this machine only."""

import http.client
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from agent.app.metrics import EVERY_S, Figures
from agent.clock import Clock
from agent.config.metrics import MetricsSection
from agent.contract.catalogue_node import NODE_FAULTS
from agent.contract.faults import CODES, describe
from agent.contract.health import HealthMessage
from agent.errors import AgentError, Retryable
from agent.health.faults import Fault
from agent.health.metrics import exposition
from agent.health.metrics_port import LONGEST, MetricsJob
from agent.health.status import NodeIdentity
from agent.worker import Outcome
from tests.health.hands import HandClock
from tests.health.test_checks import GOOD

WHO = NodeIdentity('gate-"12"\\', "ward-1", "0.1.0")
REPORT = HealthMessage.model_validate(GOOD)


def faults(*codes: str) -> tuple[Fault, ...]:
    now = HandClock().now()
    entries = [describe(code) for code in codes]
    return tuple(Fault(each.code, each.severity, now, (), each.text, each.remedy) for each in entries)


def parsed(text: bytes) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    found: dict[tuple[str, tuple[tuple[str, str], ...]], float] = {}
    for family in text_string_to_metric_families(text.decode()):
        assert family.type in ("gauge", "counter") and family.documentation
        for sample in family.samples:
            key = (sample.name, tuple(sorted(sample.labels.items())))
            assert key not in found, key
            found[key] = sample.value
    return found


def test_prometheus_reads_every_line() -> None:
    text = exposition(REPORT, faults("too_hot", "disk_full"), WHO)
    found = parsed(text)
    lines = [line for line in text.decode().splitlines() if not line.startswith("#")]
    assert len(found) == len(lines) > 35
    labels = (("node", WHO.node), ("version", "0.1.0"), ("ward", "ward-1"))
    assert found["camera_agent_info", labels] == 1
    assert found["camera_agent_camera_ok", (("cam", "gate"),)] == 1
    assert found["camera_agent_camera_inference_seconds", (("cam", "gate"),)] == pytest.approx(0.04)
    assert found["camera_agent_disk_free_bytes", ()] == 9e9
    assert found["camera_agent_faults_open", ()] == 2
    assert found["camera_agent_fault", (("code", "disk_full"), ("severity", "alert"))] == 1
    counters = {family.name for family in text_string_to_metric_families(text.decode()) if family.type == "counter"}
    assert {name for name, _ in found if name.endswith("_total")} == {f"{name}_total" for name in counters}


def test_what_the_board_does_not_tell_is_left_out() -> None:
    bare = {key: GOOD[key] for key in ("at_utc", "agent", "spool")}
    found = {name for name, _ in parsed(exposition(HealthMessage.model_validate(bare), (), WHO))}
    assert not {name for name in found if "temperature" in name or "disk" in name or "camera_agent_camera" in name}
    assert "camera_agent_uptime_seconds" in found


def test_the_number_of_series_is_bounded_and_nothing_private_is_in_them() -> None:
    cams = [GOOD["cams"][0] | {"id": f"cam-{number}"} for number in range(8)]
    report = HealthMessage.model_validate(GOOD | {"cams": cams, "net": GOOD["net"] | {"ssid_hash": "canary-ssid"}})
    text = exposition(report, faults(*sorted(CODES)), WHO)
    assert len(parsed(text)) < 8 * 12 + len(CODES) + 50
    assert len(text) < 40_000
    assert b"canary" not in text


class Raised:
    """Reporter."""

    def __init__(self) -> None:
        self.now: AgentError | None = None

    def raised(self, source: str, error: AgentError) -> None:
        self.now = error

    def cleared(self, source: str) -> None:
        self.now = None


def test_the_file_is_replaced_whole_and_readable_by_all(tmp_path: Path) -> None:
    path, clock, reporter = tmp_path / "prom/node.prom", HandClock(), Raised()
    before = os.umask(0o077)
    try:
        figures = Figures(MetricsSection(textfile=path), WHO, reporter, clock)
        figures.take(REPORT, lambda: ())
        first = path.stat().st_ino
        figures.take(REPORT, lambda: faults("too_hot"))
        assert path.stat().st_ino == first, "not at each look: the file may lie on a card"
        clock.go(EVERY_S)
        figures.take(REPORT, lambda: faults("too_hot"))
    finally:
        os.umask(before)
    assert path.stat().st_ino != first and path.stat().st_mode & 0o777 == 0o644
    assert b'code="too_hot"' in path.read_bytes() == figures.page()
    assert [each.name for each in path.parent.iterdir()] == ["node.prom"]
    path.unlink()
    path.mkdir()  # it cannot be replaced any more
    clock.go(EVERY_S)
    figures.take(REPORT, lambda: ())
    assert reporter.now is not None and reporter.now.code == "metrics_failed" in NODE_FAULTS
    path.rmdir()
    clock.go(EVERY_S)
    figures.take(REPORT, lambda: ())
    assert reporter.now is None


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine is nobody who says nothing."""
    monkeypatch.setattr("agent.health.metrics_port.REQUEST_S", 60.0)


@contextmanager
def served(page: bytes) -> Iterator[MetricsJob]:
    """The job, turned by a thread as its worker would."""
    job, stop = MetricsJob(0, lambda: page, Clock()), threading.Event()

    def turn() -> None:
        while not stop.is_set():
            job.run_once()

    thread = threading.Thread(target=turn)
    thread.start()
    try:
        yield job
    finally:
        stop.set()
        thread.join(60)
        job.close()


def asked(port: int, method: str = "GET", path: str = "/metrics", **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    read = answer.status, answer.read()
    connection.close()
    return read


def test_the_port_answers_this_machine_under_its_own_name_only() -> None:
    with served(b"a 1\n") as job:
        assert asked(job.port) == (200, b"a 1\n")
        assert asked(job.port, path="/metrics?x=1", Host=f"localhost:{job.port}") == (200, b"a 1\n")
        assert asked(job.port, "HEAD") == (200, b"")
        assert asked(job.port, path="/") == (404, b"")
        assert asked(job.port, "POST")[0] == 405
        assert asked(job.port, Host="evil.example")[0] == 403
        for nonsense in (b"", b"\r\n\r\n", b"GET\r\n\r\n", b"\x00" * LONGEST, b"GET /metrics HTTP/1.1\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", job.port), 60) as client:
                client.sendall(nonsense)
                client.shutdown(socket.SHUT_WR)
                assert b"a 1" not in client.recv(1000)
        assert asked(job.port)[0] == 200, "and it goes on"
        bound = job._server.getsockname()[0]
    assert bound == "127.0.0.1"


def test_a_port_that_is_taken_is_a_fault_with_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(Retryable) as failed:
        MetricsJob(other.getsockname()[1], bytes, Clock())
    assert failed.value.code == "metrics_failed" and failed.value.hint is not None


def test_somebody_who_says_nothing_does_not_hold_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    clock: Any = HandClock()
    job = MetricsJob(0, lambda: b"a 1\n", clock)
    monkeypatch.setattr("agent.health.metrics_port.REQUEST_S", 0.05)
    with socket.create_connection(("127.0.0.1", job.port), 60):
        assert job.run_once() is Outcome.WORKED  # it tells its port
        assert job.run_once() is Outcome.IDLE
    job.close()


@pytest.mark.parametrize(
    ("given", "field"),
    [({}, ()), ({"textfile": "/a.prom", "port": 1}, ("port",)), ({"textfile": "/a.txt"}, ("textfile",))],
)
def test_one_way_and_a_name_that_is_read(given: dict[str, Any], field: tuple[str, ...]) -> None:
    assert [problem.path for problem in MetricsSection.problems(given)] == [field]
