"""Does somebody start the agent anew when it hangs?"""

from agent.contract.answers import CheckRow
from agent.health.checks.facts import Facts, row
from agent.i18n import Text


def check(facts: Facts) -> tuple[CheckRow, ...]:
    """One row."""
    service = facts.looked.service
    seconds = facts.watchdog_s or (service.watchdog_s if service is not None and not facts.live else None)
    if seconds is None:
        return (
            row(
                "watchdog",
                "warn",
                Text(en="nobody watches the agent", vi="không có gì giám sát chương trình"),
                Text(en="run it by its systemd unit", vi="hãy chạy bằng dịch vụ systemd"),
            ),
        )
    text = Text(en=f"systemd, after {seconds:.0f} s of silence", vi=f"systemd, sau {seconds:.0f} giây không phản hồi")
    return (row("watchdog", "ok", text),)
