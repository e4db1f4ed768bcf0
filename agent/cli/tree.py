"""The commands as values, read out of the parsers: for shell completion and the man page."""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Option:
    """`flags` is empty for what has no name; `takes` for a switch."""

    flags: tuple[str, ...]
    takes: str
    help: str
    choices: tuple[str, ...]
    is_file: bool


@dataclass(frozen=True, slots=True)
class Command:
    """A command or a part of one; `words` leads to it."""

    words: tuple[str, ...]
    help: str
    options: tuple[Option, ...]
    inner: tuple["Command", ...]

    def walk(self) -> Iterator["Command"]:
        """Itself and all below."""
        yield self
        for each in self.inner:
            yield from each.walk()


def tree(parser: argparse.ArgumentParser, words: tuple[str, ...] = (), about: str = "") -> Command:
    """All that `parser` takes."""
    options: list[Option] = []
    inner: list[Command] = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {each.dest: each.help or "" for each in action._choices_actions}
            inner += [tree(each, (*words, name), helps.get(name, "")) for name, each in action.choices.items()]
        elif action.help != argparse.SUPPRESS and "--help" not in action.option_strings:
            options.append(_option(action))
    return Command(words, about or parser.description or "", tuple(options), tuple(inner))


def _option(action: argparse.Action) -> Option:
    named = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
    takes = "" if action.nargs == 0 else named
    choices = tuple(str(each) for each in action.choices or ())
    return Option(tuple(action.option_strings), takes, action.help or "", choices, action.type is Path)
