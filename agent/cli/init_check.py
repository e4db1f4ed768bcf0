"""An answer held against the configuration's own rules: it is put into a node that has nothing else to mend."""

from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from agent.config.document import read_document
from agent.config.load import config_in
from agent.config.mistakes import path_text
from agent.config.model import Config
from agent.config.reference import MINIMAL
from agent.config.units import Step
from agent.i18n import Text


@lru_cache(maxsize=1)
def _good() -> Any:
    return yaml.safe_load(MINIMAL)


def problem_at(steps: tuple[Step, ...], value: Any) -> Text | None:
    """What check-config would say of `value` at this place; None when nothing."""
    data = deepcopy(_good())
    inner = data
    for step in steps[:-1]:
        inner = inner.setdefault(step, {}) if isinstance(inner, dict) else inner[step]
    inner[steps[-1]] = value
    found = config_in(Path("init"), read_document(yaml.safe_dump(data, allow_unicode=True)))
    if isinstance(found, Config):
        return None
    mistake = next((each for each in found if each.path.startswith(path_text(steps))), found[0])
    hint = mistake.hint
    if hint is None:
        return mistake.text
    return Text(en=f"{mistake.text.en}; {hint.en}", vi=f"{mistake.text.vi}; {hint.vi}")
