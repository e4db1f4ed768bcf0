import itertools
import random
import threading
from pathlib import Path

import pytest

from agent.contract.health import HealthMessage
from agent.errors import StorageError
from agent.health.conditions import Conditions
from agent.health.faults import FaultBoard, FaultNotice
from agent.health.job import HealthDesk, HealthJob
from agent.health.status import NodeIdentity, StatusFile, places, read_status
from agent.i18n import Text
from agent.worker import Outcome
from tests.health.hands import HandClock, report_of


class Patience(threading.Event):
    """A stop event whose wait moves the hand clock, as time would."""

    def __init__(self, clock: HandClock) -> None:
        super().__init__()
        self._clock = clock

    def wait(self, timeout: float | None = None) -> bool:
        self._clock.go(timeout or 0.0)
        return self.is_set()


class Node:
    def __init__(self, tmp_path: Path, interval_s: float, insecure: bool = False) -> None:
        self.clock = HandClock()
        self.published: list[tuple[float, HealthMessage]] = []
        self.told: list[FaultNotice] = []
        self.refuse = False
        self.candidates = places(tmp_path, {}, run=tmp_path)
        faults = FaultBoard(self.clock, self.told.append)
        desk = HealthDesk(
            report=report_of(tmp_path, self.clock, insecure=insecure),
            conditions=Conditions(faults, self.clock),
            faults=faults,
            status=StatusFile("gate-12", self.candidates),
            publish=self.publish,
            who=NodeIdentity("gate-12", "ward-1", "0.1.0"),
        )
        self.stop = Patience(self.clock)
        self.job = HealthJob(desk, interval_s, self.clock, self.stop, random.Random(7))

    def publish(self, report: HealthMessage) -> None:
        if self.refuse:
            raise StorageError(Text(en="full", vi="đầy"), code="disk_full")
        self.published.append((self.clock.mono_s(), report))

    def run(self, seconds: float) -> None:
        end_s = self.clock.mono_s() + seconds
        while self.clock.mono_s() < end_s:
            assert self.job.run_once() is Outcome.WORKED


def test_reports_come_every_interval_give_or_take_a_tenth(tmp_path: Path) -> None:
    node = Node(tmp_path, 60.0)
    node.run(1800)
    times = [at_s for at_s, _ in node.published]
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert times[0] - 1000.0 <= 8
    assert all(54.0 <= gap <= 70.0 for gap in gaps)
    assert len(set(gaps)) > 1


def test_the_status_file_is_fresh_between_reports(tmp_path: Path) -> None:
    node = Node(tmp_path, 3600.0, insecure=True)
    node.run(100)
    status = read_status("gate-12", node.candidates, node.clock)
    assert status.running(node.clock)
    assert status.age_s(node.clock) == pytest.approx(0, abs=2.1)
    assert [fault.code for fault in status.faults] == ["insecure_link"]
    assert len(node.published) == 1


def test_faults_go_out_without_waiting_for_a_report(tmp_path: Path) -> None:
    node = Node(tmp_path, 3600.0, insecure=True)
    assert node.job.run_once() is Outcome.WORKED
    assert [notice.code for notice in node.told] == ["insecure_link"]
    assert node.published == []


def test_a_spool_that_refuses_is_raised_but_the_status_stands(tmp_path: Path) -> None:
    node = Node(tmp_path, 1.0)
    node.refuse = True
    with pytest.raises(StorageError):
        node.run(10)
    assert read_status("gate-12", node.candidates, node.clock).running(node.clock)


def test_a_stopped_job_does_nothing_more(tmp_path: Path) -> None:
    node = Node(tmp_path, 1.0)
    node.stop.set()
    assert node.job.run_once() is Outcome.IDLE
    assert node.published == []
    node.job.close()


def test_the_status_file_says_whether_the_clock_is_set(tmp_path: Path) -> None:
    node = Node(tmp_path, 60.0)
    for right in (False, True):
        node.clock.is_trusted = right
        node.run(10.0)
        assert read_status("gate-12", node.candidates, node.clock).clock_set is right
