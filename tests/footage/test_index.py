"""The index: a cache that may fail, be old, be lost or be of the future, and never costs a picture."""

import sqlite3
from fractions import Fraction
from pathlib import Path

import pytest

from agent.clock import NS
from agent.errors import StorageError
from agent.footage.dates import Dates
from agent.footage.evictions import Evictions, expired_told
from agent.footage.index import TOO_MANY, Index
from agent.footage.jobs import ENTER_EVERY_S, INDEX, FootageJob
from agent.footage.mux import Opened
from agent.footage.queue import PacketQueue
from agent.footage.ring import Kind, Victim
from agent.footage.rows import VERSION
from agent.footage.stored import Stored
from agent.health.faults import FaultBoard
from agent.i18n import Text
from agent.values import Evicted, Gap, Segment, StreamFormat
from tests.capture.clocks import WALL_NS, HandClock
from tests.footage.recording import CAM, footage, gaps_s, moment, recorded, wanted, write

FORM = StreamFormat("h264", 2, 2, Fraction(1, 10), b"x")
FIRST_VERSION = """
CREATE TABLE segments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    cam TEXT NOT NULL, name TEXT NOT NULL,
    boot_id TEXT NOT NULL, run INTEGER NOT NULL, mono_ns INTEGER NOT NULL, wall_ns INTEGER NOT NULL,
    trusted INTEGER NOT NULL, pts_ns INTEGER NOT NULL, duration_ns INTEGER NOT NULL, bytes INTEGER NOT NULL,
    codec TEXT NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL,
    base_num INTEGER NOT NULL, base_den INTEGER NOT NULL, extradata BLOB NOT NULL, gap_cause TEXT,
    UNIQUE (cam, name)
) STRICT;
CREATE INDEX by_mono ON segments (cam, boot_id, mono_ns);
CREATE INDEX by_wall ON segments (cam, wall_ns);
PRAGMA user_version=1;
"""


def stored(start_s: float, boot_id: str = "boot-a", trusted: bool = True, cam: str = CAM) -> Stored:
    start = moment(start_s, boot_id, trusted)
    path = Path(f"{boot_id}-{start_s}.mp4")
    return Stored(Segment(0, cam, 1, path, start, 10.0, 100, FORM, "restart"), round(start_s * NS))


def opened(directory: Path) -> Index:
    return Index(directory, Dates(directory))


def seconds(rows: list[Stored]) -> list[float]:
    return [one.segment.start.mono_s for one in rows]


def refuse(*_: object) -> None:
    raise StorageError(Text(en="the index fails", vi="lỗi chỉ mục"), code="storage_error")


def test_answers_are_the_same_before_and_after_rows_are_entered(tmp_path: Path) -> None:
    index = opened(tmp_path)
    rows = [index.add(stored(10 * number)) for number in range(10)]

    def told() -> list[object]:
        between = index.overlapping(CAM, moment(25), moment(45))
        newest = index.newest(CAM)
        assert newest is not None
        return [seconds(index.all()), seconds(between), newest.segment.start, index.totals(CAM), index.ends()]

    before = told()
    assert before[:2] == [[10 * number for number in range(10)], [20, 30, 40]]
    index.enter()
    assert told() == before and index.waiting == 0
    index.remove(rows[:3])
    assert seconds(index.overlapping(CAM, moment(25), moment(45))) == [30, 40]
    removed = told()
    assert index.totals(CAM).oldest_ns == WALL_NS + 30 * NS
    index.close()
    index = opened(tmp_path)
    assert told() == removed
    index.close()


def test_many_boots_are_asked_in_one_question(tmp_path: Path) -> None:
    dates, index = Dates(tmp_path), opened(tmp_path)
    for number in range(300):
        index.add(stored(5, f"boot-{number:03}", trusted=False))
    index.enter()
    assert len(index.overlapping(CAM, moment(0, "boot-x"), moment(99, "boot-x"))) == 300
    dates.learn("boot-007", WALL_NS + 7000 * NS, {"boot-007"})
    other = Index(tmp_path, dates, reading=True)
    found = other.overlapping(CAM, moment(7001, "boot-y"), moment(7009, "boot-y"))
    assert [one.segment.start.boot_id for one in found] == ["boot-007"]
    other.abandon()
    index.close()


def test_an_index_of_the_first_version_is_brought_up_where_it_is(drawn_h264: Path, tmp_path: Path) -> None:
    store = footage(tmp_path, HandClock())
    write(store, recorded(drawn_h264, moment(1000)))
    store.close()
    path = tmp_path / "footage" / "index.sqlite"
    db = sqlite3.connect(path)
    rows = db.execute(
        "SELECT id, cam, name, boot_id, run, mono_ns, wall_ns, trusted, pts_ns, duration_ns, bytes, codec, width, "
        "height, base_num, base_den, extradata, gap_cause FROM segments"
    ).fetchall()
    db.executescript("DROP TABLE segments; DROP TABLE evicted;")
    db.executescript(FIRST_VERSION)
    db.executemany(f"INSERT INTO segments VALUES ({','.join('?' * 18)})", rows)
    db.commit()
    db.close()
    told: list[int] = []
    store = footage(tmp_path, HandClock(), progress=lambda done, total: told.append(total))
    assert not store.recovery.index_rebuilt and store.recovery.files_adopted == 0 and told == []
    assert len(store.library.find(CAM, moment(0), moment(9999))) == 4
    write(store, recorded(drawn_h264, moment(2000), run=2))
    store.close()
    db = sqlite3.connect(path)
    assert db.execute("PRAGMA user_version").fetchone() == (VERSION,)
    assert db.execute("SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL").fetchone() == (0,)
    assert db.execute("SELECT count(*), max(id) FROM segments").fetchone() == (8, 8)
    db.close()


@pytest.mark.fault("A14", "index: a later version is left aside whole")
def test_an_index_of_a_later_version_is_left_aside_whole(drawn_h264: Path, tmp_path: Path) -> None:
    store = footage(tmp_path, HandClock())
    write(store, recorded(drawn_h264, moment(1000)))
    store.close()
    path = tmp_path / "footage" / "index.sqlite"
    db = sqlite3.connect(path)
    db.execute(f"PRAGMA user_version={VERSION + 1}")
    db.close()
    content = path.read_bytes()
    told: list[tuple[int, int]] = []
    store = footage(tmp_path, HandClock(), progress=lambda done, total: told.append((done, total)))
    assert store.recovery.index_rebuilt and store.recovery.files_adopted == 4 and told == [(0, 4)]
    assert [one.start.mono_s for one in store.library.find(CAM, moment(0), moment(9999))] == [1000, 1001, 1002, 1003]
    store.close()
    (aside,) = (tmp_path / "footage").glob("index.sqlite.later-*")
    assert aside.read_bytes() == content


@pytest.mark.fault("A7", "index: cannot be written")
def test_a_failing_index_costs_no_picture_and_the_disk_does_not_fill(
    drawn_h264: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, queue = HandClock(mono_s=1000), PacketQueue()
    faults = FaultBoard(clock, lambda notice: None)
    store = footage(tmp_path, clock, budget="10MB", max_days=1)
    job = FootageJob(store, queue, clock, faults)
    with monkeypatch.context() as patch:
        patch.setattr(Index, "_write", refuse)
        for packet in recorded(drawn_h264, moment(1000)):
            queue.put([packet])
            clock.mono_ns = packet.at.mono_ns
            job.run_once()
        clock.pass_s(ENTER_EVERY_S)
        queue.put(recorded(drawn_h264, clock.now(), run=2)[:1])
        job.run_once()
        assert [(fault.code, tuple(fault.sources)) for fault in faults.open()] == [("storage_error", (INDEX,))]
        assert store.state(CAM).dropped_packets == 0
        found = store.library.find(CAM, moment(0), moment(9999))
        assert sum(one.duration_s for one in found) == pytest.approx(4.0)
        for one in found:
            with Opened(one.path) as file:
                assert next(file.pieces()).key
        clock.pass_s(2 * 86_400)
        queue.put(recorded(drawn_h264, clock.now(), run=3)[:1])
        job.run_once()
        assert not any(one.path.exists() for one in found)
    clock.pass_s(ENTER_EVERY_S)
    queue.put(recorded(drawn_h264, clock.now(), run=4)[:1])
    job.run_once()
    assert faults.codes() == ()
    store.close()


@pytest.mark.fault("A7", "index: cannot be written for long")
def test_an_index_that_cannot_be_written_for_long_is_begun_anew(tmp_path: Path) -> None:
    index = opened(tmp_path)
    for number in range(TOO_MANY + 1):
        assert not index.damaged
        index.add(stored(10 * number))
    assert index.damaged
    index.close()


def test_what_was_removed_is_counted_and_told_as_expired(street_h264: Path, tmp_path: Path) -> None:
    clock = HandClock(mono_s=3000)
    store = footage(tmp_path, clock, segment="2s", budget="10MB")
    store.redate(clock)
    segments = 0
    for number in range(40):
        write(store, recorded(street_h264, moment(1000 + 12 * number), run=number))
        store.expire()
        segments += 6
    state = store.state(CAM)
    left = len(store.library.find(CAM, moment(0), moment(9999)))
    assert state.evicted == Evicted(unwanted=segments - 1 - left) and state.evicted.unwanted > 0
    clip = store.library.cut(wanted(moment(990), moment(1480)), tmp_path / "clip.mp4")
    assert clip is not None
    oldest_s = store.library.find(CAM, moment(0), moment(9999))[0].start.mono_s
    assert [gap for gap in gaps_s(clip) if gap[0] < oldest_s - 1] == [
        (990.0, 1000.0, "no_footage"),
        (1000.0, oldest_s, "expired"),
    ]
    planned = store.library.plan(CAM, moment(1100), moment(1120))
    assert planned.gaps == (Gap(WALL_NS + 1100 * NS, WALL_NS + 1120 * NS, "expired"),)
    store.close()
    store = footage(tmp_path, HandClock(mono_s=9, boot_id="boot-b"), segment="2s", budget="10MB")
    assert store.state(CAM).evicted == state.evicted
    assert store.library.plan(CAM, moment(1100), moment(1120)).gaps == planned.gaps
    store.close()


def test_the_account_of_removals_is_bounded_and_survives_nonsense(tmp_path: Path) -> None:
    dates = Dates(tmp_path)
    dates.learn("boot-a", WALL_NS, {"boot-a"})
    account = Evictions({CAM: "nonsense", "yard": "{}"})
    victims = [Victim(stored(20 * number), Kind.UNWANTED) for number in range(1000)]
    text = account.note(victims)[CAM]
    assert len(text) < 16_000 and account.counts(CAM) == Evicted(unwanted=1000)
    again = Evictions({CAM: text})
    assert again.stretches(CAM) == account.stretches(CAM) and len(again.stretches(CAM)) == 128
    gap = Gap(WALL_NS + 19_975 * NS, WALL_NS + 20_000 * NS, "reconnect")
    assert [part.cause for part in expired_told((gap,), again.stretches(CAM), dates)] == [
        *["no_footage", "expired", "reconnect"]
    ]
    damaged = Gap(gap.from_ns, gap.to_ns, "damaged")
    assert expired_told((damaged,), again.stretches(CAM), dates) == (damaged,)


def test_a_rebuild_that_is_ended_half_way_has_the_newest(
    drawn_h264: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = HandClock()
    store = footage(tmp_path, clock)
    store.redate(clock)
    write(store, recorded(drawn_h264, moment(1000)))
    write(store, recorded(drawn_h264, moment(2000), run=2))
    store.close()
    clock = HandClock(mono_s=50, boot_id="boot-b", trusted=False)
    clock.wall_offset_ns = 0  # 1970: its files sort first by name, and are the newest all the same
    store = footage(tmp_path, clock)
    write(store, recorded(drawn_h264, clock.now(), run=1))
    store.close()
    (tmp_path / "footage" / "index.sqlite").unlink()
    monkeypatch.setattr("agent.footage.recovery.TOGETHER", 2)
    monkeypatch.setattr("agent.footage.recovery.TOLD_EVERY", 2)

    def killed(done: int, total: int) -> None:
        assert total == 12
        if done == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        footage(tmp_path, HandClock(), progress=killed)
    index = opened(tmp_path / "footage")
    assert seconds(index.all()) == [2002, 2003, 50, 51, 52, 53]
    index.abandon()
    told: list[tuple[int, int]] = []
    store = footage(tmp_path, HandClock(), progress=lambda done, total: told.append((done, total)))
    assert told == [(0, 6), (2, 6), (4, 6)] and store.recovery.files_adopted == 6
    assert len(store.library.find(CAM, moment(0), moment(9999))) == 8
    store.close()


def test_names_are_those_of_all_that_it_knows(drawn_h264: Path, tmp_path: Path) -> None:
    store = footage(tmp_path, HandClock())
    packets = recorded(drawn_h264, moment(1000))
    write(store, packets[:21])
    store.enter()
    write(store, packets[21:])
    index = store._index
    all_ = index.all()
    assert index.waiting and index.names() == {stored.path.name for stored in all_}
    index.remove([all_[0], all_[-1]])
    assert index.names() == {stored.path.name for stored in all_[1:-1]}
    store.close()


@pytest.mark.parametrize("at_s", [-7e10, 7e10])
def test_a_question_about_the_year_1_or_4000_is_answered(at_s: float, tmp_path: Path) -> None:
    index = opened(tmp_path)
    index.add(stored(10, "boot-b"))
    index.enter()
    assert index.overlapping(CAM, moment(at_s), moment(at_s + 600)) == []
    assert seconds(index.overlapping(CAM, moment(-abs(at_s)), moment(abs(at_s)))) == [10]
    index.close()


@pytest.mark.parametrize(
    ("column", "value"),
    [("name", "../../evidence/device.pub.pem"), ("cam", "../evidence"), ("name", ".."), ("cam", "")],
)
def test_a_row_that_leads_elsewhere_costs_the_index_and_not_the_file(
    drawn_h264: Path, tmp_path: Path, column: str, value: str
) -> None:
    store = footage(tmp_path, HandClock())
    write(store, recorded(drawn_h264, moment(1000)))
    store.close()
    kept = tmp_path / "evidence/device.pub.pem"
    kept.parent.mkdir()
    kept.write_bytes(b"not footage")
    with sqlite3.connect(tmp_path / "footage/index.sqlite") as db:
        db.execute(f"UPDATE segments SET {column} = ? WHERE id = (SELECT min(id) FROM segments)", (value,))
    db.close()
    with pytest.raises(sqlite3.DatabaseError, match="out of its folder"):
        Index(tmp_path / "footage", Dates(tmp_path / "footage"), reading=True)
    files = sorted((tmp_path / "footage" / CAM).glob("*.mp4"))
    store = footage(tmp_path, HandClock())
    assert store.recovery.index_rebuilt
    assert [one.path for one in store.library.find(CAM, moment(0), moment(2000))] == files
    store.close()
    assert kept.read_bytes() == b"not footage"
