"""What a setting is, in both languages. It is written where the setting is defined, and nowhere else:

    max_kbps: Whole = Field(default=0, ge=0)
    \"\"\"At most so many kilobits per second; 0: no limit of our own.
    vi: Nhiều nhất bấy nhiêu kilobit mỗi giây; 0: không tự giới hạn.
    \"\"\"

From the line that begins with `vi: ` on it is Vietnamese; the docstring of a section's class is written so too.
`about(FootageSection, "budget")` is the pair for one setting, `about(FootageSection)` for the section itself;
`schema.config_schema("vi")` is the JSON Schema with Vietnamese descriptions. tests/config/test_told.py fails on a
setting without either language.
"""

import inspect
import re

from agent.config.model import Config
from agent.config.units import Section
from agent.i18n import Text

_VIETNAMESE = re.compile(r"^[ \t]*vi: ", re.MULTILINE)


def pair(written: str) -> Text:
    """The two languages of a description as written, each on one line. `vi` is empty when it was forgotten."""
    en, *vi = _VIETNAMESE.split(written, maxsplit=1)
    return Text(en=" ".join(en.split()), vi=" ".join(vi[0].split()) if vi else "")


def about(section: type[Section], name: str | None = None) -> Text:
    """What a section is, or its setting `name`; of a setting that is a section itself, that section."""
    if name is None:
        return pair(inspect.getdoc(section) or "")
    field = section.model_fields[name]
    if field.description:
        return pair(field.description)
    inner = next((each for each in sections_of(field.annotation)), None)
    return about(inner) if inner is not None else Text(en="", vi="")


def sections_of(annotation: object) -> tuple[type[Section], ...]:
    """The sections that may stand where a setting has this annotation."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return (annotation,)
    members = getattr(annotation, "__args__", ())
    return tuple(section for member in members for section in sections_of(member))


def every_section() -> tuple[type[Section], ...]:
    """Every section class of a configuration, the whole first, each once."""
    found: list[type[Section]] = [Config]
    for section in found:  # grows while it is walked
        inner = (each for field in section.model_fields.values() for each in sections_of(field.annotation))
        found += [each for each in dict.fromkeys(inner) if each not in found]
    return tuple(found)
