"""One command behind a door, with a clock that tests turn and an access log that is a list."""

from pathlib import Path
from typing import Any

from agent.clock import FLOOR_WALL_NS
from agent.commands.door import Trust
from agent.commands.inbox import Command, Inbox
from agent.commands.seen import SeenRequests
from agent.contract.base import utc
from agent.contract.commands import ResponseMessage
from agent.values import Access, Draft
from tests.commands.orders import BY, NS, TOPICS, TurnedClock, order, said, sent


class Room:
    """`obey` gives it its command; `ask` asks it."""

    def __init__(self, directory: Path) -> None:
        self.clock = TurnedClock()
        self.clock.seconds = 1000.0
        self.noted: list[Access] = []
        self.kept: list[Draft] = []
        self._directory = directory

    def obey(self, command: Command, signed: bool = False) -> None:
        trust = Trust(SeenRequests(self._directory / "commands.db"), (lambda _said, _sign: True) if signed else None)
        self.name = command.name
        self.inbox = Inbox(TOPICS, [command], trust, self.kept.append, self.clock)

    def ask(self, **fields: Any) -> dict[str, Any]:
        wish = order(by=BY, issued_utc=utc(self.clock.now().wall_ns), signature="x") | fields
        answer = said(self.inbox.receive(TOPICS.command(self.name), sent(wish), False))
        ResponseMessage.model_validate(answer)
        if answer["result"] == "rejected":
            assert answer["text"]["en"] and answer["text"]["vi"] != answer["text"]["en"]
        return answer

    def lines(self) -> list[tuple[str, str]]:
        """Action and result in the access log."""
        return [(one.action, one.result) for one in self.noted]


def at(seconds: float) -> str:
    return utc(FLOOR_WALL_NS + round(seconds * NS))
