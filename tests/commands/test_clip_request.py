"""clip.request: what becomes a job, and what is refused."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.clock import FLOOR_WALL_NS, Moment
from agent.commands.clip_request import ClipRequestCommand, FootageDoors
from agent.commands.door import Trust
from agent.commands.inbox import Inbox
from agent.commands.jobs import job_done, job_failed
from agent.commands.seen import SeenRequests
from agent.contract.base import ManifestFile, utc
from agent.contract.jobs import JobMessage
from agent.errors import StorageError
from agent.i18n import Text
from agent.values import Access, ClipWanted, Draft, FootageFound, Gap, OutgoingClip
from tests.commands.orders import BY, NS, TOPICS, TurnedClock, order, said, sent


class Store:
    """Footage of camera `gate`: from 100 s to 200 s after the start, 1 MB a second."""

    def __init__(self, directory: Path) -> None:
        self.clock = TurnedClock()
        self.clock.seconds = 300.0
        self.wanted: list[ClipWanted] = []
        self.told: list[dict[str, Any]] = []
        self.noted: list[Access] = []
        self.log_fails = False
        self.cancelled: OutgoingClip | None = None
        self.revived: list[tuple[str, int]] = []
        doors = FootageDoors(
            self.find,
            self.wanted.append,
            self.tell,
            self.note,
            lambda cam, span: self.cancelled,
            lambda clip, priority: self.revived.append((clip.id, priority)),
        )
        command = ClipRequestCommand(TOPICS, frozenset({"gate", "yard"}), doors, self.clock)
        seen = SeenRequests(directory / "commands.db")
        self.inbox = Inbox(TOPICS, [command], Trust(seen), self.tell, self.clock)

    def find(self, cam: str, start: Moment, end: Moment) -> FootageFound:
        first, last = (round((moment.wall_ns - FLOOR_WALL_NS) / NS) for moment in (start, end))
        covered = max(min(last, 200) - max(first, 100), 0) if cam == "gate" else 0
        gap = Gap(FLOOR_WALL_NS + 200 * NS, end.wall_ns, "not recorded")
        return FootageFound(covered, covered * 10**6, (gap,) if last > 200 else ())

    def note(self, access: Access) -> None:
        if self.log_fails:
            raise StorageError(Text(en="no log", vi="không có nhật ký"), code="storage_error")
        self.noted.append(access)

    def tell(self, draft: Draft) -> None:
        assert draft.topic == TOPICS.job(json.loads(draft.body)["job_id"])
        self.told.append(json.loads(draft.body))

    def ask(self, first: float, last: float, **fields: Any) -> dict[str, Any]:
        span = {"from_utc": utc(FLOOR_WALL_NS + round(first * NS)), "to_utc": utc(FLOOR_WALL_NS + round(last * NS))}
        wish = order(cam="gate", by=BY, issued_utc=utc(self.clock.now().wall_ns)) | span | fields
        return said(self.inbox.receive(TOPICS.command("clip.request"), sent(wish), False))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def test_footage_that_is_there_becomes_a_job(store: Store) -> None:
    answer = store.ask(150, 210)
    assert answer["result"] == "accepted"
    assert answer["job_id"] == answer["request_id"]
    (wanted,) = store.wanted
    assert (wanted.id, wanted.cam) == (answer["job_id"], "gate")
    assert [round((moment.wall_ns - FLOOR_WALL_NS) / NS) for moment in (wanted.start, wanted.end)] == [150, 210]
    assert wanted.due.wall_ns > store.clock.now().wall_ns
    (planned,) = store.told
    assert (planned["state"], planned["coverage_s"], len(planned["gaps"])) == ("planned", 50, 1)
    assert planned["bytes_total"] == 50 * 10**6
    JobMessage.model_validate(planned)
    (noted,) = store.noted
    assert (noted.by, noted.case, noted.reason) == (BY["officer"], BY["case"], BY["reason"])
    assert (noted.action, noted.cam, noted.result, noted.request_id) == ("clip", "gate", "granted", wanted.id)
    assert (noted.from_ns, noted.to_ns) == (wanted.start.wall_ns, wanted.end.wall_ns)


@pytest.mark.parametrize(
    ("first", "last", "fields", "code"),
    [
        (0, 50, {}, "not_found"),
        (150, 180, {"cam": "yard"}, "not_found"),
        (150, 180, {"cam": "attic"}, "not_found"),
        (5000, 5010, {}, "not_found"),
        (180, 150, {}, "schema"),
        (150, 150, {}, "schema"),
        (100, 1100, {}, "schema"),
        (150, 180, {"by": None}, "schema"),
        (150, 180, {"from_utc": "yesterday"}, "schema"),
        (150, 180, {"max_mb": 10}, "too_large"),
    ],
)
def test_refusals(store: Store, first: float, last: float, fields: dict[str, Any], code: str) -> None:
    assert store.ask(first, last, **fields)["code"] == code
    assert [noted.result for noted in store.noted] == ([] if code == "schema" else [code])
    assert store.wanted == []
    assert store.told == []


def test_what_was_cancelled_goes_on_under_its_old_id(store: Store) -> None:
    old = "01JZ0000000000000000000001"
    at_ns = FLOOR_WALL_NS + 150 * NS
    store.cancelled = OutgoingClip(
        old, "gate", Path("/x.mp4"), at_ns, at_ns + 30 * NS, 5_000_000, "a" * 64, (), "u", 2_000_000
    )
    answer = store.ask(150, 180)
    assert (answer["result"], answer["job_id"]) == ("accepted", old)
    assert store.revived == [(old, 60)] and store.wanted == []
    (told,) = store.told
    assert (told["job_id"], told["request_id"]) == (old, answer["request_id"])
    assert (told["state"], told["bytes_total"], told["bytes_sent"]) == ("planned", 5_000_000, 2_000_000)
    assert [noted.request_id for noted in store.noted] == [answer["request_id"]]
    assert store.ask(150, 180, max_mb=1)["code"] == "too_large"
    assert store.ask(0, 50, cam="attic")["code"] == "not_found", "what is asked is checked all the same"


def test_without_its_line_in_the_access_log_no_footage_moves(store: Store) -> None:
    store.log_fails = True
    assert store.ask(150, 180)["code"] == "busy"
    assert store.wanted == [] and store.told == []


def test_before_the_clock_is_set_nobody_knows_which_footage_is_meant(store: Store) -> None:
    store.clock.right = False
    assert store.ask(150, 180)["code"] == "busy"


def test_a_job_tells_how_its_clip_gets_on(store: Store) -> None:
    clip = OutgoingClip(
        "01JZ0000000000000000000001", "gate", Path("/x"), FLOOR_WALL_NS, FLOOR_WALL_NS + NS, 10, "a" * 64, (), "u", 4
    )
    message = JobMessage.model_validate_json(job_done(TOPICS, clip, store.clock.now()).body)
    assert (message.state, message.bytes_sent, len(message.files)) == ("done", 10, 1)
    assert message.files[0].manifest is None
    proved = replace(clip, manifest_url="https://ward/files/0", manifest_sha256="b" * 64)
    (file,) = JobMessage.model_validate_json(job_done(TOPICS, proved, store.clock.now()).body).files
    assert file.manifest == ManifestFile(url="https://ward/files/0", sha256="b" * 64)
    locked = replace(clip, path=Path("/x/01JZ0000000000000000000001.mp4.locked"))
    (file,) = JobMessage.model_validate_json(job_done(TOPICS, locked, store.clock.now()).body).files
    assert file.name == "01JZ0000000000000000000001.mp4.locked"
    failed = job_failed(TOPICS, clip.id, Text(en="no", vi="không"), store.clock.now())
    assert failed.retain
    assert JobMessage.model_validate_json(failed.body).state == "failed"


@pytest.mark.parametrize("year", ["0001", "1600", "1969", "2200", "2300", "9999"])
def test_times_that_the_node_cannot_keep_are_refused(store: Store, year: str) -> None:
    """64 bits of nanoseconds end in 2262: a database would raise, and the line with it."""
    span = {"from_utc": f"{year}-03-01T00:00:00.000Z", "to_utc": f"{year}-03-01T00:00:01.000Z"}
    answer = store.ask(0, 0, **span)
    assert (answer["result"], answer["code"]) == ("rejected", "schema")
    assert "1970" in answer["text"]["en"]
