"""Is written down what people in view have a right to be told?"""

from agent.contract.answers import CheckRow
from agent.health.checks.facts import Facts, row
from agent.i18n import Text

MISSING = Text(
    en="not all is written that people in view must be told", vi="chưa ghi đủ những điều phải báo cho người trong hình"
)
ALL = Text(en="purpose, controller and contact are written", vi="đã ghi mục đích, bên chịu trách nhiệm và liên hệ")


def check(facts: Facts) -> tuple[CheckRow, ...]:
    """One row."""
    if not facts.setup.unsaid:
        return (row("notice", "ok", ALL),)
    names = ", ".join(f"`notice.{name}`" for name in facts.setup.unsaid)
    return (row("notice", "warn", MISSING, Text(en=f"write {names}", vi=f"hãy ghi {names}")),)
