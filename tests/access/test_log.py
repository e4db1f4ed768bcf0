"""The access log: what is written is there for good, in order, and whoever changes it is found out."""

import fcntl
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from agent.access import AccessLog, Broken, check, files
from agent.access import log as log_module
from agent.clock import MediaClock
from agent.durable import write_durably
from agent.errors import StorageError
from agent.values import Access, AccessTally
from tests.footage.conftest import mounted

S = 10**9
AT_NS = 1_790_000_000 * S
CLOCK = MediaClock(AT_NS)


def access(number: int, reason: str = "Trộm xe máy") -> Access:
    return Access("clip", "ca-12", f"2026/{number}", reason, "gate", AT_NS, AT_NS + 60 * S)


def lines(directory: Path) -> list[bytes]:
    return list(files.lines(directory))


def test_records_come_back_in_order_and_chained(tmp_path: Path) -> None:
    log = AccessLog(tmp_path / "access", CLOCK)
    written = [log.write(access(number)) for number in range(3)]
    assert list(AccessLog(tmp_path / "access", CLOCK).records()) == written
    assert [record.number for record in written] == [1, 2, 3]
    assert [record.before for record in written[1:]] == [record.hash for record in written[:-1]]
    assert log.tally() == AccessTally(3, written[-1].hash)
    assert written[0].reason == "Trộm xe máy" and written[0].at_utc.startswith("2026-09-21T")
    checked = check(lines(tmp_path / "access"))
    assert (checked.records, checked.first, checked.head, checked.broken) == (3, 1, log.tally().head, None)


@pytest.mark.parametrize(
    ("change", "broken", "line"),
    [
        (lambda told: [told[0], told[1].replace(b"ca-12", b"ca-13"), told[2]], Broken.CHANGED, 2),
        (lambda told: [told[0], told[2]], Broken.MISSING, 2),
        (lambda told: [told[1], told[0], told[2]], Broken.MISSING, 2),
        (lambda told: [told[0], b"what?\n", told[2]], Broken.UNREADABLE, 2),
        (lambda told: [told[0], b"[" * 100_000 + b"\n", told[2]], Broken.UNREADABLE, 2),
        (lambda told: [told[0], told[1].replace(b'"number": 2', b'"number": "2"'), told[2]], Broken.UNREADABLE, 2),
        (lambda told: [told[0], told[1].replace(b'"ca-12"', b"12"), told[2]], Broken.UNREADABLE, 2),
        (lambda told: [told[0], told[1].replace(b"ca-12", b"\\ud800"), told[2]], Broken.UNREADABLE, 2),
        (lambda told: [told[0], told[1].replace(b"2026-09-21T", b"yesterday "), told[2]], Broken.UNREADABLE, 2),
        (lambda told: [told[0], told[1], told[1], told[2]], Broken.MISSING, 3),
    ],
)
def test_a_changed_log_is_found_out(
    tmp_path: Path, change: Callable[[list[bytes]], list[bytes]], broken: Broken, line: int
) -> None:
    log = AccessLog(tmp_path, CLOCK)
    for number in range(3):
        log.write(access(number))
    checked = check(change(lines(tmp_path)))
    assert (checked.broken, checked.line) == (broken, line)


def test_a_record_made_anew_from_there_on_shows_in_the_head(tmp_path: Path) -> None:
    first, second = AccessLog(tmp_path / "a", CLOCK), AccessLog(tmp_path / "b", CLOCK)
    for number in range(3):
        first.write(access(number))
        second.write(access(number, "khác" if number == 1 else "Trộm xe máy"))
    assert check(lines(tmp_path / "b")).broken is None
    assert first.tally().head != second.tally().head


@pytest.mark.fault("A3", "access log: a torn last line")
def test_a_line_that_a_crash_broke_off_is_cut_away(tmp_path: Path) -> None:
    log = AccessLog(tmp_path, CLOCK)
    log.write(access(1))
    with files.newest(tmp_path).open("ab") as file:
        file.write(b'{"number": 2, "at_ut')
    assert [record.number for record in log.records()] == [1]
    log.write(access(2))
    assert check(lines(tmp_path)).records == 2


def test_nothing_is_added_to_a_log_that_somebody_spoiled(tmp_path: Path) -> None:
    log = AccessLog(tmp_path, CLOCK)
    log.write(access(1))
    files.newest(tmp_path).write_bytes(b"nothing happened\n")
    with pytest.raises(StorageError, match="access log"):
        log.write(access(2))
    assert files.newest(tmp_path).read_bytes() == b"nothing happened\n"


def test_it_is_bounded_and_the_chain_goes_on_over_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "FULL_BYTES", 2_000)
    log = AccessLog(tmp_path, CLOCK)
    for number in range(100):
        log.write(access(number))
    assert len(list(tmp_path.glob("access.log*"))) == files.OLDER + 1
    checked = check(lines(tmp_path))
    assert checked.broken is None and checked.first is not None and checked.first > 1
    assert checked.first + checked.records - 1 == 100


def test_two_processes_write_one_chain(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from agent.access import AccessLog\n"
        "from tests.access.test_log import CLOCK, access\n"
        "for number in range(20): AccessLog(Path(sys.argv[1]), CLOCK).write(access(number))"
    )
    both = [subprocess.Popen([sys.executable, "-c", script, str(tmp_path)]) for _ in range(2)]
    assert [one.wait(60) for one in both] == [0, 0]
    checked = check(lines(tmp_path))
    assert (checked.records, checked.broken) == (40, None)


def test_an_older_copy_never_takes_the_place_of_a_newer_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = tmp_path / "run" / "access-n1.jsonl"
    log, other = (AccessLog(tmp_path / "access", CLOCK, shown) for _ in range(2))
    beside = threading.Thread(target=lambda: other.write(access(2)))

    def slowly(path: Path, data: bytes, mode: int) -> None:
        if beside.ident is None:
            beside.start()
            beside.join(1.0)  # in vain: it waits for this one
        write_durably(path, data, mode)

    monkeypatch.setattr(log_module, "write_durably", slowly)
    log.write(access(1))
    beside.join()
    cases = [json.loads(line)["case"] for line in shown.read_text(encoding="utf-8").splitlines()]
    assert cases == ["2026/1", "2026/2"]


def test_the_household_s_copy_may_be_read_by_all_and_the_log_by_nobody_else(tmp_path: Path) -> None:
    shown = tmp_path / "run" / "access-n1.jsonl"
    log = AccessLog(tmp_path / "access", CLOCK, shown)
    log.write(access(1))
    assert shown.stat().st_mode & 0o777 == 0o644
    assert json.loads(shown.read_text(encoding="utf-8"))["case"] == "2026/1"
    assert (tmp_path / "access").stat().st_mode & 0o777 == 0o700
    assert files.newest(tmp_path / "access").stat().st_mode & 0o777 == 0o600


@pytest.mark.fault("A5", "access log: no room")
def test_a_full_disk_is_an_error_and_costs_no_earlier_record(tmp_path: Path) -> None:
    for disk in mounted(tmp_path / "disk", "size=64k"):
        log = AccessLog(disk / "access", CLOCK)
        log.write(access(1))
        with pytest.raises(OSError, match="No space"), (disk / "filler").open("wb", buffering=0) as filler:
            while True:
                filler.write(bytes(4096))
        with pytest.raises(StorageError) as caught:
            for number in range(2, 50):
                log.write(access(number))
        assert caught.value.code == "disk_full"
        kept = len(list(log.records()))
        (disk / "filler").unlink()
        log.write(access(99))
        checked = check(lines(disk / "access"))
        assert (checked.records, checked.broken) == (kept + 1, None)


def test_the_households_copy_has_the_newest_records_of_several_files(tmp_path: Path) -> None:
    shown = tmp_path / "shown.jsonl"
    log = AccessLog(tmp_path / "access", CLOCK, shown)
    log.write(access(0))
    last = files.newest(tmp_path / "access")
    for number in (3, 2, 1):
        files.older(tmp_path / "access", number).write_bytes(last.read_bytes().replace(b'"number": 1', b'"number": 7'))
    log.show()
    assert [json.loads(line)["number"] for line in shown.read_bytes().splitlines()] == [7, 7, 7, 1]


def test_the_households_copy_keeps_grants_under_a_flood_of_refusals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.access.log.SHOWN", 10)
    monkeypatch.setattr("agent.access.log.SHOWN_GRANTS", 6)
    shown = tmp_path / "shown.jsonl"
    log = AccessLog(tmp_path / "access", CLOCK, shown)
    for number in range(1, 9):
        log.write(access(number))
    assert [json.loads(line)["number"] for line in shown.read_bytes().splitlines()] == list(range(1, 9))
    for number in range(9, 40):
        log.write(replace(access(number, '"result": "granted"'), result="not_found"))
    copy = shown.read_bytes().splitlines(keepends=True)
    assert [json.loads(line)["number"] for line in copy] == [3, 4, 5, 6, 7, 8, 36, 37, 38, 39]
    assert check(copy, whole=False).broken is None and check(copy).broken is Broken.MISSING
    copy[-1:] = [copy[-2], copy[-1]]
    assert check(copy, whole=False).broken is Broken.MISSING
    assert check([*copy[:6], *copy[7:9], copy[6]], whole=False).broken is Broken.MISSING


def test_of_a_refusal_less_is_kept(tmp_path: Path) -> None:
    log = AccessLog(tmp_path, CLOCK)
    long = Access("clip", "b" * 400, "c" * 400, "ộ" * 400, "gate", AT_NS, AT_NS + S)
    granted, refused = log.write(long), log.write(replace(long, result="busy"))
    assert (granted.by, granted.case, granted.reason) == (long.by, long.case, long.reason)
    assert (refused.by, refused.case, refused.reason) == ("b" * 80, "c" * 80, "ộ" * 80)
    assert check(lines(tmp_path)).broken is None


def test_a_stopped_process_with_the_lock_stops_nobody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.access.log.TRIES", 2)
    log = AccessLog(tmp_path, CLOCK)
    with (tmp_path / "lock").open("a") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(StorageError, match="let go"):
            log.write(access(1))
    assert log.write(access(2)).number == 1
