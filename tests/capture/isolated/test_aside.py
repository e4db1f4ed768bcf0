"""A child in state D: put aside at once, remembered over a restart, no second one beside it, forgotten at its end."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from agent.capture.isolated.aside import FILE, Aside
from agent.capture.isolated.child import ChildCommand
from agent.capture.isolated.source import IsolatedSource
from agent.capture.stream import Reading, Wants
from agent.clock import Clock
from agent.errors import CameraError
from tests.capture.isolated.conftest import CAMERA, Start
from tests.capture.isolated.stalled_disk import StalledDisk


@pytest.fixture
def stalled(tmp_path: Path) -> Iterator[StalledDisk]:
    try:
        disk = StalledDisk(tmp_path / "stalled")
    except OSError as error:
        pytest.skip(f"no FUSE here, or not root: {error}")
    yield disk
    disk.close()


def refused(aside: Aside) -> str:
    """The words of the fault; nothing was started."""
    children = psutil.Process().children()
    reading = Reading(Clock(), Wants(packets=True, frames=True))
    with pytest.raises(CameraError) as caught:
        IsolatedSource(CAMERA, reading, ChildCommand(("/bin/sleep", "60"), {}), aside)
    assert caught.value.code == "camera_unkillable"
    assert psutil.Process().children() == children
    return caught.value.text.en


def test_a_child_in_state_d(start: Start, stalled: StalledDisk, tmp_path: Path) -> None:
    aside = Aside(tmp_path)
    source = start("stalled", aside=aside, path=str(stalled.path))
    while not stalled.stalled.is_set():
        source.read()
    child = psutil.Process(source.pid)
    source.close()
    assert child.status() == psutil.STATUS_DISK_SLEEP
    assert (aside.total, aside.holder("gate"), aside.holder("yard")) == (1, child.pid, None)
    assert str(child.pid) in refused(aside)
    assert str(child.pid) in refused(Aside(tmp_path)), "an agent that was started anew must know it, too"

    stalled.close()
    psutil.wait_procs([child], timeout=60)
    assert aside.holder("gate") is None
    assert not (tmp_path / FILE).exists()
    again = start("steady", aside=aside)
    while not again.read():
        pass


@pytest.fixture
def lasting() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(["/bin/sleep", "60"])
    yield process
    process.kill()
    process.wait()


def test_a_kill_that_has_no_effect_takes_a_second(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    killed: list[int] = []
    monkeypatch.setattr(os, "killpg", lambda pid, _: killed.append(pid))
    reading = Reading(Clock(), Wants(packets=True, frames=True))
    aside = Aside(tmp_path)
    source = IsolatedSource(CAMERA, reading, ChildCommand(("/bin/sleep", "60"), {}), aside)
    fds = psutil.Process().num_fds()
    source.close()
    assert psutil.Process().num_fds() < fds, "what the agent held of the child must be closed all the same"
    assert killed == [source.pid]
    assert str(source.pid) in refused(aside)
    os.kill(source.pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(source.pid)], timeout=60)
    assert aside.holder("gate") is None


@pytest.mark.parametrize("other", [{"started": 1}, {"boot": "another"}, {"pid": 2**22 + 1}])
def test_a_number_given_out_anew_is_another_process(
    tmp_path: Path, lasting: subprocess.Popen[bytes], other: dict[str, object]
) -> None:
    Aside(tmp_path).put("gate", lasting)
    assert Aside(tmp_path).holder("gate") == lasting.pid
    (row,) = json.loads((tmp_path / FILE).read_text(encoding="utf-8"))
    (tmp_path / FILE).write_text(json.dumps([row | other]), encoding="utf-8")
    assert Aside(tmp_path).holder("gate") is None


ENDLESS = '[{"camera": "gate", "pid": 1e999, "started": 1, "boot": ""}]'


@pytest.mark.parametrize(
    "damage", ["", "{", "[1]", '[{"camera": "gate"}]', "7", ENDLESS, pytest.param("[" * 9999, id="deep")]
)
def test_a_damaged_note_begins_anew(tmp_path: Path, damage: str, lasting: subprocess.Popen[bytes]) -> None:
    (tmp_path / FILE).write_text(damage, encoding="utf-8")
    aside = Aside(tmp_path)
    assert aside.holder("gate") is None
    aside.put("gate", lasting)
    assert Aside(tmp_path).holder("gate") == lasting.pid


AGENT = """
import sys
from agent.capture.isolated.child import Child, ChildCommand
from agent.clock import Clock
child = Child(ChildCommand((sys.executable, "-m", "tests.capture.isolated.children"), {"do": "parent"}), Clock())
while (message := child.receive(60.0)) is None or message.kind != "packet":
    pass
print(child.pid, flush=True)
sys.stdin.read()
"""


def test_a_child_never_outlives_the_agent() -> None:
    agent = subprocess.Popen([sys.executable, "-c", AGENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert agent.stdout is not None
    child = psutil.Process(int(agent.stdout.readline()))
    family = [child, *child.children()]
    assert len(family) == 2
    agent.kill()
    agent.communicate()
    assert psutil.wait_procs(family, timeout=60)[1] == []
