"""What is wrong with a configuration: each mistake with its place, and the error that carries them all."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from agent.config.units import Step, shown
from agent.errors import ConfigError
from agent.i18n import Language, Text, locale_language

MAX_TOLD = 50


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing to mend. `line` and `col` count from 1; both are 0 when the file as a whole is meant."""

    file: Path
    line: int
    col: int
    path: str  # cameras[0].rules[1].zone; empty when no setting is meant
    text: Text
    hint: Text | None = None

    def say(self, language: Language) -> str:
        """`file:line:col: path: what is wrong; what was meant`."""
        place = f"{self.file}:{self.line}:{self.col}" if self.line else str(self.file)
        told = self.text.say(language) + (f"; {self.hint.say(language)}" if self.hint else "")
        return ": ".join(part for part in (place, self.path, told) if part)

    def __str__(self) -> str:
        return self.say(locale_language())


class InvalidConfig(ConfigError):
    """The file holds mistakes; `mistakes` are all of them, in the order of the file."""

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        first = mistakes[0]
        more = len(mistakes) - 1
        en, vi = (first.say(language) for language in ("en", "vi"))
        super().__init__(
            Text(
                en=en + (f" (and {more} more)" if more else ""),
                vi=vi + (f" (và {more} lỗi khác)" if more else ""),
            ),
            code="config_invalid",
        )
        self.mistakes = mistakes


def format_mistakes(mistakes: Iterable[Mistake], language: Language) -> str:
    """One line each; at most 50 are told, the rest is counted."""
    told = list(mistakes)
    lines = [mistake.say(language) for mistake in told[:MAX_TOLD]]
    rest = len(told) - len(lines)
    if rest > 0:
        lines.append(Text(en=f"and {rest} more", vi=f"và {rest} lỗi nữa").say(language))
    return "\n".join(lines)


def path_text(path: tuple[Step, ...]) -> str:
    """A path as people write it: cameras[0].rules[1].zone."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            word = step if re.fullmatch(r"[\w <-]{1,63}", step) else shown(step)
            text += f".{word}" if text else word
    return text
