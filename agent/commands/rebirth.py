"""`rebirth`: say again who this node is and how it stands."""

from collections.abc import Callable
from typing import Any

from agent.commands.inbox import Reply


class RebirthCommand:
    """`again` publishes birth and all states once more."""

    name = "rebirth"

    def __init__(self, again: Callable[[], None]) -> None:
        self._again = again

    def run(self, fields: dict[str, Any]) -> Reply:
        """No arguments; done at once."""
        self._again()
        return Reply("done")
