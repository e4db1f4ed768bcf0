"""Clips: row, then file; a bad file never blocks the others; the budget holds."""

from dataclasses import replace
from pathlib import Path

import pytest

from agent.spool import clips
from agent.values import Gap, LostClip
from tests.spool.support import HOW, T0, StillClock, all_pending, found, make_clip, open_spool, queue_clip, wanted


def test_a_clip_is_uploaded_piece_by_piece_over_a_restart(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock)
    clip = make_clip(spool)
    queue_clip(spool, clip)
    spool.clip_created("e1", "https://ward/files/1")
    spool.clip_failed("e1")
    spool.clip_progress("e1", 7)
    underway = spool.clip("e1")
    assert underway is not None
    assert underway.sent_bytes == 7
    spool.close()
    spool = open_spool(tmp_path, clock)
    resumed = spool.next_clip()
    assert resumed is not None
    assert (resumed.path, resumed.upload_url, resumed.attempts) == (clip.path, "https://ward/files/1", 0)
    assert resumed.sent_bytes == 0, "the server tells: no piece costs a write"
    spool.ack_clip("e1", "https://ward/files/1")
    assert spool.next_clip() is None
    assert list(spool.clips_directory.iterdir()) == []


def test_attempts_count_tries_without_progress(tmp_path: Path) -> None:
    spool = open_spool(tmp_path, StillClock())
    queue_clip(spool, make_clip(spool))
    spool.clip_progress("e1", 5)
    spool.clip_failed("e1")
    spool.clip_progress("e1", 5)
    clip = spool.next_clip()
    assert clip is not None
    assert clip.attempts == 1


def test_important_clips_first_then_the_oldest(tmp_path: Path) -> None:
    spool = open_spool(tmp_path, StillClock())
    for clip_id, priority in (("a", 50), ("b", 30), ("c", 50)):
        queue_clip(spool, make_clip(spool, clip_id, priority=priority))
    order = []
    while (clip := spool.next_clip()) is not None:
        order.append(clip.id)
        spool.ack_clip(clip.id, "u")
    assert order == ["b", "a", "c"]


def test_a_clip_that_keeps_failing_lets_others_pass(tmp_path: Path) -> None:
    spool = open_spool(tmp_path, StillClock())
    for clip_id in ("a", "b"):
        queue_clip(spool, make_clip(spool, clip_id))
    for _ in range(4):
        spool.clip_failed("a")
    clip = spool.next_clip()
    assert clip is not None
    assert clip.id == "b"


@pytest.mark.parametrize("damage", ["missing", "shorter", "same size"])
@pytest.mark.fault("A15", "a clip's file deleted, truncated, emptied, swapped")
def test_a_lost_or_changed_file_is_told_and_never_blocks(tmp_path: Path, damage: str) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock)
    spool.record([found(clock)], HOW)
    bad, good = make_clip(spool), make_clip(spool, "e2")
    spool.clip_ready(spool.wanted()[0], bad)
    queue_clip(spool, good)
    if damage == "missing":
        bad.path.unlink()
    else:
        bad.path.write_bytes(b"short" if damage == "shorter" else b"?" * bad.bytes)
    clip = spool.next_clip()
    assert clip is not None
    assert clip.id == "e2"
    told = all_pending(spool)[-1]["media"]["clip"]
    assert told == {"state": "dropped", "reason": "missing" if damage == "missing" else "changed"}
    assert spool.state().dropped_clips == 1


def test_over_the_budget_the_least_important_oldest_goes(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock, clips="1MB")
    big = b"x" * 400_000
    for clip_id, priority in (("old", 50), ("alert", 30), ("new", 50)):
        spool.clip_ready(wanted(clock, clip_id), make_clip(spool, clip_id, big, priority))
    assert {path.name for path in spool.clips_directory.glob("*.mp4")} == {"alert.mp4", "new.mp4"}
    state = spool.state()
    assert (state.clips, state.dropped_clips) == (2, 1)
    assert state.bytes >= 800_000


@pytest.mark.fault("A15", "files that no row names")
def test_files_that_no_row_names_are_swept_at_the_start(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock)
    clip = make_clip(spool)
    queue_clip(spool, clip)
    stray = make_clip(spool, "stray").path
    half = spool.clips_directory / "half.mp4.tmp"
    half.write_bytes(b"x")
    spool.close()
    open_spool(tmp_path, clock)
    assert clip.path.exists()
    assert not stray.exists()
    assert not half.exists()


def test_a_clip_delivered_twice_is_queued_once(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock)
    clip = make_clip(spool)
    for _ in range(2):
        spool.clip_ready(wanted(clock), clip)
    assert spool.state().clips == 1


def test_gaps_travel_with_the_clip(tmp_path: Path) -> None:
    spool = open_spool(tmp_path, StillClock())
    gaps = (Gap(T0, T0 + 5, "reconnect"),)
    queue_clip(spool, replace(make_clip(spool), gaps=gaps))
    clip = spool.next_clip()
    assert clip is not None
    assert clip.gaps == gaps


def test_footage_for_a_job_is_wanted_over_a_restart(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock)
    spool.want(wanted(clock, "job"))
    spool.close()
    assert open_spool(tmp_path, clock).wanted() == (wanted(clock, "job"),)


def test_unknown_clips_are_no_error(tmp_path: Path) -> None:
    spool = open_spool(tmp_path, StillClock())
    spool.ack_clip("nobody", "u")
    spool.reject_clip("nobody", "why")
    assert spool.state().dropped_clips == 0


def test_what_was_delivered_and_what_was_lost_is_handed_on(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock)
    queue_clip(spool, make_clip(spool, "good"))
    queue_clip(spool, make_clip(spool, "bad"))
    spool.clip_ready(wanted(clock, "none"), None)
    delivered = spool.ack_clip("good", "https://ward/files/1")
    assert delivered is not None
    assert (delivered.upload_url, delivered.sent_bytes) == ("https://ward/files/1", delivered.bytes)
    assert spool.clip("good") is None
    waiting = spool.clip("bad")
    assert waiting is not None
    waiting.path.unlink()
    assert spool.next_clip() is None
    assert spool.lost_clips() == (LostClip("none", "no footage"), LostClip("bad", "missing"))
    assert spool.lost_clips() == ()


def test_how_many_leave_before_or_with_one_of_a_priority(tmp_path: Path) -> None:
    spool = open_spool(tmp_path, StillClock())
    for clip_id, priority in (("asked", 60), ("alert", 130), ("event", 150)):
        queue_clip(spool, make_clip(spool, clip_id, priority=priority))
    assert [spool.clips_ahead(priority) for priority in (50, 60, 130, 170)] == [0, 1, 2, 3]
    spool.ack_clip("asked", "u")
    assert [spool.clips_ahead(priority) for priority in (60, 170)] == [0, 2]


def test_one_that_is_asked_for_overtakes_one_under_way(tmp_path: Path) -> None:
    spool = open_spool(tmp_path, StillClock())
    queue_clip(spool, make_clip(spool, "event", priority=130))
    spool.clip_created("event", "https://ward/files/1")
    spool.clip_progress("event", 5)
    queue_clip(spool, make_clip(spool, "asked", priority=110))
    order = []
    while (clip := spool.next_clip()) is not None:
        order.append(clip.id)
        spool.ack_clip(clip.id, "u")
    assert order == ["asked", "event"]


def test_of_equals_what_is_under_way_then_what_is_new_and_old_ones_in_between(tmp_path: Path) -> None:
    spool = open_spool(tmp_path, StillClock())
    for number in range(4):
        queue_clip(spool, make_clip(spool, f"old{number}"))
    spool.clip_created("old1", "https://ward/files/1")
    spool.connected()
    for number in range(6):
        queue_clip(spool, make_clip(spool, f"new{number}"))
    order = []
    while (clip := spool.next_clip()) is not None:
        order.append(clip.id)
        spool.ack_clip(clip.id, "u")
    assert order == ["old1", "new0", "new1", "new2", "new3", "old0", "new4", "new5", "old2", "old3"]


def test_no_piece_of_an_upload_costs_a_write(tmp_path: Path) -> None:
    spool = open_spool(tmp_path, StillClock())
    queue_clip(spool, make_clip(spool))
    spool.clip_created("e1", "https://ward/files/1")
    log = tmp_path / "spool.db-wal"
    before = log.stat().st_size
    for sent in range(1, 10):
        spool.clip_progress("e1", sent)
    assert log.stat().st_size == before
    clip = spool.next_clip()
    assert clip is not None
    assert clip.sent_bytes == 9


def test_what_is_wanted_is_bounded_and_the_least_important_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clips, "MOST_WANTED", 3)
    clock = StillClock()
    spool = open_spool(tmp_path, clock)
    spool.record([found(clock, f"e{number}") for number in range(3)], HOW)
    spool.want(replace(wanted(clock, "job"), priority=60))
    assert [item.id for item in spool.wanted()] == ["job", "e1", "e2"]
    assert spool.lost_clips() == (LostClip("e0", "budget"),)
    assert spool.state().dropped_clips == 1
    told = [fields["media"]["clip"] for fields in all_pending(spool) if fields["id"] == "e0"]
    assert told[-1] == {"state": "dropped", "reason": "budget"}


def test_what_is_wanted_is_known_at_once_after_each_change(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock)
    assert spool.wanted() == ()
    spool.record([found(clock)], HOW)
    (one,) = spool.wanted()
    spool.clip_ready(one, None)
    assert spool.wanted() == ()
    spool.want(wanted(clock, "job"))
    assert [item.id for item in spool.wanted()] == ["job"]
