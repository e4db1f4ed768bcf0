"""Holds pin footage until a date, are bounded, and follow their footage when it is re-dated."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.clock import NS
from agent.config.model import FootageSection
from agent.errors import StorageError
from agent.footage.holds import LONGEST_NS, MAX_HOLDS, Held, HoldRefused, Holds
from agent.footage.reading import open_library
from agent.footage.store import Footage
from agent.values import Hold
from tests.capture.clocks import WALL_NS, HandClock
from tests.footage.recording import CAM, footage, moment, recorded, write

DAY_S = 86_400
TIGHT: dict[str, Any] = {"budget": "10MB"}


def hold(from_s: float, to_s: float, days: float = 10, name: str = "hold-1") -> Hold:
    wall = [WALL_NS + round(at * NS) for at in (from_s, to_s, 1000 + days * DAY_S)]
    return Hold(name, CAM, wall[0], wall[1], wall[2], "officer 7", "case 12")


def kept(store: Footage) -> list[float]:
    return [one.start.mono_s for one in store.library.find(CAM, moment(0), moment(10**7))]


def filled(store: Footage, video: Path, seconds: int) -> None:
    for number in range(seconds // 12):
        write(store, recorded(video, moment(2000 + 12 * number), run=number + 2))
        store.expire()


def test_what_is_held_stays_when_everything_around_it_goes(street_h264: Path, tmp_path: Path) -> None:
    clock = HandClock(mono_s=2000)
    store = footage(tmp_path, clock, segment="2s", **TIGHT)
    write(store, recorded(street_h264, moment(1000)))
    assert store.library.hold(hold(1002.5, 1005)) == hold(1002.5, 1005)
    assert store.library.holds() == (hold(1002.5, 1005),)
    filled(store, street_h264, 600)
    assert [at for at in kept(store) if at < 2000] == [1002, 1004]
    assert store.state(CAM).bytes <= 10**7
    assert store.library.release("hold-1") and not store.library.release("hold-1")
    filled(store, street_h264, 120)
    assert [at for at in kept(store) if at < 2000] == []
    assert store.library.holds() == ()
    store.close()


def test_a_hold_outlives_the_age_limit_and_its_footage_goes_at_its_end(drawn_h264: Path, tmp_path: Path) -> None:
    clock = HandClock(mono_s=2000)
    store = footage(tmp_path, clock, max_days=2)
    write(store, recorded(drawn_h264, moment(1000)))
    store.library.hold(hold(1000, 1001.5, days=5))
    clock.pass_s(3 * DAY_S)
    store.expire()
    assert kept(store) == [1000, 1001]
    clock.wall_offset_ns += 3652 * DAY_S * NS  # the wall clock says that the hold is over for years
    clock.pass_s(DAY_S)
    store.expire()
    assert kept(store) == [1000, 1001] and len(store.library.holds()) == 1
    clock.pass_s(DAY_S)
    store.expire()
    assert kept(store) == [] and store.library.holds() == ()
    store.close()


def test_a_hold_that_could_not_be_read_again_is_refused(drawn_h264: Path, tmp_path: Path) -> None:
    store = footage(tmp_path, HandClock(mono_s=2000))
    write(store, recorded(drawn_h264, moment(1000)))
    good = hold(1000, 1001.5)
    for far in (replace(good, from_ns=-1), replace(good, from_ns=-(10**20)), replace(good, to_ns=10**20)):
        with pytest.raises(HoldRefused, match="1970") as refused:
            store.library.hold(far)
        assert refused.value.why == "schema"
    assert store.library.holds() == ()
    widest = replace(good, from_ns=0, to_ns=2**63 - 1)
    store.library.hold(widest)
    assert store.library.holds() == (widest,)
    store.close()


def test_in_another_boot_a_hold_ends_only_by_a_clock_that_is_believed(tmp_path: Path) -> None:
    held = Held(hold(1000, 1001, days=5), moment(1500))
    late = moment(7 * DAY_S, "boot-b")
    assert held.over(late, believed=True) and not held.over(late, believed=False)
    assert not held.over(moment(1000 + 4 * DAY_S, "boot-b"), believed=True)


def test_a_hold_keeps_its_footage_when_that_is_re_dated(street_h264: Path, tmp_path: Path) -> None:
    clock = HandClock(mono_s=2000)
    store = footage(tmp_path, clock, segment="2s", **TIGHT)
    store.redate(clock)
    write(store, recorded(street_h264, moment(1000)))
    store.library.hold(hold(1002.5, 1005))
    clock.pass_s(100)
    clock.wall_offset_ns += 7200 * NS
    assert store.redate(clock) > 0
    filled(store, street_h264, 240)
    assert [at for at in kept(store) if at < 2000] == [1002, 1004]
    store.close()
    clock = HandClock(mono_s=5000, boot_id="boot-b")
    clock.wall_offset_ns += DAY_S * NS
    store = footage(tmp_path, clock, segment="2s", **TIGHT)
    for number in range(20):
        write(store, recorded(street_h264, moment(5000 + 12 * number, "boot-b"), run=number))
        store.expire()
    found = store.library.find(CAM, moment(0), moment(3000))
    assert [one.start.mono_s for one in found] == [1002, 1004]
    store.close()


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (hold(1000, 1004, days=91), "90 days"),
        (hold(1000, 1004, days=-1), "90 days"),
        (hold(1004, 1000), "empty"),
        (hold(3000, 4000), "still to come"),
        (hold(1000, 1004, name="../../etc/passwd"), "letters, digits"),
    ],
)
def test_wishes_that_are_refused_in_words(wish: Hold, words: str, drawn_h264: Path, tmp_path: Path) -> None:
    store = footage(tmp_path, HandClock(mono_s=2000))
    write(store, recorded(drawn_h264, moment(1000)))
    with pytest.raises(HoldRefused, match=words) as caught:
        store.library.hold(wish)
    assert caught.value.text.vi and caught.value.hint is not None
    assert store.library.holds() == () and list(tmp_path.rglob("*.json")) == []
    store.close()


def test_a_clock_that_is_not_right_keeps_no_date(drawn_h264: Path, tmp_path: Path) -> None:
    store = footage(tmp_path, HandClock(mono_s=2000, trusted=False))
    with pytest.raises(HoldRefused, match="clock"):
        store.library.hold(hold(1000, 1004))
    store.close()


def test_holds_take_no_more_than_their_share(street_h264: Path, tmp_path: Path) -> None:
    store = footage(tmp_path, HandClock(mono_s=9000), segment="2s", max_held=0.1, **TIGHT)
    write(store, recorded(street_h264, moment(1000)))
    write(store, recorded(street_h264, moment(1012), run=2))
    store.library.hold(hold(1000, 1002))
    taken = store.library.held_bytes
    assert 0 < taken <= 10**6
    with pytest.raises(HoldRefused, match="10%"):
        store.library.hold(hold(1000, 1030, name="more"))
    assert len(store.library.holds()) == 1 and store.library.held_bytes == taken
    store.library.hold(replace(hold(1000, 1002), reason="renewed"))  # the same id takes its place
    assert [one.reason for one in store.library.holds()] == ["renewed"]
    store.close()


def test_there_are_only_so_many(tmp_path: Path) -> None:
    store = footage(tmp_path, HandClock(mono_s=2000))
    folder = tmp_path / "footage" / "holds"
    Holds(tmp_path / "footage").put(Held(hold(1, 2, name="hold-0"), moment(1)))
    content = (folder / "hold-0.json").read_text()
    for number in range(1, MAX_HOLDS):
        (folder / f"hold-{number}.json").write_text(content.replace("hold-0", f"hold-{number}"))
    with pytest.raises(HoldRefused, match=str(MAX_HOLDS)):
        store.library.hold(hold(1000, 1001, name="one-too-many"))
    store.close()


WHOLE = (
    '{"hold": {"id": "broken", "cam": CAM, "from_ns": 1, "to_ns": 2, "until_ns": 3, "by": "x", "reason": "x"}, '
    '"made": {"mono_ns": 1, "wall_ns": 1, "trusted": true, "boot_id": "b"}, "boots": [["b", 1, END]]}'
)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"hold": {}, "made": {}, "boots": []}',
        b'{"hold": 1}',
        b"\xff\xfe\x00",
        b"[" * 100_000,
        WHOLE.replace("CAM", '["gate"]').replace("END", "2").encode(),
        WHOLE.replace("CAM", '"gate"').replace("END", "1e999").encode(),
        WHOLE.replace("CAM", '"gate"').replace("END", "1" + "0" * 300).encode(),
        WHOLE.replace("broken", "../hold-1").replace("CAM", '"gate"').replace("END", "2").encode(),
    ],
)
def test_a_hold_that_cannot_be_read_is_passed_over(content: bytes, tmp_path: Path) -> None:
    store = footage(tmp_path, HandClock(mono_s=2000))
    store.library.hold(hold(1000, 1001))
    (tmp_path / "footage" / "holds" / "broken.json").write_bytes(content)
    (tmp_path / "footage" / "holds" / "folder.json").mkdir()
    assert [one.id for one in store.library.holds()] == ["hold-1"]
    store.expire()
    store.close()
    assert LONGEST_NS == 90 * DAY_S * NS


def test_a_spoilt_letter_spoils_no_hold(tmp_path: Path) -> None:
    store = footage(tmp_path, HandClock(mono_s=2000))
    store.library.hold(hold(1000, 1001))
    path = tmp_path / "footage" / "holds" / "hold-1.json"
    path.write_bytes(path.read_bytes().replace(b"officer", b"\xe2fficer"))
    assert [one.id for one in store.library.holds()] == ["hold-1"]
    store.close()


def test_a_second_process_sees_all_and_its_holds_count(drawn_h264: Path, tmp_path: Path) -> None:
    clock = HandClock(mono_s=2000)
    store = footage(tmp_path, clock, max_days=1)
    write(store, recorded(drawn_h264, moment(1000)))  # finished, but not entered yet
    with open_library(tmp_path / "footage", FootageSection(), clock) as library:
        found = library.find(CAM, moment(0), moment(9999))
        assert [one.start.mono_s for one in found] == [1000, 1001, 1002]
        library.hold(hold(1001, 1001.5))
        assert library.plan(CAM, moment(1001), moment(1002)).coverage_s == pytest.approx(1.0)
    clock.pass_s(2 * DAY_S)
    store.expire()
    assert kept(store) == [1001]
    store.close()


def test_a_second_process_without_an_index(tmp_path: Path) -> None:
    with (
        pytest.raises(StorageError, match="Start the agent once"),
        open_library(tmp_path, FootageSection(), HandClock()) as library,
    ):
        library.holds()
    assert list(tmp_path.iterdir()) == []


def test_a_second_process_while_no_agent_runs(drawn_h264: Path, tmp_path: Path) -> None:
    clock = HandClock(mono_s=2000)
    store = footage(tmp_path, clock)
    write(store, recorded(drawn_h264, moment(1000)))
    store.close()
    before = {path.name for path in (tmp_path / "footage").iterdir()}
    with open_library(tmp_path / "footage", FootageSection(), clock) as library:
        assert len(library.find(CAM, moment(0), moment(9999))) == 4
    assert {path.name for path in (tmp_path / "footage").iterdir()} - before <= {"index.sqlite-shm", "index.sqlite-wal"}


def test_holds_that_cannot_be_read_are_kept_as_they_were(
    street_h264: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = HandClock(mono_s=2000)
    store = footage(tmp_path, clock, segment="2s", **TIGHT)
    write(store, recorded(street_h264, moment(1000)))
    store.library.hold(hold(1002.5, 1005))
    store.expire()

    def refuse(*_: object, **__: object) -> str:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "read_text", refuse)
    failures = 0
    for number in range(20):
        write(store, recorded(street_h264, moment(2000 + 12 * number), run=number + 2))
        try:
            store.expire()
        except StorageError:
            failures += 1
    assert failures > 0 and store.state(CAM).bytes <= 10**7
    assert [at for at in kept(store) if at < 2000] == [1002, 1004]
    store.close()
