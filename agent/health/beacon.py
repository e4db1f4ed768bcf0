"""A light of the board that blinks so that somebody finds the device: the kernel's LED class, /sys/class/leds.

https://docs.kernel.org/leds/leds-class.html: `trigger` lists what can drive a LED, the one in use in [brackets];
writing a name chooses it, and `timer` then has `delay_on` and `delay_off` in milliseconds. What was in use before is
kept in a small file in memory, so that it comes back also after a crash.
"""

import contextlib
import json
import logging
import re
import threading
from dataclasses import dataclass
from pathlib import Path

from agent.clock import Clock

log = logging.getLogger(__name__)
LEDS = Path("/sys/class/leds")
NAMES = ("ACT", "led0", "act", "status", "user")  # Raspberry Pi OS since 6.1, before, and other boards
OTHERS = re.compile(r"(^|[:_-])(act|status|user|heartbeat)([:_-]|\d*$)", re.IGNORECASE)
BLINK_MS = 120
TRIGGERS = ("timer", "heartbeat")


@dataclass(frozen=True, slots=True)
class Before:
    """What a LED did before it blinked for us."""

    led: str
    trigger: str
    brightness: str

    def text(self) -> str:
        """For the file."""
        return json.dumps([self.led, self.trigger, self.brightness])


class Beacon:
    """Thread-safe. `kept`: where to remember what the LED did (None: only in this process). Never raises."""

    def __init__(self, clock: Clock, kept: Path | None = None, leds: Path = LEDS) -> None:
        self._clock = clock
        self._kept = kept
        self._leds = leds
        self._lock = threading.Lock()
        self._before = self._read()
        self._until_s: float | None = 0.0 if self._before else None  # what an earlier life left is over

    @property
    def shown(self) -> bool:
        """Is somebody to find the device now?"""
        return self._until_s is not None and self._clock.mono_s() < self._until_s

    def show(self, seconds: float) -> bool:
        """From now on for so long; does a light blink?"""
        with self._lock:
            self._until_s = self._clock.mono_s() + seconds
            return self._before is not None or self._blink()

    def look(self) -> None:
        """Called every second or so: is it over?"""
        if self._until_s is not None and not self.shown:
            self.restore()

    def restore(self) -> None:
        """The light does what it did before."""
        with self._lock:
            before, self._before, self._until_s = self._before, None, None
            if before is None:
                return
            folder = self._leds / before.led
            if not _write(folder / "trigger", before.trigger):
                log.warning("the light %s blinks on: its trigger cannot be written", before.led)
            if before.trigger == "none":
                _write(folder / "brightness", before.brightness)
            if self._kept is not None:
                with contextlib.suppress(OSError):
                    self._kept.unlink(missing_ok=True)

    def _blink(self) -> bool:
        folder = self._led()
        if folder is None:
            return False
        offered = _text(folder / "trigger").split()
        before = next((one[1:-1] for one in offered if one.startswith("[")), "none")
        names = [one.strip("[]") for one in offered]
        trigger = next((one for one in TRIGGERS if one in names), None)
        if trigger is None:
            return False
        now = Before(folder.name, before, _text(folder / "brightness").strip() or "0")
        self._keep(now)  # first: a crash in between leaves a light that the next start puts right
        if not _write(folder / "trigger", trigger):
            if self._kept is not None:
                self._kept.unlink(missing_ok=True)
            return False
        self._before = now
        if trigger == "timer":
            for name in ("delay_on", "delay_off"):
                _write(folder / name, str(BLINK_MS))
        return True

    def _led(self) -> Path | None:
        try:
            found = {path.name: path for path in self._leds.iterdir() if (path / "trigger").exists()}
        except OSError:
            return None
        names = [*NAMES, *sorted(name for name in found if OTHERS.search(name))]
        return next((found[name] for name in names if name in found), None)

    def _keep(self, before: Before) -> None:
        if self._kept is None:
            return
        try:
            self._kept.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            self._kept.write_text(before.text(), encoding="utf-8")
        except OSError as error:
            log.warning("what the light did cannot be remembered: %s", error.strerror)

    def _read(self) -> Before | None:
        if self._kept is None:
            return None
        try:
            told = json.loads(self._kept.read_text(encoding="utf-8"))
            if not isinstance(told, list):
                return None
            led, trigger, brightness = told
        except (OSError, ValueError, TypeError):
            return None
        # The file names a LED of this machine, and nothing else in the file system.
        safe = (
            all(isinstance(one, str) for one in (led, trigger, brightness))
            and "/" not in led
            and led not in ("..", ".")
        )
        return Before(led, trigger, brightness) if safe else None


def _text(path: Path) -> str:
    with contextlib.suppress(OSError):
        return path.read_text(encoding="ascii", errors="replace")
    return ""


def _write(path: Path, text: str) -> bool:
    try:
        path.write_text(text, encoding="ascii")
    except (OSError, ValueError):
        return False
    return True
