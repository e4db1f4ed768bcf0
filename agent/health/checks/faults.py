"""What the node itself says is wrong: every open fault, with what to do about it."""

from agent.contract.answers import CheckRow
from agent.health.checks.facts import Facts, State, row
from agent.i18n import Text

STATES: dict[str, State] = {"alert": "error", "warning": "warn", "info": "ok"}


def check(facts: Facts) -> tuple[CheckRow, ...]:
    """One row per fault, or one that says there is none."""
    if not facts.live:
        return ()
    if not facts.faults:
        return (row("faults", "ok", Text(en="none is open", vi="không có lỗi nào đang mở")),)
    return tuple(
        row(f"fault {fault.code}", STATES[fault.severity], fault.text.text(), fault.remedy.text())
        for fault in facts.faults
    )
