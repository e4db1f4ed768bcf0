"""What people read, in both languages, and the errors that carry it."""

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """One sentence in both languages."""

    en: str
    vi: str

    def say(self, language: str) -> str:
        """The wording for one reader; `language` is en or vi."""
        return self.vi if language == "vi" else self.en

    def __str__(self) -> str:
        return self.say(language_of_terminal())


def language_of_terminal() -> str:
    """`vi` when the locale says so, else `en`."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name, ""):
            return "vi" if value.lower().startswith("vi") else "en"
    return "en"


class ConsumerError(Exception):
    """Something that a person has to put right; `str` says what."""

    def __init__(self, words: Words) -> None:
        super().__init__(str(words))
        self.words = words


class NotNow(ConsumerError):
    """The database or the broker does not work at present: nothing is acknowledged, and it is tried again."""


class Refusal(Exception):
    """A message that cannot be taken. `why` is the short name by which refusals are counted."""

    def __init__(self, why: str, words: Words) -> None:
        super().__init__(words.en)
        self.why = why
        self.words = words
