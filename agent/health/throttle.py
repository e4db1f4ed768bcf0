"""Is the Raspberry Pi held back by a weak supply or by heat? `vcgencmd get_throttled` in plain words.

The bits are those of Raspberry Pi's documentation of `vcgencmd`: 0..3 now, 16..19 the same since boot. Where the tool
is missing, the kernel's under-voltage sensor (hwmon `rpi_volt`) answers in part; on other boards there is no answer.
"""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from agent.i18n import Text

UNDER_VOLTAGE, CAPPED, THROTTLED, TOO_WARM = 1, 2, 4, 8
SINCE_BOOT = 16
TIMEOUT_S = 2.0
NOW_WORDS = {
    UNDER_VOLTAGE: Text(en="power too weak now: change the supply or cable", vi="nguồn đang yếu: hãy đổi sạc hoặc dây"),
    CAPPED: Text(en="speed limited now", vi="đang bị giới hạn tốc độ"),
    THROTTLED: Text(en="slowed down now", vi="đang bị chạy chậm lại"),
    TOO_WARM: Text(en="too warm now: give it air or shade", vi="đang quá nóng: hãy để nơi thoáng, có bóng râm"),
}
PAST_WORDS = {
    UNDER_VOLTAGE: Text(en="power was too weak since boot", vi="nguồn từng yếu từ lúc bật máy"),
    CAPPED: Text(en="speed was limited since boot", vi="từng bị giới hạn tốc độ từ lúc bật máy"),
    THROTTLED: Text(en="was slowed down since boot", vi="từng bị chạy chậm lại từ lúc bật máy"),
    TOO_WARM: Text(en="was too warm since boot", vi="từng quá nóng từ lúc bật máy"),
}
FINE = Text(en="no", vi="không")


@dataclass(frozen=True, slots=True)
class Throttle:
    """What holds the board back; `bits` as the firmware gives them."""

    bits: int

    @property
    def undervoltage_now(self) -> bool:
        """The supply is below 4.63 V at this moment."""
        return bool(self.bits & UNDER_VOLTAGE)

    @property
    def undervoltage_since_boot(self) -> bool:
        """The supply was too weak at some time since boot, or is now."""
        return self.undervoltage_now or bool(self.bits >> SINCE_BOOT & UNDER_VOLTAGE)

    @property
    def words(self) -> Text:
        """All of it in plain words; what is so now is not told a second time as past."""
        now = [NOW_WORDS[bit] for bit in NOW_WORDS if self.bits & bit]
        past = [PAST_WORDS[bit] for bit in PAST_WORDS if self.bits >> SINCE_BOOT & bit and not self.bits & bit]
        told = now + past
        if not told:
            return FINE
        return Text(en="; ".join(text.en for text in told), vi="; ".join(text.vi for text in told))


def read_throttle(root: Path = Path("/"), command: str = "vcgencmd") -> Throttle | None:
    """Ask the firmware, then the kernel; None where neither knows."""
    bits = _ask_firmware(command)
    if bits is None:
        bits = _ask_kernel(root)
    return None if bits is None else Throttle(bits)


def _ask_firmware(command: str) -> int | None:
    try:
        answer = subprocess.run(
            [command, "get_throttled"], capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r"throttled=(0x[0-9a-fA-F]+)", answer.stdout)
    return int(match.group(1), 16) if match and answer.returncode == 0 else None


def _ask_kernel(root: Path) -> int | None:
    for sensor in (root / "sys/class/hwmon").glob("hwmon*"):
        try:
            if (sensor / "name").read_text(encoding="ascii").strip() == "rpi_volt":
                # Stays at 1 once it was, so it says "since boot" and nothing about now.
                alarm = int((sensor / "in0_lcrit_alarm").read_text(encoding="ascii"))
                return UNDER_VOLTAGE << SINCE_BOOT if alarm else 0
        except (OSError, ValueError):
            continue
    return None
