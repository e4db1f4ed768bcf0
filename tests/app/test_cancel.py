"""clip.cancel in every state of a job; and a request for the same footage that goes on where the last one ended."""

import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from agent.app.jobs import PROGRESS_EVERY_S, Jobs
from agent.clock import NS, Clock
from agent.commands.clip_cancel import CancelDoors, ClipCancelCommand
from agent.commands.clip_request import ClipRequestCommand, FootageDoors
from agent.commands.door import Trust
from agent.commands.inbox import Command, Inbox
from agent.commands.seen import SeenRequests
from agent.config.model import TlsSection, UplinkSection, UploadSection
from agent.contract.base import utc
from agent.contract.jobs import JobMessage
from agent.digest import sha256
from agent.errors import Rejected
from agent.spool import Spool
from agent.spool.cancelled import KEPT_S
from agent.uplink.doors import UploadDoors
from agent.uplink.stats import LinkStats
from agent.uplink.upload import UploadJob, UploadLink
from agent.values import Access, Clip, ClipWanted, Draft, FootageFound
from deploy.ward import Ward
from tests.commands.orders import BY, order, sent
from tests.proxy import Proxy
from tests.spool.support import T0, TOPICS, StillClock, open_spool
from tests.uplink.shelf import make_governor

MB = 1_000_000


class House:
    """Commands, jobs and a spool, joined as a node joins them."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.clock = StillClock()
        self.noted: list[Access] = []
        self.answers: list[Draft] = []
        self.open()

    def open(self) -> None:
        """Also after `close`: what a restart does."""
        self.spool: Spool = open_spool(self.directory, self.clock, clips="20MB")
        self.seen = SeenRequests(self.directory / "commands.db")
        self.jobs = Jobs(TOPICS, self.spool, self.seen, self.clock)
        self.jobs.kbps = lambda: 8_000.0
        clips = FootageDoors(
            lambda cam, start, end: FootageFound(10.0, 10 * MB),
            self.spool.want,
            self.spool.put,
            self.noted.append,
            self.spool.cancelled_clip,
            self.spool.go_on,
        )
        commands: list[Command] = [
            ClipRequestCommand(TOPICS, frozenset({"gate"}), clips, self.clock),
            ClipCancelCommand(CancelDoors(self.jobs.find, self.jobs.cancel, self.noted.append), self.clock),
        ]
        self.inbox = Inbox(TOPICS, commands, Trust(self.seen), self.answers.append, self.clock)

    def restart(self, boot: str | None = None) -> None:
        self.spool.close()
        self.seen.close()
        if boot is not None:
            self.clock = StillClock(boot, wall_ns=self.clock.moment.wall_ns)
        self.open()

    def ask(self, command: str, **fields: Any) -> dict[str, Any]:
        wish = order(by=BY, issued_utc=utc(self.clock.now().wall_ns)) | fields
        draft = self.inbox.receive(TOPICS.command(command), sent(wish), False)
        assert draft is not None
        answer: dict[str, Any] = json.loads(draft.body)
        return answer

    def request(self, first_s: float = -100.0) -> str:
        """The job's id."""
        begin_ns = T0 + round(first_s * NS)
        answer = self.ask("clip.request", cam="gate", from_utc=utc(begin_ns), to_utc=utc(begin_ns + 10 * NS))
        assert answer["result"] == "accepted", answer
        return str(answer["job_id"])

    def cut(self, job: str, size: int = 3 * MB, manifest: bool = False) -> Clip:
        """What the cutting thread does."""
        wanted = next(one for one in self.spool.wanted() if one.id == job)
        path = self.spool.clips_directory / f"{job}.mp4"
        path.write_bytes(random.Random(size).randbytes(size))
        proof = path.with_name(f"{job}.manifest.json")
        if manifest:
            proof.write_bytes(b"{}")
        clip = Clip(job, "gate", path, T0, T0 + NS, size, sha256(path), (), 60, proof if manifest else None)
        self.spool.clip_ready(wanted, clip)
        return clip

    def states(self, job: str) -> list[str]:
        return [body.state for body in self.told(job)]

    def told(self, job: str) -> list[JobMessage]:
        """What stands in the spool of this job, each validated."""
        waiting = [one for one in self.spool.pending(10_000) if one.topic.endswith(f"/job/{job}")]
        return [JobMessage.model_validate_json(one.payload) for one in waiting]


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def wanted(house: House, job: str) -> None:
    assert house.spool.find_job(job) is not None


def cut(house: House, job: str) -> None:
    house.cut(job)


def with_manifest(house: House, job: str) -> None:
    house.cut(job, manifest=True)


def uploading(house: House, job: str) -> None:
    house.cut(job)
    house.spool.clip_created(job, "https://ward/files/1")
    house.spool.clip_progress(job, MB)


@pytest.mark.parametrize("reach", [wanted, cut, with_manifest, uploading])
@pytest.mark.parametrize("restarted", [False, True])
def test_a_job_ends_in_every_state(house: House, reach: Callable[[House, str], None], restarted: bool) -> None:
    job = house.request()
    reach(house, job)
    if restarted:
        house.restart()
    answer = house.ask("clip.cancel", job_id=job)
    assert (answer["result"], answer["job_id"]) == ("done", job)
    assert house.states(job)[-1] == "cancelled"
    assert house.spool.next_clip() is None and house.spool.wanted() == () and house.spool.clips_up_to(10**6) == ()
    assert house.spool.state().dropped_clips == 0, "nobody lost it"
    assert house.ask("clip.cancel", job_id=job)["code"] == "not_found", "once"
    house.jobs.moves(job)
    house.jobs.tell_lost()
    assert house.states(job)[-1] == "cancelled", "nothing is said of it afterwards"
    assert [(line.action, line.result) for line in house.noted] == [
        ("clip", "granted"),
        ("cancel", "granted"),
        ("cancel", "not_found"),
    ]


def test_what_is_no_job_is_not_ended(house: House) -> None:
    event = "01JZ0000000000000000000777"
    now = house.clock.now()
    house.spool.want(ClipWanted(event, "gate", now, now, now, 130))
    assert house.ask("clip.cancel", job_id=event)["code"] == "not_found"
    assert len(house.spool.wanted()) == 1, "an event's own clip cannot be ended by a command"


def test_a_request_with_an_events_id_touches_nothing_of_the_event(house: House) -> None:
    """Events' ids are on the wire: whoever may command could put another stretch in the place of an event's clip."""
    event = "01JZ0000000000000000000777"
    now = house.clock.now()
    mine = ClipWanted(event, "gate", now, now.shifted(5), now.shifted(60), 130)
    house.spool.want(mine)
    span = {"from_utc": utc(T0 - 100 * NS), "to_utc": utc(T0 - 90 * NS)}
    answer = house.ask("clip.request", cam="gate", request_id=event, **span)
    assert (answer["result"], answer["code"]) == ("rejected", "busy") and "event" in answer["text"]["en"]
    assert house.spool.wanted() == (mine,)
    assert house.ask("clip.cancel", job_id=event)["code"] == "not_found", "though a request bore this id"
    for number in range(2):  # while it is to be cut, and when it is
        picture = house.spool.clips_directory / f"{event}.jpg"
        picture.write_bytes(b"x")
        snapshot = Clip(event, "gate", picture, T0, T0, 1, sha256(picture), (), 10)
        with pytest.raises(Rejected):
            house.spool.clip_ready(ClipWanted(event, "gate", now, now, now, 10), snapshot)
        if number == 0:
            clip = house.spool.clips_directory / f"{event}.mp4"
            clip.write_bytes(b"x" * 9)
            house.spool.clip_ready(mine, Clip(event, "gate", clip, T0, T0 + NS, 9, sha256(clip), (), 130))
    clips = house.spool.clips_up_to(10**6)
    assert [clip.path.suffix for clip in clips] == [".mp4"]


def test_a_clip_that_is_being_cut_just_then_is_thrown_away(house: House) -> None:
    job = house.request()
    (in_hand,) = house.spool.wanted()
    path = house.spool.clips_directory / f"{job}.mp4"
    path.write_bytes(b"x" * 100)
    house.ask("clip.cancel", job_id=job)
    house.spool.clip_ready(in_hand, Clip(job, "gate", path, T0, T0 + NS, 100, sha256(path), (), 60))
    assert house.spool.next_clip() is None
    assert list(house.spool.clips_directory.iterdir()) == []


def test_a_damaged_database_does_not_bring_it_back(house: House) -> None:
    job = house.request()
    house.cut(job)
    house.ask("clip.cancel", job_id=job)
    house.spool.close()
    (house.directory / "spool.db").write_bytes(b"no database at all" * 1000)
    house.restart()
    assert house.spool.next_clip() is None


@pytest.mark.parametrize("boot", [None, "boot-b"])
def test_after_a_day_it_is_gone_before_that_it_is_not(house: House, boot: str | None) -> None:
    job = house.request()
    clip = house.cut(job)
    house.ask("clip.cancel", job_id=job)
    house.clock.pass_s(KEPT_S - 60)
    house.restart(boot)
    house.spool.sweep_cancelled()
    assert clip.path.exists(), "also over a restart"
    house.clock.pass_s(61)
    assert house.spool.sweep_cancelled() == 1
    assert not clip.path.exists()
    assert house.request() != job


def test_a_clock_that_is_not_right_ends_nothing_of_another_boot(house: House) -> None:
    clip = house.cut(house.request())
    house.ask("clip.cancel", job_id=clip.id)
    house.clock.pass_s(3 * KEPT_S)
    house.restart("boot-b")
    house.clock.moment = replace(house.clock.moment, trusted=False)
    assert house.spool.sweep_cancelled() == 0 and clip.path.exists()
    house.clock.moment = replace(house.clock.moment, trusted=True)
    house.clock.pass_s(61)
    assert house.spool.sweep_cancelled() == 1


def test_the_budget_lets_cancelled_clips_go_first(house: House) -> None:
    first = house.cut(house.request(), 9 * MB)
    house.ask("clip.cancel", job_id=first.id)
    second = house.cut(house.request(-50.0), 9 * MB)
    assert first.path.exists()
    house.cut(house.request(-30.0), 9 * MB)
    assert not first.path.exists() and second.path.exists()
    assert house.spool.state().dropped_clips == 0
    assert house.jobs.tell_lost() == ()


def test_the_same_footage_under_the_same_id(house: House) -> None:
    job = house.request()
    house.cut(job, manifest=True)
    house.ask("clip.cancel", job_id=job)
    other = house.request(-99.0)
    assert other != job, "another second is another clip"
    assert house.request() == job
    assert house.states(job)[-1] == "planned"
    first = house.spool.next_clip()
    assert first is not None and first.id == f"{job}.manifest", "its proof leaves first, as ever"
    answer = house.ask("clip.cancel", job_id=job)
    assert answer["result"] == "done", "and can be ended again"


def upload_job(house: House, url: str, stop: Event) -> UploadJob:
    spool, jobs = house.spool, house.jobs

    def created(clip_id: str, place: str) -> None:
        spool.clip_created(clip_id, place)
        jobs.moves(clip_id)

    def progress(clip_id: str, count: int) -> None:
        spool.clip_progress(clip_id, count)
        jobs.moves(clip_id)

    def acked(clip_id: str, place: str) -> None:
        spool.ack_clip(clip_id, place)

    doors = UploadDoors(spool.next_clip, created, progress, acked, print, print)
    section = UploadSection.model_validate({"url": url, "timeout": "3s", "chunk": "256kB"})
    clock = Clock()
    governor = make_governor(UplinkSection(yields=False), LinkStats(), clock)
    return UploadJob(UploadLink("node-1", section, TlsSection()), doors, governor, stop, clock)


def test_no_byte_is_sent_twice(ward: Ward, house: House) -> None:
    job = house.request()
    clip = house.cut(job, 4 * MB)
    with Proxy(ward.upload_port) as proxy:
        url = f"http://127.0.0.1:{proxy.port}/files"
        work = upload_job(house, url, Event())
        while (there := house.spool.clip(job)) is not None and there.sent_bytes < MB:
            work.run_once()
        house.ask("clip.cancel", job_id=job)
        work.run_once()
        halfway = proxy.sent_up
        assert there is not None and house.told(job)[-1].bytes_sent == there.sent_bytes
        work.close()
        house.restart()
        assert house.request() == job
        work = upload_job(house, url, Event())
        while house.spool.clip(job) is not None:
            work.run_once()
        work.close()
        assert MB <= halfway < 3 * MB
        assert proxy.sent_up < clip.bytes + 100_000, "the clip once, and what HTTP says around it"
    (upload,) = [one for one in ward.uploaded() if one.clip == job]
    assert upload.intact() and upload.sha256 == clip.sha256


def test_progress_is_told_a_few_times_a_minute_with_the_time_it_takes(house: House) -> None:
    job = house.request()
    house.cut(job, 3 * MB)
    house.spool.clip_created(job, "https://ward/files/1")
    for step in range(30):
        house.spool.clip_progress(job, (step + 1) * 100_000)
        house.jobs.moves(job)
        house.clock.pass_s(1.0)
    told = [body for body in house.told(job) if body.state == "uploading"]
    assert len(told) == 2, f"every {PROGRESS_EVERY_S} s"
    assert told[0].bytes_sent == 100_000 and told[0].eta_s == pytest.approx(2.9)
    assert told[1].bytes_sent == 1_600_000 and told[1].eta_s == pytest.approx(1.4)
