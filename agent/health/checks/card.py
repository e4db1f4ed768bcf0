"""How worn is the memory card, as far as it tells; and how much is written to it."""

from agent.contract.answers import CheckRow
from agent.health.checks.facts import Facts, row
from agent.i18n import Text

WORN_PCT, SOON_PCT = 90.0, 70.0
CHANGE = Text(en="plan to replace the card", vi="hãy chuẩn bị thay thẻ nhớ")


def check(facts: Facts) -> tuple[CheckRow, ...]:
    """One row."""
    disk = facts.report.disk
    written = disk.written_mb_day if disk and facts.live else None
    daily = Text(en="", vi="") if written is None else Text(
        en=f"; {written:.0f} MB are written a day", vi=f"; mỗi ngày ghi {written:.0f} MB"
    )  # fmt: skip
    if disk is None or disk.wear_pct is None:
        text = Text(en=f"the card does not tell its wear{daily.en}", vi=f"thẻ không cho biết độ mòn{daily.vi}")
        return (row("card", "unknown", text),)
    worn = Text(en=f"{disk.wear_pct:.0f} % worn{daily.en}", vi=f"đã mòn {disk.wear_pct:.0f} %{daily.vi}")
    if disk.wear_pct >= WORN_PCT:
        return (row("card", "error", worn, CHANGE),)
    return (row("card", "warn" if disk.wear_pct >= SOON_PCT else "ok", worn),)
