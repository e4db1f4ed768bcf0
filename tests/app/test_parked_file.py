"""The file of parked vehicles: comes back whole, is written rarely, and no damage to it stops a camera."""

import json
import logging
import os
from pathlib import Path

import pytest

from agent.app.parked import CHANGED_S, OLDER_S, RESERVED, ParkedFile
from agent.clock import Moment
from agent.values import Box, Parked, Remembered

WALL_NS = 1_800_000_000 * 10**9


def moment(second: float) -> Moment:
    return Moment(round(second * 1e9), WALL_NS + round(second * 1e9), True, "boot")


def parked(number: int = 3, left: float = 0.2) -> Parked:
    box = Box(left, 0.5, left + 0.2, 0.7)
    return Parked(number, "car", 0.7, box, 90.5, 60.25, 1.5, moment(100), bytes(range(192)))


def test_what_was_kept_comes_back_and_the_clock_of_the_boot_does_not(tmp_path: Path) -> None:
    path = tmp_path / "parked" / "gate.json"
    ParkedFile(path).close(Remembered(9, (parked(3), parked(8, 0.6))))
    known = ParkedFile(path).load()
    assert known.next_id == 9
    first = known.parked[0]
    assert first.seen == Moment(0, moment(100).wall_ns, True, "")
    assert (first.id, first.label, first.box, first.stood_s, first.look) == (
        3,
        "car",
        parked().box,
        60.25,
        bytes(range(192)),
    )


def test_a_camera_that_is_new_begins_at_one(tmp_path: Path) -> None:
    assert ParkedFile(tmp_path / "gate.json").load() == Remembered(1, ())


def test_numbers_are_reserved_before_they_are_given(tmp_path: Path) -> None:
    path = tmp_path / "gate.json"
    assert ParkedFile(path).load().next_id == 1
    # Power fails here. Whatever was given since is below what the next start begins at.
    assert ParkedFile(path).load().next_id == 1 + RESERVED
    file = ParkedFile(path)
    file.load()
    assert not file.due(moment(0), 1 + 2 * RESERVED + 10)
    assert file.due(moment(1), 1 + 2 * RESERVED + RESERVED // 2)


def test_it_is_written_rarely(tmp_path: Path) -> None:
    path = tmp_path / "gate.json"
    file = ParkedFile(path)
    file.load()
    writes = 0
    for step in range(round(2 * OLDER_S * 5)):
        at = moment(step / 5)
        # A second car comes after five minutes; the first one's box wavers.
        cars = (parked(3, 0.2 + 0.005 * (step % 2)), *([parked(8, 0.6)] if step > 1500 else []))
        if file.due(at, 10):
            before = path.stat().st_mtime_ns, path.read_bytes()
            file.keep(at, Remembered(10, cars))
            writes += (path.stat().st_mtime_ns, path.read_bytes()) != before
    # The first car, the second car, and one because all grew older.
    assert writes == 3
    assert len(json.loads(path.read_bytes())["parked"]) == 2


def test_it_looks_for_changes_once_a_minute(tmp_path: Path) -> None:
    file = ParkedFile(tmp_path / "gate.json")
    file.load()
    assert not file.due(moment(0), 1)
    assert not file.due(moment(CHANGED_S - 1), 1)
    assert file.due(moment(CHANGED_S), 1)


GOOD = {"form": 1, "next_id": 5, "parked": []}
ENTRY = {
    "id": 1,
    "label": "car",
    "score": 0.5,
    "box": [0.1, 0.1, 0.2, 0.2],
    "age_s": 1.0,
    "stood_s": 1.0,
    "travel": 0.0,
    "seen_wall_ns": 1,
    "trusted": True,
    "look": "AA==",
}


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\x00" * 300,
        b"{",
        b"[]",
        json.dumps({**GOOD, "form": 2}).encode(),
        json.dumps({**GOOD, "next_id": 0}).encode(),
        json.dumps({**GOOD, "parked": [{**ENTRY, "box": [0.5, 0.1, 0.2, 0.2]}]}).encode(),
        json.dumps({**GOOD, "parked": [{**ENTRY, "stood_s": -1.0}]}).encode(),
        json.dumps({**GOOD, "parked": [ENTRY] * 200}).encode(),
        b'{"form": 1, "next_id": 5, "parked": [], "more": ' + b"[" * 300_000,
    ],
    ids=["empty", "zeros", "cut", "a list", "newer", "number", "inside out", "negative", "too many", "too long"],
)
def test_a_damaged_or_newer_file_is_set_aside(tmp_path: Path, text: bytes, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "gate.json"
    path.write_bytes(text)
    with caplog.at_level(logging.WARNING):
        assert ParkedFile(path).load() == Remembered(1, ())
    assert "set aside" in caplog.text
    assert path.with_name("gate.json.damaged").read_bytes() == text
    assert ParkedFile(path).load().next_id == 1 + RESERVED


def test_a_look_that_is_none_is_no_reason_to_forget_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "gate.json"
    path.write_text(json.dumps({**GOOD, "parked": [{**ENTRY, "look": "?"}]}))
    assert ParkedFile(path).load().parked[0].look == b""


def test_a_disk_that_does_not_let_us_costs_a_line_of_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "parked").write_text("a file where the directory should be")
    file = ParkedFile(tmp_path / "parked" / "gate.json")
    with caplog.at_level(logging.WARNING):
        assert file.load() == Remembered(1, ())
        file.close(Remembered(4, (parked(),)))
    assert "not remembered" in caplog.text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"age_s":90.5', '"age_s":1e308'),
        ('"next_id":9', '"next_id":' + "9" * 400),
        ('"id":3', '"id":' + "9" * 40),
        ('"seen_wall_ns":1', '"seen_wall_ns":1' + "0" * 400),
        ('"box":[0.2', '"box":[-1e300'),
    ],
)
def test_a_number_that_cannot_be_is_damage(tmp_path: Path, old: str, new: str) -> None:
    path = tmp_path / "gate.json"
    ParkedFile(path).close(Remembered(9, (parked(),)))
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    assert ParkedFile(path).load() == Remembered()
    assert path.with_name("gate.json.damaged").exists()


def test_a_pipe_in_its_place_is_set_aside_and_nobody_waits(tmp_path: Path) -> None:
    path = tmp_path / "gate.json"
    os.mkfifo(path)
    assert ParkedFile(path).load() == Remembered()
    assert path.is_file()
