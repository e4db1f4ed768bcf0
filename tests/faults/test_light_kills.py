"""Random kills and power cuts of the real spool, outbox, footage, chain and cutting (bench/kills_child.py).

A few kills in `make test`; 200, and the power cuts, with FAULTS=1, because they take minutes.
"""

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bench.kills_light import LightKills, LightTrial, light_kills
from deploy import assets

IMAGE_MB = 128
slow = pytest.mark.skipif(os.environ.get("FAULTS") != "1", reason="takes minutes; set FAULTS=1")


@pytest.fixture
def video() -> Path:
    found = assets.find_street_video()
    if found is None:
        pytest.skip("the street video is not here (make assets)")
    return found.path


def check(result: LightKills) -> None:
    """Nothing lost, nothing broken, nothing told with two contents."""
    assert (result.lost, result.corrupt, result.unplayable, result.spoilt_clips) == (0, 0, 0, 0), result.words
    assert result.conflicts == 0, result.words
    assert result.words == []


def told(result: LightKills) -> str:
    return (
        f"{result.kills} kills, {result.acknowledged} acknowledged, {result.lost} lost, {result.corrupt} corrupt, "
        f"{result.unplayable} of {result.segments} segments unplayable, {result.clips} clips, "
        f"{result.repeats} told again"
    )


@pytest.mark.fault("A1", "some kills of spool, outbox, footage, chain and cutting")
def test_a_few_random_kills(
    tmp_path: Path, video: Path, seed: int, record_property: Callable[[str, object], None]
) -> None:
    result = light_kills(tmp_path, video, 3, random.Random(seed))
    check(result)
    record_property("seen", told(result))


@slow
@pytest.mark.timeout(1800)
@pytest.mark.fault("A1", "200 kills at random moments of spool, outbox, footage, chain and cutting")
def test_two_hundred_random_kills(
    tmp_path: Path, video: Path, seed: int, record_property: Callable[[str, object], None]
) -> None:
    result = light_kills(tmp_path, video, 200, random.Random(seed))
    check(result)
    assert result.acknowledged > 200 and result.segments > 20, "they lived long enough to be worth killing"
    record_property("seen", told(result))


class PowerCut:
    """A disk of its own that can lose its power: ext4 in a file.

    What the agent has synced is in the file; what only lies in the page cache of ext4 is not. A copy of the file while
    the agent stands still is thus what a card would hold, had the power gone then (one that does not lie about fsync).
    """

    def __init__(self, directory: Path, mounted: Path) -> None:
        self._image, self._spare = directory / "disk", directory / "spare"
        self._mounted = mounted
        with self._image.open("wb") as file:
            file.truncate(IMAGE_MB * 1_000_000)
        run("mkfs.ext4", "-q", "-F", "-m", "0", str(self._image))
        self._mount()

    def cut(self, pid: int) -> None:
        """Take the copy; the caller kills `pid` and then calls `back`."""
        os.kill(pid, signal.SIGSTOP)
        while not stands_still(pid):  # one of its threads may still be about to promise something
            time.sleep(0.001)
        run("cp", "--sparse=always", str(self._image), str(self._spare))

    def back(self) -> None:
        """The power is back: ext4 replays its journal."""
        self.off()
        self._spare.replace(self._image)
        self._mount()

    def off(self) -> None:
        run("umount", str(self._mounted))

    def _mount(self) -> None:
        run("mount", "-o", "loop,commit=300", str(self._image), str(self._mounted))


def stands_still(pid: int) -> bool:
    """All threads have stopped (proc(5)); none is in a system call any more."""
    states = [task.read_text().rpartition(")")[2].split()[0] for task in Path(f"/proc/{pid}/task").glob("*/stat")]
    return bool(states) and set(states) == {"T"}


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture
def trial(tmp_path: Path, video: Path) -> Iterator[tuple[LightTrial, PowerCut]]:
    if os.geteuid() != 0 or shutil.which("mkfs.ext4") is None:
        pytest.skip("a disk in a file needs root and mkfs.ext4")
    trial = LightTrial(tmp_path, video)
    try:
        disk = PowerCut(tmp_path, trial.data)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no disk in a file here: {error.stderr.decode(errors='replace').strip()}")
    yield trial, disk
    disk.off()


@slow
@pytest.mark.timeout(900)
@pytest.mark.fault("A3", "the power goes 30 times: ext4 in a file, what was not synced is lost")
def test_power_cuts(
    trial: tuple[LightTrial, PowerCut], seed: int, record_property: Callable[[str, object], None]
) -> None:
    lives, disk = trial
    chance = random.Random(seed)
    for _ in range(30):
        lives.lived(chance.uniform(0.3, 2.0), disk.cut)
        disk.back()
        lives.look()
    result = lives.end()
    check(result)
    assert result.acknowledged > 30 and result.segments > 5
    record_property("seen", told(result))
