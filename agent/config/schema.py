"""The configuration as JSON Schema 2020-12, for editors that complete and check YAML."""

from typing import Any

from agent.config.explain import in_units
from agent.config.model import Config
from agent.config.units import DURATIONS, SIZES

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def config_schema() -> dict[str, Any]:
    """The schema of a configuration file as people write it: durations and sizes are texts with a unit."""
    schema = Config.model_json_schema(mode="validation")
    for section in (schema, *schema.get("$defs", {}).values()):
        for name, field in section.get("properties", {}).items():
            _write_as_people_do(field)
            field["title"] = name
    return {"$schema": _DIALECT, **schema, "title": "camera-agent configuration"}


def _write_as_people_do(field: dict[str, Any]) -> None:
    pattern, default = field.get("pattern", ""), field.get("default")
    if pattern.startswith(r"^\d") and isinstance(default, int | float):
        units = DURATIONS if "ms" in pattern else SIZES
        field["default"] = in_units(float(default), units)
