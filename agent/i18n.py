"""Everything a person reads exists in Vietnamese and English; this file holds the pair and picks one.

A `Text` travels unrendered (errors, faults, events) and becomes a string only at the edge, where the reader is known.
"""

import os
from dataclasses import dataclass
from typing import Literal

Language = Literal["vi", "en"]


@dataclass(frozen=True, slots=True)
class Text:
    """One message in both languages."""

    en: str
    vi: str

    def __str__(self) -> str:
        return self.say(locale_language())

    def say(self, language: Language) -> str:
        """The wording for one reader."""
        return self.vi if language == "vi" else self.en


def locale_language() -> Language:
    """The language of this terminal: `vi` when the locale says so, else `en`."""
    for name in ("CAMERA_AGENT_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            return "vi" if value.lower().startswith("vi") else "en"
    return "en"
