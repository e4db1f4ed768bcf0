"""`footage.mode: events`: the ring in memory, the card for what is wanted."""

import shutil
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from agent.app.ring import ring_directory
from agent.cli.verify_footage import Chain, look
from agent.clock import NS
from agent.errors import StorageError
from agent.evidence.check import State, check
from agent.evidence.key import open_key
from agent.footage.doors import AnyFootage
from agent.footage.jobs import ClipJob, FootageJob
from agent.footage.library import unproved
from agent.footage.queue import PacketQueue
from agent.footage.reading import open_both
from agent.values import Clip, Hold, Packet, StreamFormat
from agent.worker import Outcome
from tests.capture.clocks import WALL_NS, HandClock, PassingStop
from tests.evidence.notaries import notary
from tests.footage import recording
from tests.footage.recording import CAM, gaps_s, moment, span_s
from tests.footage.rings import config, continuous, covers, events_mode, everything, files, film, on_card, play

ROOT = Path(__file__).resolve().parents[2]


pytestmark = pytest.mark.usefixtures("runtime")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def ring(data: Path) -> Path:
    directory = ring_directory(config(data))
    assert directory is not None
    return directory


def cut(store: AnyFootage, start_s: float, end_s: float, target: Path) -> Clip:
    clip = store.library.cut(covers(start_s, end_s), target)
    assert clip is not None
    return clip


def chain(data: Path) -> Chain:
    return look(data / "footage" / CAM, open_key(data / "evidence").public)


def test_without_an_event_nothing_is_written_to_the_card(drawn_h264: Path, data: Path) -> None:
    clock = HandClock()
    store = events_mode(data, clock)
    store.seal_with(notary(data))
    store.redate(clock)  # since when it is so, once
    before = everything(data / "footage")
    play(store, clock, film(drawn_h264, 1000, 120))
    assert everything(data / "footage") == before
    assert store.state(CAM).bytes == 0 and (store.state(CAM).memory_bytes or 0) > 100_000
    assert len(store.library.find(CAM, moment(0), moment(9999))) == 119
    store.close()
    assert files(data / "footage") == []


def test_with_an_event_the_segments_around_it_are_and_no_others(drawn_h264: Path, data: Path) -> None:
    clock = HandClock()
    store = events_mode(data, clock)
    play(store, clock, film(drawn_h264, 1000, 40))
    store.cover(covers(1035.5, 1035.5 + 120))  # an event has begun: how long it lasts nobody knows
    play(store, clock, film(drawn_h264, 1040, 8))
    assert on_card(data) == list(range(1035, 1047))  # those of before it as well, and each when it is finished
    store.cover(covers(1035.5, 1049.5))
    play(store, clock, film(drawn_h264, 1048, 40))
    assert on_card(data) == list(range(1035, 1050))
    source = {path.name: path.read_bytes() for path in files(data / "footage")}
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in files(data / "footage"))
    assert not any((ring(data) / CAM / name).exists() for name in source)  # their memory is free again
    store.close()
    again = events_mode(data, clock)
    assert len(again.library.find(CAM, moment(1035.5), moment(1049.5))) == 15
    again.close()


def test_a_clip_can_be_cut_from_memory_and_from_both(drawn_h264: Path, data: Path) -> None:
    clock = HandClock()
    store = events_mode(data, clock)
    play(store, clock, film(drawn_h264, 1000, 40))
    clip = cut(store, 1030, 1036, data / "memory.mp4")
    assert files(data / "footage") == []
    assert (span_s(clip), clip.gaps) == ((1030.0, 1036.0), ())
    store.pin([covers(1000, 1020)])
    play(store, clock, film(drawn_h264, 1040, 4))
    assert on_card(data) == list(range(1000, 1020))
    clip = cut(store, 1010, 1030, data / "both.mp4")
    assert (span_s(clip), clip.gaps) == ((1010.0, 1030.0), ())
    assert len(recording.look(clip.path).times_s) == 200
    found = store.library.plan(CAM, moment(1010), moment(1030))
    assert (round(found.coverage_s, 3), found.gaps, found.segments) == (20.0, (), 20)
    store.close()


def test_the_worker_cuts_what_an_event_wants(drawn_h264: Path, data: Path) -> None:
    clock = HandClock()
    store, queue = events_mode(data, clock), PacketQueue()
    job = FootageJob(store, queue, clock)
    wish = replace(covers(1015, 1025), due=moment(5000))
    clips: list[Clip | None] = []
    cutting = ClipJob(store, lambda: [wish], lambda _, clip: clips.append(clip), data / "clips", PassingStop(clock))
    for packet in film(drawn_h264, 1000, 24):
        clock.mono_ns = packet.at.mono_ns
        queue.put([packet])
        job.run_once()
    assert cutting.run_once() is Outcome.IDLE and clips == []
    for packet in film(drawn_h264, 1024, 8):
        clock.mono_ns = max(clock.mono_ns, packet.at.mono_ns)
        queue.put([packet])
        job.run_once()
    assert cutting.run_once() is Outcome.WORKED
    assert clips[0] is not None and clips[0].gaps == ()
    assert on_card(data) == list(range(1015, 1025))
    store.close()


def test_what_was_not_kept_is_told_and_does_not_look_like_tampering(drawn_h264: Path, data: Path) -> None:
    clock = HandClock()
    store = events_mode(data, clock)
    store.seal_with(notary(data))
    small = Small(store, clock, drawn_h264)
    for begin_s in (1000, 1100, 1200):
        store.cover(covers(begin_s + 20, begin_s + 24, f"event-{begin_s}"))
        small.play(begin_s, 100)
    small.forget()
    assert on_card(data) == [1020, 1021, 1022, 1023, 1120, 1121, 1122, 1123, 1220, 1221, 1222, 1223]
    plan = store.library.plan(CAM, moment(1020), moment(1124))
    assert [gap.cause for gap in plan.gaps] == ["not_kept"] and plan.coverage_s == pytest.approx(8)
    clip = cut(store, 1020, 1124, data / "clip.mp4")
    assert gaps_s(clip) == [(1024.0, 1120.0, "not_kept")]
    assert clip.manifest is not None
    assert check(clip.path, clip.manifest, open_key(data / "evidence").public).state is State.GAPS
    found = chain(data)
    assert (len(found.sealed), found.breaks) == (12, ()) and found.removed == 96 * 2
    evicted = store.state(CAM).evicted
    assert evicted.not_kept >= 280 and evicted.pending == evicted.unwanted == 0
    store.close()
    files(data / "footage")[5].unlink()  # that one the node did not remove
    assert len(chain(data).breaks) == 1


def test_a_hold_reaches_into_memory_also_before_what_is_kept(drawn_h264: Path, data: Path) -> None:
    clock = HandClock()
    store = events_mode(data, clock)
    store.seal_with(notary(data))
    play(store, clock, film(drawn_h264, 1000, 40))
    store.cover(covers(1005, 1007, "first"))
    store.cover(covers(1030, 1034, "last"))
    play(store, clock, film(drawn_h264, 1040, 4))
    assert on_card(data) == [1005, 1006, 1030, 1031, 1032, 1033]
    hold = Hold("hold-1", CAM, WALL_NS + 1010 * NS, WALL_NS + 1014 * NS, WALL_NS + 90_000 * NS, "officer", "case 7")
    store.library.hold(hold)
    assert store.library.held_bytes > 0
    for _ in range(3):
        store.expire()
    assert on_card(data) == [1005, 1006, 1010, 1011, 1012, 1013, 1030, 1031, 1032, 1033]
    assert chain(data).breaks == ()
    clip = cut(store, 1005, 1034, data / "clip.mp4")
    assert clip.gaps == ()  # the rest is in memory still
    store.close()
    again = events_mode(data, clock)
    again.seal_with(notary(data))  # goes on from the newest, not from what was kept last
    play(again, clock, film(drawn_h264, 1100, 8))
    again.cover(covers(1102, 1104))
    again.close()
    assert on_card(data)[-2:] == [1102, 1103]
    assert chain(data).breaks == ()


@pytest.mark.fault("A1", "footage in memory: kill -9 keeps the ring")
def test_kill_9_keeps_what_is_in_memory(drawn_h264: Path, data: Path) -> None:
    command = [sys.executable, "-m", "tests.footage.rings", str(data), str(drawn_h264)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None and process.stdout.readline() == "written\n"
    process.kill()
    process.wait()
    assert files(data / "footage") == []
    clock = HandClock(1021)
    store = events_mode(data, clock)
    found = store.library.find(CAM, moment(0), moment(9999))
    assert len(found) >= 19 and found[0].start.mono_s == 1000
    store.pin([covers(1008, 1012)])  # the spool remembers what an event wanted
    store.expire()
    assert on_card(data) == [1008, 1009, 1010, 1011]
    assert cut(store, 1008, 1018, data / "clip.mp4").gaps == ()
    store.close()


@pytest.mark.fault("A3", "footage in memory: a power cut takes the ring, and the hole says so")
def test_a_power_cut_takes_what_is_in_memory_and_the_hole_says_so(drawn_h264: Path, data: Path) -> None:
    clock = HandClock()
    store = events_mode(data, clock)
    store.seal_with(notary(data))
    store.cover(covers(1010, 1012))
    play(store, clock, film(drawn_h264, 1000, 60))
    shutil.rmtree(ring(data))  # the agent is gone as well: nothing is closed
    clock = HandClock(50, boot_id="boot-b")
    clock.wall_offset_ns = WALL_NS + 1100 * NS  # this boot began at second 1100
    store = events_mode(data, clock)
    store.seal_with(notary(data))
    at = replace(moment(50), boot_id="boot-b", wall_ns=WALL_NS + 1150 * NS)
    play(
        store,
        clock,
        [packet for k in range(3) for packet in recording.recorded(drawn_h264, at.shifted(4 * k), 2, stamp_s=4 * k)],
    )
    store.redate(clock)
    store.cover(replace(covers(0, 1), start=at.shifted(2), end=at.shifted(4)))
    play(store, clock, recording.recorded(drawn_h264, at.shifted(12), 2, stamp_s=12))
    assert len(files(data / "footage")) == 4 and chain(data).breaks == ()

    def causes(from_s: float, to_s: float) -> list[str]:
        start, end = (
            replace(at, mono_ns=round((s - 1100) * NS), wall_ns=WALL_NS + round(s * NS)) for s in (from_s, to_s)
        )
        return [gap.cause for gap in store.library.plan(CAM, start, end).gaps]

    assert causes(1010, 1156) == ["not_kept"]
    assert causes(1020, 1040) == ["not_kept"]
    assert causes(1170, 1180) == ["no_footage"]  # that has not been yet
    store.close()


def test_the_mode_may_change_both_ways(drawn_h264: Path, data: Path) -> None:
    clock = HandClock()
    first = continuous(data, clock)
    first.seal_with(notary(data))
    play(first, clock, film(drawn_h264, 1000, 12))
    first.close()
    second = events_mode(data, clock)
    second.seal_with(notary(data))
    play(second, clock, film(drawn_h264, 1012, 12))
    assert cut(second, 1004, 1020, data / "a.mp4").gaps == ()
    second.close()
    assert on_card(data) == list(range(1000, 1012))
    third = continuous(data, clock)
    third.seal_with(notary(data))
    assert not ring(data).exists()  # all of it is wanted now
    play(third, clock, film(drawn_h264, 1024, 12))
    assert cut(third, 1004, 1034, data / "b.mp4").gaps == ()
    third.close()
    assert on_card(data) == list(range(1000, 1036))
    assert chain(data).breaks == () and chain(data).removed == 0
    fourth = events_mode(data, clock)
    assert len(fourth.library.find(CAM, moment(0), moment(9999))) == 36
    fourth.close()


def test_memory_never_takes_more_than_it_may(data: Path) -> None:
    clock = HandClock()
    store = events_mode(data, clock, memory="8MB", segment="10s")
    form = StreamFormat("mpeg4", 320, 240, Fraction(1, 90_000), b"\x00\x00\x01\xb0\x01" * 8)
    most = 0
    for step in range(600):  # two cameras with 1 MB/s each
        clock.pass_s(0.1)
        for cam in ("one", "two"):
            ticks = step * 9_000
            store.write(Packet(cam, 1, clock.now(), ticks, ticks, 9_000, step % 10 == 0, form, bytes(100_000)))
        most = max(most, sum(path.stat().st_size for path in ring(data).rglob("*.mp4")))
    assert 3_000_000 < most <= 8_000_000
    assert store.state("one").evicted.not_kept > 0 and store.state("one").dropped_packets == 0
    store.close()


@pytest.mark.fault("A5", "footage in memory: the card is full")
def test_a_full_card_stops_neither_memory_nor_later_keeping(drawn_h264: Path, small_disk: Path) -> None:
    clock = HandClock()
    store = events_mode(small_disk, clock)
    play(store, clock, film(drawn_h264, 1000, 20))
    filler = small_disk / "filler"
    with pytest.raises(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    store.cover(covers(1010, 1014))
    for packet in film(drawn_h264, 1020, 8):
        clock.mono_ns = packet.at.mono_ns
        store.write(packet)
    assert files(small_disk / "footage") == [] and store.state(CAM).dropped_packets == 0
    with pytest.raises(StorageError) as caught:
        store.expire()
    assert caught.value.code == "disk_full"
    filler.unlink()
    clock.pass_s(10)
    play(store, clock, film(drawn_h264, 1040, 12))
    assert on_card(small_disk) == [1010, 1011, 1012, 1013]
    store.close()


def test_a_second_process_sees_both(drawn_h264: Path, data: Path) -> None:
    clock = HandClock()
    store = events_mode(data, clock)
    store.cover(covers(1002, 1004))
    play(store, clock, film(drawn_h264, 1000, 20))
    places = (data / "footage", ring(data))
    with open_both(places, config(data).footage, clock, unproved) as library:
        assert len(library.find(CAM, moment(0), moment(9999))) == 19
        clip = library.cut(covers(1001, 1015), data / "clip.mp4")
    assert clip is not None and clip.gaps == ()
    store.close()


class Small:
    """A store whose memory is too small for what comes: everything is pressed out of it in time."""

    def __init__(self, store: AnyFootage, clock: HandClock, video: Path) -> None:
        self._store, self._clock, self._video = store, clock, video

    def play(self, begin_s: int, seconds: int) -> None:
        play(self._store, self._clock, film(self._video, begin_s, seconds))

    def forget(self) -> None:
        """Press the rest out."""
        form = StreamFormat("mpeg4", 320, 240, Fraction(1, 90_000), b"\x00\x00\x01\xb0\x01" * 8)
        for step in range(300):
            self._clock.pass_s(0.1)
            data = bytes(100_000)
            at = self._clock.now()
            self._store.write(Packet("other", 1, at, step * 9_000, step * 9_000, 9_000, step % 10 == 0, form, data))
        self._store.expire()
