"""Commands that are loaded when the first of them comes: a node may hear none for days, and all of them are a megabyte.

Only their names, and which must be signed, are known before; the door asks for no more.
"""

from collections.abc import Callable, Sequence
from typing import Any

from agent.commands.inbox import Command, Reply

SIGNED = frozenset({"restart", "wipe", "config.apply", "config.rollback"})


class Shelf:
    """`make` gives the commands called `names`; it is called once, by the thread that hears the broker."""

    def __init__(self, names: Sequence[str], make: Callable[[], Sequence[Command]]) -> None:
        self._names = tuple(names)
        self._make = make
        self._made: dict[str, Command] | None = None

    def commands(self) -> tuple[Command, ...]:
        """As many as there are names."""
        return tuple(FirstUse(name, self.find) for name in self._names)

    def find(self, name: str) -> Command:
        """The command itself."""
        if self._made is None:
            self._made = {command.name: command for command in self._make()}
        return self._made[name]


class FirstUse:
    """Stands for a command."""

    def __init__(self, name: str, find: Callable[[str], Command]) -> None:
        self.name = name
        self.signed = name in SIGNED
        self._find = find

    def run(self, fields: dict[str, Any]) -> Reply:
        """As the command itself. Raises Refused, ValidationError or another AgentError."""
        return self._find(self.name).run(fields)
