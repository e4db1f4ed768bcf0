"""No clock, however wrong, deletes footage or loses it: steps of ten years both ways, trusted or not."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agent.clock import NS, Clock
from agent.config.model import FootageSection
from agent.footage.age import STEADY_S, AgeLimit
from agent.footage.dates import Dates
from agent.footage.jobs import FootageJob
from agent.footage.queue import PacketQueue
from agent.footage.store import Footage
from agent.footage.windows import WithinBoot
from agent.health.faults import FaultBoard
from tests.capture.clocks import WALL_NS, HandClock
from tests.footage.recording import CAM, footage, moment, recorded, write

DAY_S = 86_400
TEN_YEARS_NS = 3652 * DAY_S * NS


def tidied(store: Footage, clock: HandClock, seconds: float) -> None:
    """What the worker does as time passes."""
    for _ in range(max(round(seconds / 600), 1)):
        clock.pass_s(min(seconds, 600))
        store.redate(clock)
        store.expire()


def starts(store: Footage, clock: HandClock) -> list[float]:
    far = moment(10**7, clock.boot_id, trusted=clock.trust)
    return [one.start.mono_s for one in store.library.find(CAM, moment(0, clock.boot_id, trusted=clock.trust), far)]


def boot(number: int, end_s: float, begin_s: float = 0.0, boot_id: str = "") -> WithinBoot:
    return WithinBoot(CAM, boot_id or f"boot-{number}", 10, 1000, round(begin_s * NS), round(end_s * NS), number)


@pytest.mark.parametrize("step_ns", [TEN_YEARS_NS, -TEN_YEARS_NS])
@pytest.mark.parametrize("trusted", [True, False])
@pytest.mark.fault("D34", "footage: a step of ten years while it runs")
def test_a_step_of_ten_years_while_running(step_ns: int, trusted: bool, drawn_h264: Path, tmp_path: Path) -> None:
    clock = HandClock(mono_s=1000, boot_id="boot-a")
    store = footage(tmp_path, clock, max_days=30)
    store.redate(clock)
    write(store, recorded(drawn_h264, moment(1000)))
    store.close()
    clock = HandClock(mono_s=1000, boot_id="boot-b")
    clock.wall_offset_ns += DAY_S * NS
    store = footage(tmp_path, clock, max_days=30)
    tidied(store, clock, 60)
    write(store, recorded(drawn_h264, clock.now(), run=2))
    before = len(list((tmp_path / "footage" / CAM).glob("*.mp4")))
    clock.wall_offset_ns += step_ns
    clock.trust = trusted
    tidied(store, clock, 3 * STEADY_S)
    write(store, recorded(drawn_h264, clock.now(), run=3))
    tidied(store, clock, 3 * STEADY_S)
    assert len(list((tmp_path / "footage" / CAM).glob("*.mp4"))) == before + 4  # and no name was taken twice
    clock.wall_offset_ns -= step_ns
    clock.trust = True
    tidied(store, clock, 3 * STEADY_S)
    store.close()
    clock = HandClock(mono_s=50, boot_id="boot-c")
    clock.wall_offset_ns += 3 * DAY_S * NS
    store = footage(tmp_path, clock, max_days=30)
    tidied(store, clock, 2 * STEADY_S)
    found = store.library.find(CAM, clock.now().shifted(-4 * DAY_S), clock.now())
    assert len(found) == 12 and all(one.start.trusted for one in found)
    assert {one.start.wall_ns - one.start.mono_ns for one in found} == {WALL_NS, WALL_NS + DAY_S * NS}
    store.close()


@pytest.mark.parametrize("step_ns", [TEN_YEARS_NS, -TEN_YEARS_NS])
@pytest.mark.fault("D34", "footage: a boot ten years off")
def test_a_boot_whose_clock_contradicts_the_one_before(step_ns: int, drawn_h264: Path, tmp_path: Path) -> None:
    clock = HandClock(boot_id="boot-a")
    store = footage(tmp_path, clock, max_days=30)
    store.redate(clock)
    write(store, recorded(drawn_h264, moment(1000)))
    store.close()
    clock = HandClock(mono_s=60, boot_id="boot-b")
    clock.wall_offset_ns += step_ns
    faults, queue = FaultBoard(clock, lambda notice: None), PacketQueue()
    store = footage(tmp_path, clock, max_days=30)
    job = FootageJob(store, queue, clock, faults)
    queue.put(recorded(drawn_h264, clock.now(), run=2))
    job.run_once()
    assert faults.codes() == ("clock_suspect",)
    tidied(store, clock, 2 * STEADY_S)
    store.settle()
    found = store.library.find(CAM, moment(0, "boot-b", trusted=True), moment(9999, "boot-b", trusted=True))
    assert len([one for one in found if one.start.boot_id == "boot-b"]) == 4
    assert not any(one.start.trusted for one in found if one.start.boot_id == "boot-b")  # its date is not believed
    clock.wall_offset_ns -= step_ns - DAY_S * NS
    clock.pass_s(11)
    queue.put(recorded(drawn_h264, clock.now(), run=3)[:1])
    job.run_once()
    assert faults.codes() == ()
    assert len(starts(store, clock)) >= 4
    dated = [one.start for one in store.library.find(CAM, moment(0, "boot-b"), clock.now())]
    assert {one.wall_ns - one.mono_ns for one in dated if one.boot_id == "boot-b"} == {clock.wall_offset_ns}
    store.close()


def test_age_counts_what_machines_ran_since_and_needs_no_date(tmp_path: Path) -> None:
    limit = AgeLimit(10.0 * DAY_S, Dates(tmp_path))
    now = moment(4 * DAY_S, "boot-c", trusted=False)
    boots = [boot(1, 8 * DAY_S), boot(2, 100.0, boot_id="boot-c")]
    assert limit.cutoffs(boots, now, believed=False) == {
        "boot-1": (8 + 4 - 10) * DAY_S * NS,
        "boot-c": (4 - 10) * DAY_S * NS,
    }


def test_age_of_other_boots_by_a_believed_and_steady_clock(tmp_path: Path) -> None:
    dates = Dates(tmp_path)
    dates.learn("boot-1", WALL_NS, {"boot-1"})
    limit = AgeLimit(10.0 * DAY_S, dates)
    clock = HandClock(mono_s=100, boot_id="boot-c")
    clock.wall_offset_ns += 25 * DAY_S * NS
    boots = [boot(0, 50.0), boot(1, 20 * DAY_S)]

    def cutoff(believed: bool) -> dict[str, int]:
        return limit.cutoffs(boots, clock.now(), believed)

    running_ns = (10 * DAY_S + 100) * NS
    assert cutoff(believed=True)["boot-1"] == running_ns  # not yet watched for an hour
    clock.pass_s(STEADY_S)
    assert cutoff(believed=False)["boot-1"] == running_ns + round(STEADY_S * NS)
    by_wall = cutoff(believed=True)
    assert by_wall["boot-1"] == clock.now().wall_ns - WALL_NS - 10 * DAY_S * NS
    assert by_wall["boot-0"] > 10**18  # recorded before what is too old, whatever its date
    clock.wall_offset_ns += 61 * NS
    assert cutoff(believed=True)["boot-1"] == running_ns + round(STEADY_S * NS)  # a step: the hour begins anew


def test_which_clock_is_believed(tmp_path: Path) -> None:
    dates = Dates(tmp_path)
    ends = {"boot-a": 5000 * NS, "boot-b": 10 * NS}
    assert dates.belief(moment(9, "boot-b"), ends).dates  # nobody contradicts it
    assert not dates.belief(moment(9, "boot-b"), ends).deletes  # and nobody confirms it
    dates.learn("boot-a", WALL_NS, ends)

    def belief(days: float, trusted: bool = True) -> tuple[bool, bool, bool]:
        clock = HandClock(mono_s=10, boot_id="boot-b", trusted=trusted)
        clock.wall_offset_ns += round(days * DAY_S) * NS
        told = dates.belief(clock.now(), ends)
        return told.dates, told.deletes, told.suspect

    assert belief(0.5) == (True, True, False)
    assert belief(29) == (True, True, False)
    assert belief(29, trusted=False) == (False, False, False)
    assert belief(60) == (True, False, True)  # two months in a drawer: footage is dated, nothing is deleted by date
    assert belief(3652) == (False, False, True)
    assert belief(-2) == (False, False, True)
    assert Dates(tmp_path).offset("boot-a") == WALL_NS
    dates.learn("boot-b", WALL_NS + 1, {"boot-b"})  # nothing of boot-a is left
    assert Dates(tmp_path).all() == {"boot-b": WALL_NS + 1}


FAKED = """
import sys
from pathlib import Path
from agent.clock import Clock
from tests.footage.recording import footage, recorded, write
class Sure(Clock):
    def trusted(self):
        return True
clock = Sure()
store = footage(Path(sys.argv[1]), clock, max_days=30)
store.redate(clock)
write(store, recorded(Path(sys.argv[2]), clock.now(), run=clock.now().mono_ns))
store.redate(clock)
store.expire()
print(clock.now().wall_ns // 10**9)
store.close()
"""


@pytest.mark.real
@pytest.mark.fault("D34", "footage: processes ten years off, by faketime")
def test_a_process_whose_clock_is_ten_years_wrong(drawn_h264: Path, tmp_path: Path) -> None:
    faketime = shutil.which("faketime")
    if faketime is None:
        pytest.skip("faketime is not installed")
    times = []
    for shift in (None, "+3652d", "-3652d", None):
        command = [sys.executable, "-c", FAKED, str(tmp_path), str(drawn_h264)]
        told = subprocess.run(
            [faketime, "-f", shift, *command] if shift else command,
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "DONT_FAKE_MONOTONIC": "1"},
        )
        times.append(int(told.stdout))
    assert times[1] - times[0] > 3600 * DAY_S and times[2] - times[0] < -3600 * DAY_S
    clock = Clock()
    store = Footage(tmp_path / "footage", FootageSection(), 30, clock)
    found = store.library.find(CAM, clock.now().shifted(-3600), clock.now().shifted(60))
    assert len(found) == 16 and len({one.start.wall_ns - one.start.mono_ns for one in found}) == 1
    assert abs(found[0].start.wall_ns / NS - times[0]) < 60
    store.close()


@pytest.mark.parametrize("content", [b'{"a": Infinity}', b"[" * 100_000, b"\xff", b'{"a": "x"}', b"[]"])
def test_a_spoilt_file_of_dates_dates_nothing(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "boots.json").write_bytes(content)
    assert dict(Dates(tmp_path).all()) == {}
