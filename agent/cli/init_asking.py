"""One question after the other: at a terminal, from lines that are piped in, or from a file of answers.

An answer is checked at once; at a terminal a bad one is asked again, elsewhere it ends the command.
"""

import getpass
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from agent.config.document import read_document
from agent.config.files import read_text
from agent.config.mistakes import InvalidConfig, Mistake, path_text
from agent.config.units import closest, meant
from agent.errors import ConfigError
from agent.i18n import Language, Text

AT_MOST = 10
KEYS = (
    *("language", "ward", "label", "id", "broker", "camera", "username", "password_file", "days"),
    *("controller", "contact", "purpose"),
)
Check = Callable[[str], "Text | None"]


class Ended(Exception):
    """The answers are over before the questions are."""


@dataclass(frozen=True, slots=True)
class Question:
    """`key` names it in a file of answers. `default` None: it must be answered."""

    key: str
    words: Text
    default: str | None = None
    secret: bool = False


@dataclass
class Asking:
    """Asks, and remembers what was answered; secrets are not remembered."""

    answers: Mapping[str, str] | None = None
    lines: Iterator[str] | None = None
    language: Language = "vi"
    number: int = 0
    told: dict[str, str] = field(default_factory=dict)

    @property
    def by_hand(self) -> bool:
        """Somebody sits at a terminal."""
        return self.answers is None and self.lines is None

    def ask(self, question: Question, check: Check = lambda _: None) -> str:
        """The answer. Raises ConfigError for one that will not do where nobody can be asked again, and Ended."""
        self.number += 1
        while True:
            given = self._given(question).strip()
            answer = given or question.default
            problem = _MUST if answer is None else check(answer)
            if problem is None and answer is not None:
                if not question.secret:
                    self.told[question.key] = answer
                return answer
            assert problem is not None
            if not self.by_hand:
                named = f"`{question.key}`" if self.answers is not None else f"{self.number}/{AT_MOST}"
                raise ConfigError(Text(en=f"{named}: {problem.en}", vi=f"{named}: {problem.vi}"), code="config_invalid")
            self.say(Text(en=f"  ! {problem.en}", vi=f"  ! {problem.vi}"))

    def say(self, text: Text) -> None:
        """Something on the terminal, beside what is printed for programs."""
        print(text.say(self.language), file=sys.stderr, flush=True)

    def _given(self, question: Question) -> str:
        if self.answers is not None:
            return self.answers.get(question.key, "")
        if self.lines is not None:
            return next(self.lines, "")
        default = f" [{question.default}]" if question.default else ""
        prompt = f"{self.number}/{AT_MOST} {question.words.say(self.language)}{default}: "
        try:
            if question.secret:
                return getpass.getpass(prompt, sys.stderr)
            print(prompt, end="", file=sys.stderr, flush=True)
            return input()
        except EOFError as error:
            raise Ended from error

    def sure(self, words: Text) -> bool:
        """Yes or no, at a terminal; no everywhere else."""
        if not self.by_hand:
            return False
        print(f"{words.say(self.language)} ", end="", file=sys.stderr, flush=True)
        try:
            return input().strip().lower() in ("c", "có", "co", "y", "yes")
        except EOFError as error:
            raise Ended from error


_MUST = Text(en="this has to be answered", vi="câu này phải trả lời")


def read_answers(path: Path) -> dict[str, str]:
    """`key: value` lines. Raises InvalidConfig for a file that cannot be read, ConfigError for an unknown key."""
    text = read_text(path)
    if isinstance(text, Mistake):
        raise InvalidConfig((text,))
    document = read_document(text)
    if document.faults:
        raise InvalidConfig(
            tuple(
                Mistake(path, each.line, each.col, path_text(each.path), each.text, each.hint)
                for each in document.faults
            )
        )
    data = document.data if isinstance(document.data, dict) else {}
    for key, value in data.items():
        if key not in KEYS or isinstance(value, dict | list):
            near = closest(str(key), KEYS)
            known = ", ".join(KEYS)
            hint = meant(near) if near and key not in KEYS else Text(en=f"known: {known}", vi=f"gồm có: {known}")
            line = document.keys[(key,)].line
            raise ConfigError(
                Text(en=f"{path}:{line}: no question is called {key!r}", vi=f"{path}:{line}: không có câu hỏi {key!r}"),
                hint,
                code="config_invalid",
            )
    return {key: str(value) for key, value in data.items() if value is not None}
