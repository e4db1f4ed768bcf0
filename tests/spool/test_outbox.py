"""Vision never waits, the disk may fail, nothing taken is lost, and what is dropped is counted."""

import threading
from pathlib import Path

import pytest

from agent.errors import StorageError
from agent.i18n import Text
from agent.spool import Outbox, OutboxJob, Spool
from agent.values import Phase
from agent.worker import Outcome
from tests.spool.support import HOW, StillClock, all_pending, event, open_spool


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def spool(tmp_path: Path, clock: StillClock) -> Spool:
    return open_spool(tmp_path, clock)


def test_what_is_handed_over_is_written_and_numbered(spool: Spool, clock: StillClock) -> None:
    outbox = Outbox()
    outbox.event(event(clock), b"jpeg")
    outbox.event(event(clock, phase=Phase.END))
    job = OutboxJob(outbox, spool, HOW)
    assert job.run_once() is Outcome.WORKED
    assert [fields["rev"] for fields in all_pending(spool)] == [1, 2]
    assert job.run_once() is Outcome.IDLE


@pytest.mark.fault("A7", "outbox: the disk fails in the middle of a batch")
def test_a_fresh_job_goes_on_after_the_disk_failed(
    spool: Spool, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox = Outbox()
    outbox.event(event(clock, "e1"))
    real = Spool.record

    def failing(*_: object, **__: object) -> None:
        raise StorageError(event_text(), code="disk_full")

    monkeypatch.setattr(Spool, "record", failing)
    with pytest.raises(StorageError):
        OutboxJob(outbox, spool, HOW).run_once()
    outbox.event(event(clock, "e2"))
    monkeypatch.setattr(Spool, "record", real)
    OutboxJob(outbox, spool, HOW).flush()
    assert [fields["id"] for fields in all_pending(spool)] == ["e1", "e2"]


def event_text() -> Text:
    return Text(en="full", vi="đầy")


@pytest.mark.fault("A8", "outbox: memory is bounded while nothing can be written")
def test_updates_are_dropped_before_starts_and_ends(spool: Spool, clock: StillClock) -> None:
    outbox = Outbox(capacity=4)
    for event_id, phase in (
        ("a", Phase.START),
        ("a", Phase.UPDATE),
        ("b", Phase.START),
        ("a", Phase.END),
        ("c", Phase.START),
        ("b", Phase.END),
    ):
        outbox.event(event(clock, event_id, phase))
    OutboxJob(outbox, spool, HOW).flush()
    told = [(fields["id"], fields["phase"]) for fields in all_pending(spool)]
    assert told == [("b", "start"), ("b", "end"), ("a", "end"), ("c", "start")]
    assert spool.state().dropped_messages == 2


@pytest.mark.fault("A8", "outbox: thumbnails are bounded while nothing can be written")
def test_thumbnails_in_memory_are_bounded(spool: Spool, clock: StillClock) -> None:
    outbox = Outbox(thumb_bytes=100)
    for name in ("a", "b", "c"):
        outbox.event(event(clock, name), b"x" * 40)
    OutboxJob(outbox, spool, HOW).flush()
    assert [fields["media"]["thumb"]["state"] for fields in all_pending(spool)] == ["none", "queued", "queued"]
    assert spool.state().dropped_messages == 1


def test_many_threads_hand_over_while_one_writes(spool: Spool, clock: StillClock) -> None:
    outbox = Outbox()
    names = [f"e{number:03}" for number in range(200)]

    def vision(part: int) -> None:
        for name in names[part::4]:
            outbox.event(event(clock, name, clip=False))

    threads = [threading.Thread(target=vision, args=(part,)) for part in range(4)]
    job = OutboxJob(outbox, spool, HOW)
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        job.run_once()
    job.flush()
    assert sorted(fields["id"] for fields in all_pending(spool)) == names


def test_an_event_that_cannot_be_told_does_not_hold_up_the_others(spool: Spool, clock: StillClock) -> None:
    outbox = Outbox()
    outbox.event(event(clock, "a"))
    outbox.event(event(clock, "bad", count=None))
    outbox.event(event(clock, "b"))
    OutboxJob(outbox, spool, HOW).flush()
    assert [fields["id"] for fields in all_pending(spool)] == ["a", "b"]
    assert spool.state().dropped_messages == 1


def test_a_stop_writes_what_still_waits(spool: Spool, clock: StillClock) -> None:
    outbox, stop = Outbox(), threading.Event()
    job = OutboxJob(outbox, spool, HOW, stop)
    outbox.event(event(clock))
    job.close()
    assert all_pending(spool) == [], "an error is no stop: the next job goes on with the same items"
    stop.set()
    job.close()
    assert len(all_pending(spool)) == 1
