"""Which section class stands at which path of a configuration as written.

For "did you mean" and for the checks between fields, which need the class also where other fields are wrong.
"""

import types
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from agent.config.model import Config
from agent.config.units import Section, Step, closest

Path = tuple[Step, ...]
# What installers write for what we call otherwise; spelling alone would not find it.
SYNONYMS = {
    "fps": "analysis_fps",
    "host": "url",
    "port": "url",
    "server": "url",
    "address": "url",
    "broker": "mqtt",
    "user": "username",
    "name": "id",
    "title": "label",
    "mask": "privacy_masks",
    "masks": "privacy_masks",
    "type": "rule",
    "password": "password_file",
    "pass": "password_file",
    "threshold": "score",
    "min_confidence": "min_score",
    "max_age": "max_days",
    "days": "max_days",
    "urls": "url",
    "brokers": "url",
    "objects": "classes",
    "labels": "classes",
    "camera": "cameras",
}
MOVED = {"max_age": "retention.max_days"}  # settings of before, by what they are now


def sections_in(data: object, root: type[Section] = Config) -> Iterator[tuple[Path, type[Section], Mapping[str, Any]]]:
    """Every section of a whole document as written, outermost first."""
    yield from _walk(root, data, ())


def _walk(annotation: Any, data: Any, path: Path) -> Iterator[tuple[Path, type[Section], Mapping[str, Any]]]:
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _walk(get_args(annotation)[0], data, path)
    elif origin in (Union, types.UnionType):
        for member in get_args(annotation):
            if not isinstance(member, type) or not issubclass(member, Section) or _is_meant(member, data):
                yield from _walk(member, data, path)
    elif origin is tuple and isinstance(data, list):
        for index, item in enumerate(data):
            yield from _walk(get_args(annotation)[0], item, (*path, index))
    elif isinstance(annotation, type) and issubclass(annotation, Section) and isinstance(data, Mapping):
        yield path, annotation, data
        for name, field in annotation.model_fields.items():
            if name in data:
                yield from _walk(field.annotation, data[name], (*path, name))


def _is_meant(section: type[Section], data: Any) -> bool:
    rule = section.model_fields.get("rule")
    if rule is None:
        return True
    return isinstance(data, Mapping) and data.get("rule") in tag_values(rule.annotation)


def tag_values(annotation: Any) -> tuple[str, ...]:
    """The values of a Literal."""
    return get_args(annotation) if get_origin(annotation) is Literal else ()


@lru_cache
def offered(section: type[Section]) -> tuple[str, ...]:
    """The fields of `section` that people may set."""
    return tuple(section.model_json_schema()["properties"])


def nearest_field(section: type[Section], key: str) -> str | None:
    """The field of `section` that `key` was perhaps meant to be."""
    fields = offered(section)
    word = key.strip().lower().replace("-", "_")
    if SYNONYMS.get(word) in fields:
        return SYNONYMS[word]
    return MOVED.get(word) or closest(word, fields, 0.65)


def homes_of(key: str) -> tuple[str, ...]:
    """The sections that have a field `key`, where at most three have: a setting in the wrong place."""
    homes = tuple(name for name, section in _PLACES.items() if key in section.model_fields)
    return homes if len(homes) <= 3 else ()


def _places() -> dict[str, type[Section]]:
    places: dict[str, type[Section]] = {}
    for name, field in Config.model_fields.items():
        members = [field.annotation, *get_args(field.annotation)]
        for member in members:
            if isinstance(member, type) and issubclass(member, Section):
                places[name] = member
    return places


_PLACES = _places()
