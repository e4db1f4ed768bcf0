"""Is the board held back by a weak supply or by heat?"""

from agent.contract.answers import CheckRow
from agent.health.checks.facts import Facts, State, row
from agent.health.conditions import HOT_C
from agent.i18n import Text

SUPPLY = Text(en="use a stronger supply and a short cable", vi="hãy dùng nguồn mạnh hơn và dây ngắn")
AIR = Text(en="give it air or shade", vi="hãy để nơi thoáng, có bóng râm")


def check(facts: Facts) -> tuple[CheckRow, ...]:
    """A row for the supply, one for heat."""
    board = facts.report.board
    return (_supply(board.throttled, board.undervoltage), _heat(board.temp_c))


def _supply(words: str | None, weak: bool | None) -> CheckRow:
    if weak is None and words is None:
        return row("power", "unknown", Text(en="this board does not tell", vi="bo mạch này không cho biết"))
    state: State = "error" if weak else "ok"
    if weak:
        return row("power", state, Text(en="the supply is too weak", vi="nguồn điện yếu"), SUPPLY)
    # `throttled` is in the node's own language already.
    return row("power", state, Text(en=f"held back: {words or 'no'}", vi=f"bị hạn chế: {words or 'không'}"))


def _heat(temp_c: float | None) -> CheckRow:
    if temp_c is None:
        return row("heat", "unknown", Text(en="this board does not tell", vi="bo mạch này không cho biết"))
    hot = temp_c >= HOT_C
    return row(
        "heat", "warn" if hot else "ok", Text(en=f"{temp_c:.0f} °C", vi=f"{temp_c:.0f} °C"), AIR if hot else None
    )
