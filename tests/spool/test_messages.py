"""Messages leave in order, sealed, and only after they were acknowledged."""

from pathlib import Path

import pytest

from agent.clock import NS
from agent.config.model import SpoolSection
from agent.spool import Spool
from agent.values import Draft
from tests.spool.support import T0, TOPICS, StillClock, all_pending, draft, open_spool, read


def test_by_priority_then_oldest_first(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock)
    spool.put_all(draft(clock, number, priority) for number, priority in enumerate((20, 10, 20, 0)))
    assert [fields["n"] for fields in all_pending(spool)] == [3, 1, 0, 2]


def test_rows_in_flight_are_skipped_and_acknowledged_ones_gone(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock)
    spool.put_all(draft(clock, number) for number in range(5))
    flying = [message.row for message in spool.pending(2)]
    assert [read(message)["n"] for message in spool.pending(2, flying)] == [2, 3]
    spool.ack(flying)
    spool.ack(flying)
    assert [fields["n"] for fields in all_pending(spool)] == [2, 3, 4]


def test_seq_grows_for_ever(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock)
    spool.put(draft(clock))
    first = spool.pending(1)[0]
    spool.ack([first.row])
    spool.close()
    spool = open_spool(tmp_path, clock)
    spool.put(draft(clock))
    assert read(spool.pending(1)[0])["seq"] > read(first)["seq"]


def test_a_message_survives_closing_and_is_late_then(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock)
    spool.put(draft(clock, 7, retain=True))
    spool.close()
    clock.pass_s(120)
    spool = open_spool(tmp_path, clock)
    (message,) = spool.pending(10)
    assert message.retain
    assert read(message)["late"] is True
    assert spool.state().oldest_age_s == 120


def test_bytes_and_clearing_messages_are_not_sealed(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock)
    spool.put(Draft(TOPICS.thumb("gate", "e1"), b"\xff\xd8jpeg", clock.now(), binary=True))
    spool.put(Draft(TOPICS.fault("disk_full"), b"", clock.now(), retain=True))
    assert [message.payload for message in spool.pending(10)] == [b"\xff\xd8jpeg", b""]


def test_expired_messages_are_counted_and_never_sent(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock)
    spool.put(draft(clock, expiry_s=60))
    clock.pass_s(20)
    assert spool.pending(10)[0].expiry_s == 40
    clock.pass_s(41)
    assert spool.pending(10) == ()
    assert (spool.state().messages, spool.state().dropped_messages) == (0, 1)


@pytest.mark.parametrize(("topic", "body"), [("camera", b"{}"), (TOPICS.health(), b"[]"), (TOPICS.health(), b"{")])
def test_what_could_never_be_sealed_is_refused_at_the_door(tmp_path: Path, topic: str, body: bytes) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock)
    with pytest.raises(ValueError):
        spool.put_all((draft(clock), Draft(topic, body, clock.now())))
    assert spool.state().messages == 0


@pytest.mark.fault("D33", "spool: messages of 1970 are sent with right times")
def test_times_are_put_right_when_the_clock_is_set_before_sending(tmp_path: Path) -> None:
    clock = StillClock(trusted=False, wall_ns=50 * NS)
    spool = open_spool(tmp_path, clock)
    spool.put(Draft(TOPICS.health(), b'{"at_utc":"1970-01-01T00:00:50.000Z"}', clock.now()))
    clock.pass_s(10)
    clock.set_right(T0)
    (fields,) = all_pending(spool)
    assert (fields["at_utc"], fields["corrected"]) == ("2026-05-28T20:26:30.000Z", True)


def test_retained_topics_are_remembered_until_cleared(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock)
    spool.put(draft(clock, retain=True))
    spool.note_retained(TOPICS.birth())
    spool.close()
    spool = open_spool(tmp_path, clock)
    assert spool.retained() == (TOPICS.birth(), TOPICS.health())
    spool.forget_retained([TOPICS.birth()])
    assert spool.retained() == (TOPICS.health(),)


def test_news_wake_the_sender(tmp_path: Path) -> None:
    clock = StillClock()
    woken: list[str] = []
    spool = Spool(tmp_path, SpoolSection(), clock, lambda: woken.append("mqtt"))
    spool.put(draft(clock))
    assert woken == ["mqtt"]


def test_files_are_for_the_owner_only(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path / "spool", clock)
    spool.put(draft(clock))
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "spool").iterdir() if path.is_file()}
    assert modes.keys() >= {"spool.db", "spool.db-wal", "spool.db-shm", "reserve"}
    assert set(modes.values()) == {0o600}
    assert (tmp_path / "spool/clips").stat().st_mode & 0o777 == 0o700
