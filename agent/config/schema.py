"""The configuration as JSON Schema 2020-12, for editors that complete and check YAML, and for forms."""

from typing import Any

from pydantic.fields import FieldInfo

from agent.config.examples import example_of
from agent.config.explain import in_units
from agent.config.model import Config
from agent.config.told import every_section, pair
from agent.config.units import DURATIONS, SIZES
from agent.i18n import Language, Text

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TITLE = Text(en="camera-agent configuration", vi="cấu hình camera-agent")


def config_schema(language: Language = "en") -> dict[str, Any]:
    """The schema of a configuration file as people write it: durations and sizes are texts with a unit.

    Every `description` is in `language`. What JSON Schema cannot say of a text with a unit stands under `x-minimum` and
    `x-maximum`, with its unit.
    """
    schema = Config.model_json_schema(mode="validation")
    classes = {section.__name__: section for section in every_section()}
    for title, part in (("Config", schema), *schema.get("$defs", {}).items()):
        _describe(part, language)
        for name, field in part.get("properties", {}).items():
            _write_as_people_do(field, classes[title].model_fields[name])
            _describe(field, language)
            field["title"] = name
            example = example_of(classes[title], name)
            if example is not None and "const" not in field:
                field["examples"] = [example]
    return {"$schema": _DIALECT, **schema, "title": _TITLE.say(language)}


def _describe(part: dict[str, Any], language: Language) -> None:
    if "enum" in part and "default" not in part:
        part.pop("description", None)  # a list of words: what they mean is told by the setting that takes one
    elif "description" in part:
        part["description"] = pair(part["description"]).say(language)


def _write_as_people_do(field: dict[str, Any], info: FieldInfo) -> None:
    for part in (field, *field.get("anyOf", ())):
        pattern = part.get("pattern", "")
        if not pattern.startswith(r"^\d+("):
            continue
        units = DURATIONS if "ms" in pattern else SIZES
        if isinstance(part.get("default"), int | float):
            part["default"] = in_units(float(part["default"]), units)
        for word, names in (("x-minimum", ("ge", "gt")), ("x-maximum", ("le", "lt"))):
            bounds = [getattr(limit, name) for limit in info.metadata for name in names if hasattr(limit, name)]
            if bounds:
                part[word] = in_units(float(bounds[0]), units)
