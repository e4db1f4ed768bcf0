"""The one error of making a card, with words and a remedy."""

from agent.errors import AgentError
from agent.i18n import Text


class CardError(AgentError):
    """This card cannot be made so. Nothing that looks finished was left behind."""

    def __init__(self, text: Text, hint: Text | None = None) -> None:
        super().__init__(text, hint, code="card")
