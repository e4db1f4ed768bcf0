"""Under pressure the least important goes first, is counted, and no event stays open at the ward for ever."""

from pathlib import Path

import pytest

from agent.spool import Found, eviction
from agent.values import Phase, Severity
from tests.spool.support import HOW, StillClock, all_pending, draft, event, found, open_spool


def test_thumbnails_go_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eviction, "MIN_BYTES", 100_000)
    clock = StillClock()
    spool = open_spool(tmp_path, clock, messages=100)
    for number in range(10):
        spool.record([Found(event(clock, f"e{number}", clip=False), b"x" * 30_000)], HOW)
    assert len(all_pending(spool)) == 10
    thumbs = [message.topic for message in spool.pending(100) if "/thumb/" in message.topic]
    assert [topic[-2:] for topic in thumbs] == ["e8", "e9"] or [topic[-2:] for topic in thumbs] == ["e7", "e8", "e9"]
    assert spool.state().dropped_messages == 10 - len(thumbs)
    assert spool.state().bytes <= 100_000


def test_then_updates(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock, messages=100)
    for number in range(40):
        phases = (Phase.START, Phase.UPDATE, Phase.END)
        spool.record([found(clock, f"e{number:02}", phase, clip=False) for phase in phases], HOW)
    told = [(fields["id"], fields["phase"]) for fields in all_pending(spool)]
    updates = [(f"e{number:02}", "update") for number in range(20, 40)]
    assert [item for item in told if item[1] == "update"] == updates
    assert len(told) == 100
    assert spool.state().dropped_messages == 20


def test_then_whole_events(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock, messages=100)
    for number in range(80):
        spool.record([found(clock, f"e{number:02}", phase, clip=False) for phase in (Phase.START, Phase.END)], HOW)
    told = [(fields["id"], fields["phase"]) for fields in all_pending(spool)]
    assert told == [(f"e{number:02}", phase) for number in range(30, 80) for phase in ("start", "end")]
    assert spool.state().dropped_messages == 30


def test_alerts_outlive_others(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock, messages=100)
    spool.record([found(clock, "alert", severity=Severity.ALERT, clip=False)], HOW)
    for number in range(150):
        spool.record([found(clock, f"e{number}", clip=False)], HOW)
    assert all_pending(spool)[0]["id"] == "alert"


def test_the_end_of_an_event_whose_start_went_out_always_stays(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock, messages=100)
    started = clock.now()
    spool.record([found(clock, "seen", clip=False), found(clock, "flying", clip=False)], HOW)
    (seen, _) = spool.pending(2)
    spool.ack([seen.row])  # the other one is in flight: nobody knows
    ends = [found(clock, name, Phase.END, started=started, clip=False) for name in ("seen", "flying")]
    spool.record(ends, HOW)
    for number in range(300):
        spool.record([found(clock, f"e{number}", clip=False)], HOW)
    told = {(fields["id"], fields["phase"]) for fields in all_pending(spool)}
    assert {("seen", "end"), ("flying", "start"), ("flying", "end")} <= told
    assert len(told) == 100


def test_an_event_that_was_dropped_whole_stays_silent_but_keeps_its_clip(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock, messages=100)
    started = clock.now()
    spool.record([found(clock, "lost")], HOW)
    for number in range(100):
        spool.record([found(clock, f"e{number}", clip=False)], HOW)
    spool.record([found(clock, "lost", Phase.END, started=started)], HOW)
    assert not [fields for fields in all_pending(spool) if fields["id"] == "lost"]
    assert [item.id for item in spool.wanted()] == ["lost"]


def test_other_messages_by_importance(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock, messages=100)
    spool.put_all(draft(clock, number, 40) for number in range(60))
    spool.put_all(draft(clock, number, 0) for number in range(60))
    state = spool.state()
    assert [(waiting.priority, waiting.messages) for waiting in state.waiting] == [(0, 60), (40, 40)]
    assert state.dropped_messages == 20


def test_losses_are_remembered_over_a_restart(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock, messages=100)
    spool.put_all(draft(clock, number, 40) for number in range(101))
    spool.close()
    assert open_spool(tmp_path, clock).state().dropped_messages == 1
