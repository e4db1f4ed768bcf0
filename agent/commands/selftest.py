"""`selftest`: the table of checks, from the live node. It looks at files, so it is an errand."""

from collections.abc import Callable
from typing import Any

from agent.commands.inbox import Reply
from agent.commands.refused import Refused
from agent.contract.answers import Answer, CheckRow
from agent.contract.commands import CommandMessage, Refusal
from agent.i18n import Text

MOST_ROWS = 120


class SelftestCommand:
    """`check` gives None while the node has not looked at itself yet."""

    name = "selftest"

    def __init__(self, check: Callable[[], tuple[CheckRow, ...] | None]) -> None:
        self._check = check

    def run(self, fields: dict[str, Any]) -> Reply:
        """Raises Refused, ValidationError."""
        CommandMessage.model_validate(fields)
        rows = self._check()
        if rows is None:
            raise Refused(
                Refusal.BUSY,
                Text(en="the node has only just started; try again in a moment",
                     vi="thiết bị vừa khởi động; hãy thử lại sau ít phút"),
            )  # fmt: skip
        return Reply("done", answer=Answer(checks=rows[:MOST_ROWS]))
