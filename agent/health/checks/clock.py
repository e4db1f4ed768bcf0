"""Is the clock right?"""

from agent.contract.answers import CheckRow
from agent.health.checks.facts import Facts, row
from agent.i18n import Text

WIDE_MS = 2_000


def check(facts: Facts) -> tuple[CheckRow, ...]:
    """One row."""
    if not facts.clock_trusted:
        return (
            row(
                "clock",
                "error",
                Text(en="the clock was not set since the device started", vi="đồng hồ chưa được chỉnh từ lúc bật máy"),
                Text(en="let the device reach a time server (NTP)", vi="hãy cho thiết bị truy cập máy chủ giờ (NTP)"),
            ),
        )
    error_ms = facts.clock_error_ms
    if error_ms is None:
        return (row("clock", "ok", Text(en="set by the network", vi="đã chỉnh theo mạng")),)
    text = Text(en=f"right within {error_ms} ms", vi=f"sai không quá {error_ms} ms")
    return (row("clock", "warn" if error_ms > WIDE_MS else "ok", text),)
