"""When a renewal is tried, how often, and what is told of it."""

import json
import random
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path
from threading import Event
from typing import Literal

import pytest

from agent.contract.health import CertificateHealth
from agent.errors import AgentError
from agent.health.conditions import Conditions, certificate_fault
from agent.health.faults import FaultBoard, FaultNotice
from agent.health.report import certificate_health
from agent.i18n import Text
from agent.identity.renewal import DAY_S, Plan, Renewal, RenewalJob
from agent.identity.validity import validity_of
from agent.values import CertificateState, Severity
from agent.worker import Outcome
from tests.health.hands import HandClock
from tests.identity.test_validity import certificate

DAY_NS = 86_400 * 10**9
LIFE_DAYS = 90


class Tries:
    """Children that end as they are told to."""

    def __init__(self, *ends: AgentError | Literal["running", "done"]) -> None:
        self.ends = list(ends)
        self.begun = 0
        self.stopped = 0

    def start(self) -> "Tries":
        self.begun += 1
        return self

    def result(self) -> AgentError | Literal["running", "done"]:
        return self.ends.pop(0) if len(self.ends) > 1 else self.ends[0]

    def stop(self) -> None:
        self.stopped += 1


class Home:
    """A node's certificate that has so many days left."""

    def __init__(self, directory: Path, days_left: float, *ends: AgentError | Literal["running", "done"]) -> None:
        self.clock = HandClock()
        now = datetime.fromtimestamp(self.clock.now().wall_ns / 1e9, timezone.utc)
        self.cert = directory / "node.crt"
        end = now + timedelta(days=days_left)
        self.cert.write_bytes(certificate(end - timedelta(days=LIFE_DAYS), end, "node"))
        self.tries = Tries(*(ends or ("done",)))
        self.plan = Plan(self.cert, directory / "renewal.json", self.tries.start)
        self.renewal = self.fresh()

    def fresh(self) -> Renewal:
        self.renewal = Renewal(self.plan, self.clock, random.Random(7))
        return self.renewal

    def job(self) -> RenewalJob:
        stop = Event()
        stop.wait = lambda timeout=None: False  # type: ignore[method-assign]
        return RenewalJob(self.renewal, self.clock, stop)


@pytest.mark.parametrize(
    ("days_left", "due"), [(89, False), (31, False), (26.9, True), (1, True), (-1, True), (-181, False)]
)
def test_a_third_before_the_end(tmp_path: Path, days_left: float, due: bool) -> None:
    assert Home(tmp_path, days_left).renewal.due() is due


def test_not_all_nodes_in_the_same_hour(tmp_path: Path) -> None:
    """Certificates of one day: when they are due differs by days."""
    begins = set()
    for number in range(12):
        (tmp_path / str(number)).mkdir()
        home = Home(tmp_path / str(number), 31)
        while not home.renewal.due():
            home.clock.go(3600)
        begins.add(home.clock.mono_s())
    assert max(begins) - min(begins) > DAY_S


def test_at_most_once_a_day_and_a_restart_does_not_forget(tmp_path: Path) -> None:
    failed = AgentError(Text(en="no", vi="không"))
    home = Home(tmp_path, 20, failed)
    begun = []
    for _ in range(24 * 6 * 10):  # ten days, a look every ten minutes, a new start each time
        home.fresh()
        if home.renewal.due():
            home.renewal.begun()
            home.renewal.ended(well=False)
            begun.append(home.clock.mono_s())
        home.clock.go(600)
    assert 6 <= len(begun) <= 10
    assert min(later - earlier for earlier, later in pairwise(begun)) >= DAY_S
    assert home.fresh().state == "failed"


def test_a_crash_in_a_try_counts_as_one(tmp_path: Path) -> None:
    home = Home(tmp_path, 20)
    home.renewal.begun()
    again = home.fresh()
    assert not again.due() and again.state == "failed"


def test_a_clock_that_was_ahead_puts_nothing_off_for_years(tmp_path: Path) -> None:
    home = Home(tmp_path, 20)
    home.plan.notes.write_text(json.dumps({"not_before_ns": home.clock.now().wall_ns + 400 * DAY_NS, "failed": True}))
    assert home.fresh().due()


@pytest.mark.parametrize("notes", ["", "{}", "[]", '{"not_before_ns": "x", "failed": 1}', "\x00"])
def test_notes_that_are_damaged_are_none(tmp_path: Path, notes: str) -> None:
    home = Home(tmp_path, 20)
    home.plan.notes.write_text(notes)
    assert home.fresh().due()


def test_the_job_begins_follows_and_tells(tmp_path: Path) -> None:
    home = Home(tmp_path, 20, "running", "running", "done")
    job = home.job()
    outcomes = [job.run_once() for _ in range(4)]
    assert outcomes == [Outcome.IDLE] * 3 + [Outcome.WORKED]
    assert (home.tries.begun, home.renewal.state) == (1, "ok")
    for _ in range(5):
        home.clock.go(60)
        assert job.run_once() is Outcome.IDLE
    assert home.tries.begun == 1


def test_what_failed_is_told_in_its_own_words(tmp_path: Path) -> None:
    home = Home(tmp_path, 20, AgentError(Text(en="the token", vi="mã"), Text(en="do", vi="làm")))
    job = home.job()
    job.run_once()
    with pytest.raises(AgentError) as caught:
        job.run_once()
    assert (caught.value.code, str(caught.value.text.vi)) == ("certificate_renewal", "mã")
    assert home.renewal.state == "failed"


def test_a_try_that_hangs_is_ended(tmp_path: Path) -> None:
    home = Home(tmp_path, 20, "running")
    job = home.job()
    job.run_once()
    home.clock.go(1000)
    with pytest.raises(AgentError) as caught:
        job.run_once()
    assert home.tries.stopped == 1 and "too long" in caught.value.text.en


def test_a_stop_ends_the_child(tmp_path: Path) -> None:
    home = Home(tmp_path, 20, "running")
    job = home.job()
    job.run_once()
    job.close()
    assert home.tries.stopped == 1


@pytest.mark.parametrize(
    ("days", "code", "severity"),
    [
        (31, None, None),
        (30, "certificate_expiring", Severity.INFO),
        (8, "certificate_expiring", Severity.INFO),
        (7, "certificate_expiring", Severity.WARNING),
        (2, "certificate_expiring", Severity.WARNING),
        (1, "certificate_expiring", Severity.ALERT),
        (0, "certificate_expiring", Severity.ALERT),
        (-1, "certificate_expired", Severity.ALERT),
    ],
)
def test_the_end_is_told_louder_the_nearer_it_is(
    tmp_path: Path, days: int, code: str | None, severity: Severity | None
) -> None:
    clock = HandClock()
    end_ns = clock.now().wall_ns + days * DAY_NS + DAY_NS // 2
    health = certificate_health(CertificateState(0, end_ns), clock)
    assert health is not None and health.days_left == days
    board = FaultBoard(clock, lambda notice: None)
    error = certificate_fault(health)
    if error is not None:
        board.raised("certificate", error)
    assert [(fault.code, fault.severity) for fault in board.open()] == ([(code, severity)] if code else [])
    if error is not None:
        assert health.expires_utc[:10] in error.text.en and health.expires_utc[:10] in error.text.vi


def test_a_clock_that_may_be_wrong_tells_no_days() -> None:
    health = certificate_health(CertificateState(0, 0), HandClock(trusted=False))
    assert health is not None and health.days_left is None
    assert certificate_fault(health) is None


def test_the_same_fault_grows_and_goes(tmp_path: Path) -> None:
    from tests.health.test_conditions import healthy  # noqa: PLC0415

    clock = HandClock()
    told: list[FaultNotice] = []
    board = FaultBoard(clock, told.append)
    judge = Conditions(board, clock)
    for days in (20, 6, 1, 89):
        certificate_now = CertificateHealth(expires_utc="2026-12-01T00:00:00.000Z", days_left=days)
        judge.check(healthy(tmp_path, clock).model_copy(update={"certificate": certificate_now}), 0)
        board.tick()
        clock.go(100)
    seen = [
        notice.message.severity if notice.message else None for notice in told if notice.code == "certificate_expiring"
    ]
    assert seen == [Severity.INFO, Severity.WARNING, Severity.ALERT, None]


def test_validity_of_a_chain_is_that_of_the_first(tmp_path: Path) -> None:
    now = datetime.now(timezone.utc).replace(microsecond=0)
    first = certificate(now, now + timedelta(days=3), "node")
    above = certificate(now, now + timedelta(days=300), "above")
    assert validity_of(first + above).life_ns == 3 * DAY_NS
