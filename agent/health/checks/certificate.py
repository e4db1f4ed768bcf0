"""How long is the node's own certificate still good?"""

from agent.contract.answers import CheckRow
from agent.contract.faults import entry_of
from agent.health.checks.facts import Facts, row
from agent.health.conditions import certificate_fault
from agent.i18n import Text
from agent.values import Severity


def check(facts: Facts) -> tuple[CheckRow, ...]:
    """One row."""
    certificate = facts.report.certificate
    if certificate is None:
        if facts.setup.clear_line:
            text = Text(en="none is configured", vi="chưa cấu hình")
            return (row("certificate", "warn", text, Text(en="camera-agent enrol", vi="camera-agent enrol")),)
        return (
            row("certificate", "unknown", Text(en="none, or it cannot be read", vi="không có, hoặc không đọc được")),
        )
    day, left = certificate.expires_utc[:10], certificate.days_left
    fault = certificate_fault(certificate)
    if fault is not None:
        entry = entry_of(fault)
        return (row("certificate", "warn" if entry.severity is Severity.INFO else "error", entry.text, entry.remedy),)
    if left is None:
        text = Text(en=f"until {day}; how long that is only a right clock knows",
                    vi=f"đến {day}; cần đồng hồ đúng để biết còn bao lâu")  # fmt: skip
        return (row("certificate", "unknown", text),)
    return (row("certificate", "ok", Text(en=f"until {day}, {left} days", vi=f"đến {day}, còn {left} ngày")),)
