"""An event is numbered, ended, followed by its clip, and forgotten only after that."""

from pathlib import Path

import pytest

from agent.clock import NS
from agent.contract.base import utc
from agent.spool import Found
from agent.values import Phase, Severity
from tests.spool.support import (
    HOW,
    T0,
    TOPICS,
    StillClock,
    all_pending,
    event,
    found,
    make_clip,
    open_spool,
    queue_clip,
)


def test_revisions_count_up_and_phases_follow(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock)
    started = clock.now()
    for phase in (Phase.START, Phase.UPDATE, Phase.END):
        spool.record([found(clock, phase=phase, started=started)], HOW)
        clock.pass_s(10)
    told = [(fields["rev"], fields["phase"], fields["media"]["clip"]["state"]) for fields in all_pending(spool)]
    assert told == [(1, "start", "recording"), (2, "update", "recording"), (3, "end", "recording")]


def test_a_start_wants_its_clip_and_the_end_shortens_it(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock)
    started = clock.now()
    spool.record([found(clock)], HOW)
    (first,) = spool.wanted()
    assert (first.start, first.end) == (started.shifted(-5), started.shifted(115))
    assert first.due == started.shifted(130)
    clock.pass_s(8)
    spool.record([found(clock, phase=Phase.END, started=started)], HOW)
    (then,) = spool.wanted()
    assert (then.start, then.end, then.due) == (started.shifted(-5), started.shifted(13), started.shifted(28))


def test_an_end_never_lengthens_a_clip(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock)
    started = clock.now()
    spool.record([found(clock)], HOW)
    clock.pass_s(500)
    spool.record([found(clock, phase=Phase.END, started=started)], HOW)
    assert spool.wanted()[0].end == started.shifted(115)


def test_without_a_clip_nothing_is_wanted_and_the_event_is_forgotten_at_its_end(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock)
    spool.record([found(clock, clip=False), found(clock, phase=Phase.END, clip=False)], HOW)
    assert spool.wanted() == ()
    assert spool.close_interrupted() == 0
    spool.record([found(clock, clip=False)], HOW)
    assert all_pending(spool)[-1]["rev"] == 1


def test_alerts_overtake_other_events(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock)
    spool.record([found(clock, "slow"), found(clock, "fast", severity=Severity.ALERT)], HOW)
    assert [fields["id"] for fields in all_pending(spool)] == ["fast", "slow"]


def test_a_later_revision_never_overtakes_an_earlier_one(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock)
    spool.record([found(clock), found(clock, phase=Phase.END, severity=Severity.ALERT)], HOW)
    assert [fields["rev"] for fields in all_pending(spool)] == [1, 2]


def test_the_thumbnail_goes_on_its_own_topic_after_the_event(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock)
    spool.record([Found(event(clock), b"jpeg"), Found(event(clock, "e2"), b"x" * 40_001)], HOW)
    assert [fields["media"]["thumb"] for fields in all_pending(spool)] == [
        {"state": "queued", "bytes": 4},
        {"state": "none"},
    ]
    last = spool.pending(10)[-1]
    assert (last.topic, last.payload) == (TOPICS.thumb("gate", "e1"), b"jpeg")
    assert spool.state().dropped_messages == 1


def test_the_event_tells_its_clip_from_queued_to_uploaded(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock)
    spool.record([found(clock), found(clock, phase=Phase.END)], HOW)
    clip = make_clip(spool)
    spool.clip_ready(spool.wanted()[0], clip)
    assert spool.wanted() == ()
    spool.ack_clip("e1", "https://ward/files/1")
    told = [(fields["rev"], fields["phase"], fields["media"]["clip"]) for fields in all_pending(spool)[2:]]
    facts = {"sha256": clip.sha256, "bytes": clip.bytes, "from_utc": utc(T0), "to_utc": utc(T0 + 10 * NS), "gaps": []}
    assert told == [
        (3, "end", {"state": "queued"} | facts),
        (4, "end", {"state": "uploaded", "url": "https://ward/files/1"} | facts),
    ]
    spool.record([found(clock)], HOW)
    assert all_pending(spool)[-1]["rev"] == 1, "a settled event is forgotten"


def test_no_footage_is_told_and_counted(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock)
    spool.record([found(clock)], HOW)
    spool.clip_ready(spool.wanted()[0], None)
    assert all_pending(spool)[-1]["media"]["clip"] == {"state": "dropped", "reason": "no footage"}
    assert spool.state().dropped_clips == 1


def test_an_interrupted_event_ends_where_it_was_last_seen(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock)
    started = clock.now()
    spool.record([found(clock)], HOW)
    clock.pass_s(20)
    spool.record([found(clock, phase=Phase.UPDATE, started=started)], HOW)
    spool.close()
    clock.pass_s(30)
    spool = open_spool(tmp_path, clock)
    assert spool.close_interrupted() == 1
    assert spool.close_interrupted() == 0
    last = all_pending(spool)[-1]
    assert (last["rev"], last["phase"], last["end_reason"]) == (3, "end", "restart")
    assert last["ended_utc"] == utc(T0 + 20 * NS)
    (then,) = spool.wanted()
    assert (then.end, then.due) == (started.shifted(50), clock.now())


@pytest.mark.fault("D33", "spool: a reboot into 1970")
def test_over_a_reboot_with_an_unset_clock_right_times_stay_right(tmp_path: Path) -> None:
    spool = open_spool(tmp_path, clock := StillClock())
    spool.record([found(clock)], HOW)
    spool.close()
    after = StillClock(boot="boot-b", trusted=False, wall_ns=50 * NS)
    spool = open_spool(tmp_path, after)
    spool.close_interrupted()
    after.pass_s(10)
    after.set_right(T0 + 100 * NS)
    last = all_pending(spool)[-1]
    assert last["started_utc"] == utc(T0)
    assert (last["corrected"], last["clock"]["trusted"], last["late"]) == (False, True, True)


@pytest.mark.fault("D33", "spool: an event before the clock was set")
def test_a_clip_after_the_clock_was_set_puts_the_event_right(tmp_path: Path) -> None:
    clock = StillClock(trusted=False, wall_ns=50 * NS)
    spool = open_spool(tmp_path, clock)
    spool.record([found(clock), found(clock, phase=Phase.END)], HOW)
    clock.pass_s(30)
    clock.set_right(T0 + 30 * NS)
    spool.clip_ready(spool.wanted()[0], make_clip(spool))
    last = all_pending(spool)[-1]
    assert (last["started_utc"], last["media"]["clip"]["from_utc"]) == (utc(T0), utc(T0))
    assert last["corrected"] is True


@pytest.mark.fault("D33", "spool: a clip before the clock was set")
def test_a_clip_cut_before_the_clock_was_set_is_dated_right_when_uploaded(tmp_path: Path) -> None:
    clock = StillClock(trusted=False, wall_ns=T0 - 1000 * NS)
    spool = open_spool(tmp_path, clock)
    queue_clip(spool, make_clip(spool, "job"))
    clock.set_right(T0)
    clip = spool.next_clip()
    assert clip is not None
    assert (clip.start_ns, clip.end_ns) == (T0 + 1000 * NS, T0 + 1010 * NS)
