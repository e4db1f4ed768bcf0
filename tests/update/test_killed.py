"""Killed at every single step that touches the disk: afterwards a whole version runs, and in the end a proven one.

The audit events of Python (files opened for writing, renamed, removed, linked, made) are the steps. From the fatal one
on every further step fails too, so no `finally` tidies up: that is a kill, not an error.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from agent.update.boot import at_boot
from agent.update.place import target
from agent.update.state import read_trial
from tests.update.bundles import Device

STEPS = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.symlink", "os.link", "os.truncate", "shutil.rmtree"}


class Killed(BaseException):
    """The process is gone."""


class Killer:
    """Counts steps below `root`; at number `at` it strikes."""

    def __init__(self) -> None:
        self.root: str | None = None
        self.at = -1
        self.count = 0
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.root is None or not arguments:
            return
        opened = (
            event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        )
        if not opened and event not in STEPS:
            return
        paths = [os.fspath(each) for each in arguments[:2] if isinstance(each, str | os.PathLike)]
        if any(path.startswith(self.root) for path in paths) or event in ("os.rmdir", "os.remove"):
            self.count += 1
            if 0 <= self.at < self.count:
                raise Killed

    @contextmanager
    def strikes(self, device: Device, at: int) -> Iterator[None]:
        self.root, self.at, self.count = str(device.place.home), at, 0
        try:
            yield
        except Killed:
            pass
        finally:
            self.root = None


KILLER = Killer()


def whole(device: Device) -> None:
    name = target(device.place.current)
    assert device.place.is_complete(name), "current names a whole version"
    assert name is not None and (device.place.folder(name) / "bin/camera-agent").is_file()


def end_of(device: Device, *, boot: bool, good: bool) -> None:
    """Whatever comes after the kill: a start of the device or only the judge's unit."""
    if boot:
        device.reboot()
        at_boot(device.place, device.clock)
        whole(device)
        device.system.start()
    device.course().resume()
    whole(device)
    assert target(device.place.current) == target(device.place.judge) or target(device.place.judge) is None
    assert read_trial(device.place) is None
    assert device.runs in (("0.1.0", "0.2.0") if good else ("0.1.0",))
    assert device.system.folder == target(device.place.current), "that version runs, and no other"
    assert len(list(device.place.versions.iterdir())) <= 2
    assert not (device.place.state / "installing").exists()
    device.take(device.bundle("0.3.0"))  # and the next update goes through
    device.course().resume()
    assert device.runs == "0.3.0"


@pytest.mark.fault("update", "kill at every step to the disk")
@pytest.mark.parametrize("boot", [True, False], ids=["power cut", "kill"])
@pytest.mark.parametrize("good", [True, False], ids=["good version", "bad version"])
def test_a_kill_at_any_step_leaves_a_working_version(tmp_path: Path, good: bool, boot: bool) -> None:
    steps, at, results = None, 0, set()
    while steps is None or at < steps:
        device = Device(tmp_path / f"{at}")
        bundle = device.bundle("0.2.0")
        if not good:
            device.system.bad = {f"{name}" for name in [_folder_of(device, bundle)]}
        with KILLER.strikes(device, at if steps is not None else 10**6):
            device.take(bundle)
            device.course().resume()
        if steps is None:
            steps = KILLER.count
            assert steps > 25
            tmp_path = tmp_path / "killed"
            tmp_path.mkdir()
            continue
        whole(device)
        end_of(device, boot=boot, good=good)
        results.add(device.runs)
        at += 1


def _folder_of(device: Device, bundle: Path) -> str:
    from agent.update.bundle import open_bundle  # noqa: PLC0415
    from agent.update.minisign import parse_keys  # noqa: PLC0415

    with open_bundle(bundle, parse_keys(device.signer.public)) as opened:
        return opened.manifest.folder


@pytest.mark.fault("update", "two kills in one update")
def test_two_kills_in_one_update(tmp_path: Path) -> None:
    for first in range(0, 60, 6):
        for second in range(0, 24, 4):
            device = Device(tmp_path / f"{first}-{second}")
            bundle = device.bundle("0.2.0")
            with KILLER.strikes(device, first):
                device.take(bundle)
                device.course().resume()
            whole(device)
            device.reboot()
            with KILLER.strikes(device, second):
                at_boot(device.place, device.clock)
                device.system.start()
                device.course().resume()
            whole(device)
            end_of(device, boot=True, good=True)


@pytest.mark.fault("update", "kill while a person goes back to the version before")
def test_a_kill_while_a_person_goes_back(tmp_path: Path) -> None:
    for at in range(0, 40, 2):
        device = Device(tmp_path / f"{at}")
        device.take(device.bundle("0.2.0"))
        device.course().resume()
        with KILLER.strikes(device, at):
            device.course().undo()
            device.course().resume()
        whole(device)
        end_of(device, boot=at % 2 == 0, good=True)
