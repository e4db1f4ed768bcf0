"""Jobs tell why they wait and that they are on their way: each change once, and nothing of an event's own clips."""

import threading
from pathlib import Path
from typing import Any

import pytest

from agent.app.jobs import LOOK_EVERY_S, Jobs
from agent.app.ward import WardLine
from agent.commands import SeenRequests
from agent.config.model import Config
from agent.contract.jobs import JobMessage
from agent.health.faults import FaultBoard
from agent.spool import Spool
from agent.uplink import LinkMemory, LinkStats
from agent.values import ClipWanted, Rest
from tests.spool.support import T0, TOPICS, StillClock, all_pending, make_clip, open_spool, queue_clip

JOB, OTHER, EVENT = "01JZ0000000000000000000001", "01JZ0000000000000000000002", "01JZ0000000000000000000003"
QUIET = Rest("quiet_hours", T0 + 10**9)


class House:
    """A spool with one job, and what it tells."""

    def __init__(self, directory: Path) -> None:
        self.clock = StillClock()
        self.spool: Spool = open_spool(directory, self.clock)
        self.seen = SeenRequests(directory / "commands.db")
        self.jobs = Jobs(TOPICS, self.spool, self.seen, self.clock)
        self.ask(JOB)

    def ask(self, job: str) -> None:
        now = self.clock.now()
        self.seen.remember(job)
        self.spool.want(ClipWanted(job, "gate", now, now.shifted(5), now.shifted(60), 60))

    def rests(self, rest: Rest) -> None:
        self.clock.pass_s(LOOK_EVERY_S)
        self.jobs.rests(rest)

    def told(self) -> list[dict[str, Any]]:
        return [body for body in all_pending(self.spool) if "job_id" in body]

    def states(self) -> list[tuple[str, str]]:
        return [(body["job_id"], body["state"]) for body in self.told()]


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_a_job_that_waits_says_why_and_until_when_once(house: House) -> None:
    for _ in range(3):
        house.rests(QUIET)
    (body,) = house.told()
    message = JobMessage.model_validate(body)
    assert (message.job_id, message.state, message.cam) == (JOB, "waiting", "gate")
    assert message.reason is not None
    assert message.reason.en != message.reason.vi
    assert "giờ nghỉ" in message.reason.vi
    assert message.until_utc is not None
    house.rests(Rest("day_spent"))
    assert len(house.told()) == 2
    assert "until_utc" not in house.told()[1]


def test_a_job_that_comes_during_a_rest_is_told_too(house: House) -> None:
    house.rests(QUIET)
    house.ask(OTHER)
    house.rests(QUIET)
    assert house.states() == [(JOB, "waiting"), (OTHER, "waiting")]


def test_it_goes_on_and_stops_again(house: House) -> None:
    house.rests(QUIET)
    queue_clip(house.spool, make_clip(house.spool, JOB, priority=60))
    house.rests(QUIET)
    house.jobs.moves(JOB)
    house.jobs.moves(JOB)
    house.jobs.moves(f"{JOB}.manifest")
    house.jobs.moves(JOB)
    assert house.states() == [(JOB, "waiting"), (JOB, "uploading")]
    house.rests(QUIET)
    house.jobs.moves(JOB)
    assert [state for _, state in house.states()] == ["waiting", "uploading", "waiting", "uploading"]
    assert house.told()[3]["bytes_total"] > 0
    assert "reason" not in house.told()[3]


def test_clips_of_events_are_no_jobs(house: House) -> None:
    queue_clip(house.spool, make_clip(house.spool, EVENT, priority=60))
    house.rests(QUIET)
    house.jobs.moves(EVENT)
    assert house.states() == [(JOB, "waiting")]


def test_a_job_that_failed_does_not_wait_any_more(house: House) -> None:
    (wanted,) = house.spool.wanted()
    house.spool.clip_ready(wanted, None)
    assert [lost.id for lost in house.jobs.tell_lost()] == [JOB]
    house.rests(QUIET)
    assert house.states() == [(JOB, "failed")]


def test_the_line_to_the_ward_tells_jobs_why_they_wait(house: House, tmp_path: Path) -> None:
    document = {
        "node": {"id": "node-7", "ward": "ward-1", "data_dir": str(tmp_path)},
        "mqtt": {"url": "mqtts://ward.example"},
        "upload": {"url": "https://ward.example/files"},
        "uplink": {"quiet_hours": "00:00-24:00"},
        "retention": {"max_days": 30},
        "cameras": [{"id": "gate", "source": "rtsp://192.168.1.64/stream"}],
    }
    line = WardLine(Config.model_validate(document), house.clock, house.spool, LinkMemory(house.clock, LinkStats()))
    faults = FaultBoard(house.clock, lambda notice: None)
    worker = line.upload_worker(lambda clip: None, lambda: None, faults, house.jobs)
    assert worker is not None
    told = threading.Event()
    house.spool.put = lambda draft: told.set()  # type: ignore[method-assign]
    worker.start()
    try:
        assert told.wait(20)
    finally:
        worker.stop()
        worker.join(20)
    line.close()
