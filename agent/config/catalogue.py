"""Every setting by its path, as people name it: `footage.budget`, `cameras.rules.loitering.after`.

A list's items are not counted in a path, and a rule is named by its `rule`. Made from the classes of agent/config.
"""

import difflib
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from agent.config.examples import as_yaml, example_of
from agent.config.kinds import default_of, kind
from agent.config.model import Config
from agent.config.schema import config_schema
from agent.config.sections import nearest_field, tag_values
from agent.config.told import about, sections_of
from agent.config.units import Section, closest
from agent.i18n import Text

LONGEST = 128  # characters of a key that is looked for
_INDEX = re.compile(r"\[\d*\]")


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting, or a section: what it is, what it takes, and what could be written."""

    path: tuple[str, ...]
    told: Text
    kind: Text
    default: str  # as people write it; empty: none
    needed: bool
    example: str  # as YAML on one line; empty for a section

    def __str__(self) -> str:
        return ".".join(self.path)


@lru_cache(maxsize=1)
def settings() -> dict[str, Setting]:
    """All of them by their path, in the order of the documentation."""
    found: list[Setting] = []
    _collect(Config, (), config_schema(), found)
    return {str(setting): setting for setting in found}


def _collect(section: type[Section], path: tuple[str, ...], schema: dict[str, Any], found: list[Setting]) -> None:
    part = schema if section is Config else schema["$defs"][section.__name__]
    for name, field in part["properties"].items():
        here = (*path, name)
        inner = sections_of(section.model_fields[name].annotation)
        needed = name in part.get("required", ())
        default = default_of(field)
        shown = "" if inner else as_yaml(_example(section, name, field, schema))
        told = about(section, name) if name != "rule" else _RULE
        if len(inner) == 1 and "items" not in field and section.model_fields[name].description:
            told = _both(about(inner[0]), told)
        found.append(Setting(here, told, kind(field, schema), default, needed, shown))
        for each in inner:
            tags = tag_values(each.model_fields["rule"].annotation) if "rule" in each.model_fields else ()
            for tag in tags:
                found.append(Setting((*here, tag), about(each), _SECTION, "", False, ""))
            _collect(each, (*here, *tags), schema, found)


def _both(one: Text, other: Text) -> Text:
    return Text(en=f"{one.en} {other.en}", vi=f"{one.vi} {other.vi}")


_RULE = Text(en="Which rule it is.", vi="Đây là luật nào.")
_SECTION = Text(en="section", vi="mục")


def _example(section: type[Section], name: str, field: dict[str, Any], schema: dict[str, Any]) -> Any:
    known = example_of(section, name)
    if "const" in field:
        return field["const"]
    if known is not None:
        return known
    if field.get("default") is not None:
        return field["default"]
    for part in (field, *field.get("anyOf", ())):
        choices = schema["$defs"].get(part.get("$ref", "").rpartition("/")[2], part).get("enum", ())
        if choices:
            return choices[-1]
        low = part.get("x-minimum", part.get("minimum"))
        if low is not None:
            return low
    return None


def members(setting: Setting) -> tuple[Setting, ...]:
    """What stands directly in a section."""
    return tuple(each for each in settings().values() if each.path[:-1] == setting.path)


def find(key: str) -> tuple[Setting, ...]:
    """The settings that `key` may mean: one when it is a whole path, more when it is the end of several; else none.

    Indexes and ids of cameras, rules and zones in it do not count: `cameras[0].rules[1].after`.
    """
    known = {word for setting in settings().values() for word in setting.path}
    words = [word.strip().replace("-", "_") for word in _INDEX.sub("", key).split(".")]
    if not words[-1] or words[-1] not in known:
        return ()
    words = [word for word in words if word in known]
    exact = settings().get(".".join(words))
    if exact is not None:
        return (exact,)
    return tuple(setting for setting in settings().values() if _ends(setting.path, words))


def _ends(path: tuple[str, ...], words: list[str]) -> bool:
    """Does `path` end with the last word and hold the others before it, in their order?"""
    if path[-1] != words[-1]:
        return False
    rest = iter(path[:-1])
    return all(word in rest for word in words[:-1])


def _directly(path: tuple[str, ...], words: list[str]) -> bool:
    return path == tuple(words)


def _within(path: tuple[str, ...], words: list[str]) -> bool:
    return bool(words) and path[-1:] == tuple(words[-1:]) and _ends(path, words)


def near(key: str) -> tuple[str, ...]:
    """Paths that were perhaps meant by a `key` that is none; at most five, the likeliest first."""
    words = [word.replace("-", "_") for word in _INDEX.sub("", key).lower().split(".") if word]
    if not words or len(key) > LONGEST:
        return ()
    for at in (_directly, _within):
        beside = [each for each in settings().values() if at(each.path[:-1], words[:-1])]
        likely = closest(words[-1], tuple(each.path[-1] for each in beside))
        if likely is not None:
            return (next(str(each) for each in beside if each.path[-1] == likely),)
    last = [each.path[-1] for each in settings().values()]
    meant = nearest_field(Config, words[-1])
    names = [meant] if meant is not None else difflib.get_close_matches(words[-1], dict.fromkeys(last), 5)
    first = {name: next((str(each) for each in settings().values() if each.path[-1] == name), name) for name in names}
    return tuple(first.values())
