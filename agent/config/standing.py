"""Where a setting stands in a configuration as written."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from agent.config.document import Document
from agent.config.rules import RULES
from agent.config.units import Step

Steps = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """One place: how it is reached, its line (from 1), and what is written there."""

    steps: Steps
    line: int
    value: Any


def standing(path: tuple[str, ...], document: Document) -> tuple[Standing, ...]:
    """Every place of the setting at `path` (agent/config/catalogue.py), in the order of the file."""
    return tuple(
        Standing(steps, document.keys[steps].line if steps in document.keys else document.values[steps].line, value)
        for steps, value in _places(path, document.data, ())
        if steps in document.keys or steps in document.values
    )


def _places(path: tuple[str, ...], data: Any, steps: Steps) -> Iterator[tuple[Steps, Any]]:
    if isinstance(data, list):
        for index, item in enumerate(data):
            if path and path[0] in RULES and steps[-1:] == ("rules",):
                if isinstance(item, dict) and item.get("rule") == path[0]:
                    yield from _places(path[1:], item, (*steps, index))
            elif path:
                yield from _places(path, item, (*steps, index))
        if not path:
            yield steps, data
    elif not path:
        yield steps, data
    elif isinstance(data, dict) and path[0] in data:
        yield from _places(path[1:], data[path[0]], (*steps, path[0]))
