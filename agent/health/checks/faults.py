"""What the node itself says is wrong: every open fault, with what to do about it."""

from agent.contract.answers import CheckRow
from agent.contract.fault_pages import page_command
from agent.contract.messages import FaultMessage
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
        row(f"fault {fault.code}", STATES[fault.severity], fault.text.text(), _remedy(fault)) for fault in facts.faults
    )


def _remedy(fault: FaultMessage) -> Text:
    remedy, more = fault.remedy.text(), page_command(fault.code)
    return Text(en=f"{remedy.en}; step by step: {more}", vi=f"{remedy.vi}; từng bước: {more}")
