"""Commands that are loaded when the first of them comes."""

import importlib
import pkgutil
import subprocess
import sys
from collections.abc import Iterator

import agent.commands
from agent.commands.first_use import SIGNED, Shelf
from agent.commands.inbox import Reply
from agent.contract.topics import COMMANDS


class Bell:
    def __init__(self, name: str) -> None:
        self.name = name
        self.rung: list[object] = []

    def run(self, fields: dict[str, object]) -> Reply:
        self.rung.append(fields)
        return Reply("done")


def kinds() -> Iterator[tuple[str, bool]]:
    """Name, and must it be signed, of each class of a command."""
    for module in pkgutil.iter_modules(agent.commands.__path__, "agent.commands."):
        for found in vars(importlib.import_module(module.name)).values():
            name = getattr(found, "name", None)
            if isinstance(found, type) and isinstance(name, str) and hasattr(found, "run"):
                yield name, getattr(found, "signed", False)


def test_what_is_known_before_is_what_the_commands_say() -> None:
    told = dict(kinds())
    assert set(told) == set(COMMANDS)
    assert {name for name, signed in told.items() if signed} == SIGNED


def test_commands_are_made_once_and_with_the_first_that_comes() -> None:
    made: list[Bell] = []

    def make() -> tuple[Bell, ...]:
        made.extend((Bell("rebirth"), Bell("wipe")))
        return tuple(made)

    rebirth, wipe = Shelf(("rebirth", "wipe"), make).commands()
    assert (rebirth.name, wipe.name, made) == ("rebirth", "wipe", [])
    assert wipe.run({"a": 1}).result == rebirth.run({}).result == "done"
    wipe.run({"a": 2})
    assert [bell.rung for bell in made] == [[{}], [{"a": 1}, {"a": 2}]]


def test_a_node_that_starts_loads_none_of_them() -> None:
    parts = ("agent.contract.requests", "agent.app.orders_all", "agent.commands.wipe")
    code = f"import sys, agent.app.run; print([name for name in {parts} if name in sys.modules])"
    said = subprocess.run((sys.executable, "-c", code), check=True, capture_output=True, text=True)
    assert said.stdout == "[]\n"
