"""The forms of rules, made from the configuration's own models: what the page offers is what the loader takes.

In: the JSON Schema of agent/config/schema.py in both languages. Out: fields as docs/design/setup-page.md has them.
Titles are the only words that are added here, because a name like `min_travel` says little to somebody on a ladder.
"""

from typing import Any

from agent.config.meanings import MEANINGS
from agent.config.rules import RULES
from agent.config.schema import config_schema
from agent.config.units import DURATIONS, NUMBER
from agent.i18n import Text
from agent.installer.setup.form_words import CHOICES, CLASSES, DAYS, RULE_TITLES, TITLES, UNITS

ADVANCED = frozenset(("id", "cooldown", "min_age", "min_travel", "min_score", "tolerance", "lengths", "gathering"))
OF_CAMERA = ("label", "transcode")
ORDER = ("zone", "line", "direction", "classes", "count", "after", "stood", "speed", "schedule", "severity", "clip")
NAME = r"^[a-z0-9][a-z0-9-]{0,62}$"
Json = dict[str, Any]


def forms(labels: tuple[str, ...] = ()) -> Json:
    """The answer to GET /api/schema. `labels`: what the model that runs can tell apart; none: those of COCO."""
    en, vi = config_schema("en"), config_schema("vi")
    camera = en["$defs"]["CameraSection"]["properties"]
    pairs = {name: (en["$defs"][name], vi["$defs"][name]) for name in en["$defs"]}
    return {
        "camera": [_field(name, *_both(pairs["CameraSection"], name), pairs, ()) for name in OF_CAMERA],
        "names": {"pattern": NAME, "max": 63},
        "limits": {
            "zones": camera["zones"]["maxProperties"],
            "lines": camera["lines"]["maxProperties"],
            "privacy_masks": camera["privacy_masks"]["maxProperties"],
            "rules": camera["rules"]["maxItems"],
            "corners": next(iter(camera["zones"]["patternProperties"].values()))["maxItems"],
        },
        "rules": [_rule(rule, pairs, labels) for rule in RULES],
        "schedule": {
            "days": [_choice(day, DAYS) for day in DAYS],
            "hours": "HH:MM-HH:MM",
            "default": {"days": list(DAYS), "hours": "00:00-24:00"},
        },
    }


def _rule(rule: str, pairs: dict[str, tuple[Json, Json]], labels: tuple[str, ...]) -> Json:
    section = next(
        both for both in pairs.values() if both[0].get("properties", {}).get("rule", {}).get("const") == rule
    )
    names = [name for name in section[0]["properties"] if name != "rule"]
    names.sort(key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))
    meant = MEANINGS[rule].classes
    offered = tuple(label for label in CLASSES if label in meant and (not labels or label in labels))
    offered += tuple(label for label in labels if label not in CLASSES and (label in meant or label not in _COCO))
    return {
        "rule": rule,
        "title": said(RULE_TITLES[rule]),
        "about": {"en": section[0]["description"], "vi": section[1]["description"]},
        "place": next((kind for kind in ("zone", "line") if kind in names), None),
        "directions": "direction" in names,
        "fields": [
            _field(name, *_both(section, name), pairs, offered) | {"required": name in section[0]["required"]}
            for name in names
        ],
    }


def _field(key: str, en: Json, vi: Json, pairs: dict[str, tuple[Json, Json]], offered: tuple[str, ...]) -> Json:
    kind, told = _kind(key, en, pairs)
    choices = None
    if kind == "choice":
        choices = [_choice(each, CHOICES) for each in told["enum"]]
    elif kind == "choices":
        choices = [_choice(each, CLASSES) for each in dict.fromkeys((*offered, *en.get("default", ())))]
    low, high = _bounds(kind, told)
    return {
        "key": key,
        "kind": kind,
        "title": said(TITLES.get(key, Text(en=key, vi=key))),
        "about": {"en": en.get("description", ""), "vi": vi.get("description", "")},
        "unit": said(UNITS[key]) if key in UNITS else None,
        "min": low,
        "max": high,
        "default": en.get("default"),
        "required": False,
        "choices": choices,
        "advanced": key in ADVANCED,
    }


def _kind(key: str, field: Json, pairs: dict[str, tuple[Json, Json]]) -> tuple[str, Json]:
    """What is entered, and the part of the schema that says so."""
    told = next((each for each in field.get("anyOf", ()) if each.get("type") != "null"), field)
    if "$ref" in told:
        told = pairs[told["$ref"].rpartition("/")[2]][0]
    if key in ("zone", "line", "schedule"):
        return key, told
    if "enum" in told:
        return "choice", told
    if told["type"] == "array":
        return ("choices" if key == "classes" else "arrow"), told
    if told["type"] == "boolean":
        return "flag", told
    if told["type"] == "integer":
        return "whole", told
    if told["type"] == "number":
        return ("share" if told.get("maximum") == 1 and told.get("minimum") == 0 else "number"), told
    if told.get("pattern") == NAME:
        return "identifier", told
    return ("duration" if told.get("pattern", "").startswith(r"^\d+(") else "text"), told


def _bounds(kind: str, told: Json) -> tuple[float | None, float | None]:
    if kind == "duration":
        low, high = (_seconds(told.get(name)) for name in ("x-minimum", "x-maximum"))
        return low or 0.0, high
    if kind in ("text", "identifier"):
        return None, 63 if kind == "identifier" else told.get("maxLength")
    return told.get("minimum", told.get("exclusiveMinimum")), told.get("maximum")


def _seconds(written: str | None) -> float | None:
    match = NUMBER.fullmatch(written or "")
    return None if match is None else float(match.group(1)) * DURATIONS[match.group(2)]


def _both(section: tuple[Json, Json], name: str) -> tuple[Json, Json]:
    return section[0]["properties"][name], section[1]["properties"][name]


def _choice(value: str, words: dict[str, Text]) -> Json:
    return {"value": value, "text": said(words.get(value, Text(en=value, vi=value)))}


def said(text: Text) -> dict[str, str]:
    """For the browser."""
    return {"vi": text.vi, "en": text.en}


_COCO = frozenset(label for meaning in MEANINGS.values() for label in meaning.classes)
