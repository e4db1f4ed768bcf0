"""`identify`: show which device this is, by a light on its board or a sentence on its local page."""

from collections.abc import Callable
from typing import Any

from agent.commands.inbox import Reply
from agent.commands.refused import Refused
from agent.contract.commands import Refusal
from agent.contract.requests import Identify
from agent.i18n import Text

NOTHING_TO_SHOW = Text(
    en="this device has no light that the agent may blink, and no local page",
    vi="thiết bị này không có đèn mà chương trình được phép nháy, cũng không có trang tại chỗ",
)


class IdentifyCommand:
    """`show` is given seconds; False: there is nothing that anybody could see."""

    name = "identify"

    def __init__(self, show: Callable[[float], bool]) -> None:
        self._show = show

    def run(self, fields: dict[str, Any]) -> Reply:
        """Raises Refused, ValidationError."""
        if not self._show(Identify.model_validate(fields).for_s):
            raise Refused(Refusal.NOT_CAPABLE, NOTHING_TO_SHOW)
        return Reply("done")
