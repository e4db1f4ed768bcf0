"""The light that blinks, on a directory that behaves as /sys/class/leds."""

from pathlib import Path

import pytest

from agent.health.beacon import Beacon
from tests.commands.orders import TurnedClock


def led(root: Path, name: str, triggers: str = "none [mmc0] timer heartbeat", brightness: str = "0") -> Path:
    folder = root / name
    folder.mkdir(parents=True)
    (folder / "trigger").write_text(triggers)
    (folder / "brightness").write_text(brightness)
    return folder


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.mark.parametrize("name", ["ACT", "led0", "beaglebone:green:heartbeat", "mmc0:act"])
def test_it_blinks_and_does_afterwards_what_it_did(tmp_path: Path, clock: TurnedClock, name: str) -> None:
    led(tmp_path / "leds", "input3::capslock")
    folder = led(tmp_path / "leds", name)
    beacon = Beacon(clock, tmp_path / "light.json", tmp_path / "leds")
    assert beacon.show(30)
    assert (folder / "trigger").read_text() == "timer"
    assert (folder / "delay_on").read_text() == (folder / "delay_off").read_text() == "120"
    clock.seconds += 29
    beacon.look()
    assert beacon.shown and (folder / "trigger").read_text() == "timer"
    assert beacon.show(30), "longer"
    clock.seconds += 29
    beacon.look()
    assert beacon.shown
    clock.seconds += 2
    beacon.look()
    assert not beacon.shown and (folder / "trigger").read_text() == "mmc0"
    assert not (tmp_path / "light.json").exists()
    assert (tmp_path / "leds" / "input3::capslock" / "trigger").read_text().startswith("none")


def test_after_a_crash_the_next_start_puts_it_right(tmp_path: Path, clock: TurnedClock) -> None:
    folder = led(tmp_path / "leds", "ACT", "[none] timer", "1")
    Beacon(clock, tmp_path / "light.json", tmp_path / "leds").show(600)
    (folder / "brightness").write_text("255")
    again = Beacon(clock, tmp_path / "light.json", tmp_path / "leds")
    assert not again.shown
    again.look()
    assert (folder / "trigger").read_text() == "none" and (folder / "brightness").read_text() == "1"


@pytest.mark.parametrize("text", ["{", '["../../etc", "none", "0"]', '["..", "none", "0"]', "[1, 2, 3]", '"ACT"'])
def test_a_note_that_was_spoilt_writes_nowhere(tmp_path: Path, clock: TurnedClock, text: str) -> None:
    (tmp_path / "light.json").write_text(text)
    beacon = Beacon(clock, tmp_path / "light.json", tmp_path / "leds")
    beacon.look()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["light.json"]


def test_without_a_light_of_the_board_there_is_nothing_to_show(tmp_path: Path, clock: TurnedClock) -> None:
    assert not Beacon(clock, None, tmp_path / "nowhere").show(5)
    led(tmp_path / "leds", "input3::capslock")
    assert not Beacon(clock, None, tmp_path / "leds").show(5)


def test_a_light_that_may_not_be_written(tmp_path: Path, clock: TurnedClock) -> None:
    folder = led(tmp_path / "leds", "ACT", "[none] rfkill-any")
    assert not Beacon(clock, tmp_path / "light.json", tmp_path / "leds").show(5), "it cannot blink"
    (folder / "trigger").unlink()
    (folder / "trigger").mkdir()  # as a read-only file system: writing fails, also for root
    assert not Beacon(clock, tmp_path / "light.json", tmp_path / "leds").show(5)
    assert not (tmp_path / "light.json").exists()
