from pathlib import Path

import pytest

from agent.health.throttle import Throttle, read_throttle
from tests.health.hands import write


def tool(folder: Path, script: str) -> str:
    path = folder / "vcgencmd"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_weak_power_now_and_before_is_told_once() -> None:
    state = Throttle(0x50005)
    assert state.undervoltage_now
    assert state.undervoltage_since_boot
    assert state.words.en == "power too weak now: change the supply or cable; slowed down now"
    assert state.words.vi.startswith("nguồn đang yếu")


def test_what_was_is_told_as_past() -> None:
    state = Throttle(0x10000)
    assert not state.undervoltage_now
    assert state.undervoltage_since_boot
    assert state.words.en == "power was too weak since boot"


def test_nothing_holds_it_back() -> None:
    assert Throttle(0).words.en == "no"
    assert not Throttle(0).undervoltage_since_boot


def test_the_tool_is_asked(tmp_path: Path) -> None:
    command = tool(tmp_path, '[ "$1" = get_throttled ] && echo throttled=0x80008')
    assert read_throttle(tmp_path, command) == Throttle(0x80008)


@pytest.mark.parametrize("script", ["echo 'VCHI initialization failed'; exit 255", "echo nonsense", "exit 1"])
def test_a_tool_that_fails_is_as_good_as_none(tmp_path: Path, script: str) -> None:
    assert read_throttle(tmp_path, tool(tmp_path, script)) is None


def test_without_the_tool_the_kernel_sensor_answers(tmp_path: Path) -> None:
    write(tmp_path, "sys/class/hwmon/hwmon0/name", "cpu_thermal\n")
    write(tmp_path, "sys/class/hwmon/hwmon1/name", "rpi_volt\n")
    write(tmp_path, "sys/class/hwmon/hwmon1/in0_lcrit_alarm", "1\n")
    state = read_throttle(tmp_path, str(tmp_path / "no-such-tool"))
    assert state is not None
    assert state.undervoltage_since_boot
    assert not state.undervoltage_now
