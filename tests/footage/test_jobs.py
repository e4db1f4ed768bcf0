from dataclasses import replace
from pathlib import Path

import pytest

from agent.footage.jobs import ClipJob, FootageJob
from agent.footage.queue import PacketQueue
from agent.values import Clip, ClipWanted
from agent.worker import Outcome
from tests.capture.clocks import HandClock, PassingStop
from tests.footage.recording import CAM, footage, gaps_s, look, moment, recorded, wanted, write


def test_packets_become_segments(drawn_h264: Path, tmp_path: Path) -> None:
    clock = HandClock()
    store, queue = footage(tmp_path, clock), PacketQueue()
    job = FootageJob(store, queue, clock)
    for packet in recorded(drawn_h264, moment(1000)):
        queue.put([packet])
        assert job.run_once() is Outcome.WORKED
    assert len(store.library.find(CAM, moment(0), moment(9999))) == 3
    job.close()
    store.close()


@pytest.mark.fault("D33", "footage: the writing thread sees that the clock was set")
def test_footage_is_dated_once_the_clock_is_right(drawn_h264: Path, tmp_path: Path) -> None:
    clock = HandClock(trusted=False)
    store, queue = footage(tmp_path, clock), PacketQueue()
    job = FootageJob(store, queue, clock)
    packets = recorded(drawn_h264, moment(1000, trusted=False))
    for packet in packets[:35]:
        queue.put([packet])
        job.run_once()
    clock.trust = True
    clock.pass_s(11)
    queue.put([packets[35]])
    job.run_once()
    assert {one.start.trusted for one in store.library.find(CAM, moment(0), moment(9999))} == {True}
    store.close()


def test_what_belongs_to_its_thread_is_done_each_hour(tmp_path: Path) -> None:
    clock = HandClock()
    store = footage(tmp_path, clock)
    queue = PacketQueue()
    done: list[float] = []
    job = FootageJob(store, queue, clock)
    job.hourly = lambda: done.append(clock.mono_s())
    for _ in range(5):
        clock.pass_s(1801)
        queue.wake()
        job.run_once()
    assert len(done) == 2
    store.close()


class Wishes:
    """What the spool does: remembers what is wanted until it is delivered."""

    def __init__(self, *wishes: ClipWanted) -> None:
        self.open = list(wishes)
        self.clips: list[Clip | None] = []

    def deliver(self, wish: ClipWanted, clip: Clip | None) -> None:
        self.open.remove(wish)
        self.clips.append(clip)


def test_a_clip_is_cut_when_its_footage_is_whole_and_not_before(drawn_h264: Path, tmp_path: Path) -> None:
    clock = HandClock()
    store = footage(tmp_path, clock)
    wish = replace(wanted(moment(1000.5), moment(1001.5)), due=moment(5000))
    wishes = Wishes(wish)
    job = ClipJob(store, lambda: wishes.open, wishes.deliver, tmp_path / "clips", PassingStop(clock))
    packets = recorded(drawn_h264, moment(1000))
    write(store, packets[:18])
    assert job.run_once() is Outcome.IDLE and wishes.clips == []
    write(store, packets[18:25])
    assert job.run_once() is Outcome.WORKED
    (clip,) = wishes.clips
    assert clip is not None and clip.gaps == ()
    assert clip.path == tmp_path / "clips" / "event-1.mp4" and look(clip.path).numbers[0] == 0
    assert job.run_once() is Outcome.IDLE
    store.close()


def test_what_is_due_is_cut_gaps_and_all(drawn_h264: Path, tmp_path: Path) -> None:
    clock = HandClock()
    store = footage(tmp_path, clock)
    write(store, recorded(drawn_h264, moment(1000)))
    wishes = Wishes(
        replace(wanted(moment(1001), moment(1020), "a"), due=moment(1030)),
        replace(wanted(moment(2001), moment(2020), "b"), due=moment(1030)),
    )
    job = ClipJob(store, lambda: wishes.open, wishes.deliver, tmp_path / "clips", PassingStop(clock))
    assert job.run_once() is Outcome.IDLE
    clock.pass_s(30)
    job.run_once()
    first, second = wishes.clips
    assert first is not None and gaps_s(first) == [(1003.0, 1020.0, "no_footage")]
    assert second is None
    store.close()


def test_clips_wanted_before_a_restart_are_cut_at_once(drawn_h264: Path, tmp_path: Path) -> None:
    store = footage(tmp_path, HandClock())
    write(store, recorded(drawn_h264, moment(1000)))
    store.close()
    clock = HandClock(mono_s=3, boot_id="boot-b", trusted=False)
    store = footage(tmp_path, clock)
    wishes = Wishes(replace(wanted(moment(1001), moment(1003), "../../etc/x"), due=moment(9000)))
    job = ClipJob(store, lambda: wishes.open, wishes.deliver, tmp_path / "clips", PassingStop(clock))
    assert job.run_once() is Outcome.WORKED
    (clip,) = wishes.clips
    assert clip is not None and clip.gaps == () and clip.path.parent == tmp_path / "clips"
    store.close()


def test_a_clip_that_may_wait_stays_in_the_ring(drawn_h264: Path, tmp_path: Path) -> None:
    clock = HandClock()
    store = footage(tmp_path, clock)
    write(store, recorded(drawn_h264, moment(1000)))
    first, second = (replace(wanted(moment(1001), moment(1002), name), due=moment(900)) for name in ("a", "b"))
    wishes = Wishes(first, second)
    job = ClipJob(store, lambda: wishes.open, wishes.deliver, tmp_path / "clips", PassingStop(clock))
    job.may_wait = lambda one: one.id == "a" or len(wishes.clips) > 0
    assert job.run_once() is Outcome.WORKED
    assert [one.id for one in wishes.open] == ["a"]
    assert job.run_once() is Outcome.IDLE
    assert [path.name for path in (tmp_path / "clips").iterdir()] == ["b.mp4"]
    store.close()
