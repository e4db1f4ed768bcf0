"""A file in, one frozen `Config` out, or every mistake at once, each with its line and column.

Reads the configuration file and nothing else: what it points to is looked at by the stage that needs it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from agent.config.document import Document, Mark, read_document
from agent.config.explain import explain
from agent.config.files import WRITE_ONE, read_text
from agent.config.mistakes import InvalidConfig, Mistake, path_text
from agent.config.model import Config
from agent.config.sections import sections_in
from agent.config.units import LOADING, Problem, Section, Step
from agent.i18n import Text

Steps = tuple[Step, ...]
Root = TypeVar("Root", bound=Section)


def load_config(path: Path) -> Config:
    """The configuration in `path`. Raises InvalidConfig with all mistakes."""
    outcome = _read(path)
    if isinstance(outcome, Config):
        return outcome
    raise InvalidConfig(outcome)


def check_config(path: Path) -> tuple[Mistake, ...]:
    """All mistakes in the file at `path`, in its order; empty when it can be used."""
    outcome = _read(path)
    return () if isinstance(outcome, Config) else outcome


def mistake_at(path: Path, steps: Steps, text: Text, hint: Text | None) -> Mistake:
    """A mistake that only this device knows of, at its place in a file that can otherwise be used."""
    told = read_text(path)
    if isinstance(told, Mistake):
        return Mistake(path, 1, 1, path_text(steps), text, hint)
    return mistake_in(path, read_document(told), steps, text, hint)


def mistake_in(path: Path, document: Document, steps: Steps, text: Text, hint: Text | None = None) -> Mistake:
    """The same in a text that was read already."""
    return Mistake(path, *_mark(document, steps), path_text(steps), text, hint)


def _read(path: Path) -> Config | tuple[Mistake, ...]:
    text = read_text(path)
    return (text,) if isinstance(text, Mistake) else config_in(path, read_document(text))


def config_in(path: Path, document: Document) -> Config | tuple[Mistake, ...]:
    """The configuration in a text that was read already, or all its mistakes; `path` is how they call it."""
    return section_in(path, document, Config)


def section_in(path: Path, document: Document, root: type[Root]) -> Root | tuple[Mistake, ...]:
    """The same for any kind of document whose shape is a section."""
    found = [Mistake(path, fault.line, fault.col, path_text(fault.path), fault.text, fault.hint)
             for fault in document.faults]  # fmt: skip
    config: Root | None = None
    if document.whole and not isinstance(document.data, dict):
        if not found:
            found.append(Mistake(path, 1, 1, "", *(_EMPTY if document.data is None else _NOT_A_SECTION)))
    elif document.whole:
        try:
            config = root.model_validate(document.data, context=LOADING)
            errors = []
        except ValidationError as error:
            errors = error.errors(include_url=False)
        # What could not be read stands as None; that nothing is there is told already.
        told = {fault.path for fault in document.faults if _at(document.data, fault.path) is None}
        told |= {path[:-1] for path in told if path and isinstance(path[-1], int)}  # a point with half of it unread
        found += [each for steps, each in _mistakes(path, document, errors, root) if steps not in told]
    if config is not None and not found:
        return config
    return tuple(sorted(found, key=lambda each: (each.line, each.col)))


def _mistakes(
    path: Path, document: Document, errors: list[ErrorDetails], root: type[Section]
) -> Iterator[tuple[Steps, Mistake]]:
    sections: dict[Steps, type[Section]] = {}
    wrong: set[Steps] = set()
    problems: list[tuple[Steps, Problem]] = []
    for steps, section, data in sections_in(document.data, root):
        sections[steps] = section
        problems += [((*steps, *problem.path), problem) for problem in section.problems(data)]
    for error in errors:
        if isinstance(error.get("ctx", {}).get("error"), Problem):
            continue  # told below, and more exactly: pydantic stops at the first and knows only the section
        steps = _steps(error)
        wrong.add(steps)
        is_key = "[key]" in error["loc"]
        raw = steps[-1] if is_key else _at(document.data, steps)
        if error["type"] == "too_short" and isinstance(raw, list) and len(raw) >= error["ctx"]["min_length"]:
            continue  # pydantic counts the good items only
        text, hint = explain(error, raw, sections.get(steps[:-1]))
        hint = (_drawn(document.data, steps) if error["type"] == "missing" else None) or hint
        mark = _mark(document, steps, key=is_key or error["type"] in ("missing", "extra_forbidden"))
        yield steps, Mistake(path, *mark, path_text(steps), text, hint)
    for steps, problem in problems:
        if steps not in wrong:
            yield steps, Mistake(path, *_mark(document, steps), path_text(steps), problem.text, problem.hint)


def _drawn(data: Any, steps: Steps) -> Text | None:
    """What a rule that names no line or zone can name, where its camera has one."""
    known = (
        _at(data, (*steps[:2], f"{steps[-1]}s")) if steps[0] == "cameras" and steps[-1] in ("line", "zone") else None
    )
    name = next(iter(known), None) if isinstance(known, dict) else None
    return Text(en=f"add `{steps[-1]}: {name}`", vi=f"hãy thêm `{steps[-1]}: {name}`") if name else None


def _steps(error: ErrorDetails) -> Steps:
    """The error's place as written: without the rule's name that pydantic puts behind the index of a rule."""
    steps: list[Step] = []
    for index, step in enumerate(error["loc"]):
        is_tag = index >= 2 and error["loc"][index - 2] == "rules" and isinstance(error["loc"][index - 1], int)
        if not is_tag and step != "[key]":
            steps.append(step)
    if error["type"] == "union_tag_invalid":
        steps.append("rule")
    return tuple(steps)


def _mark(document: Document, steps: Steps, key: bool = False) -> Mark:
    """Where the value stands, or its key; for what is not there, the key or item that should hold it."""
    if not key and steps in document.values:
        return document.values[steps]
    while steps and steps not in document.keys:
        if isinstance(steps[-1], int) and steps in document.values:
            return document.values[steps]
        steps = steps[:-1]
    return document.keys[steps] if steps else Mark(1, 1)


def _at(data: Any, steps: Steps) -> Any:
    for step in steps:
        if (isinstance(data, dict) and step in data) or (isinstance(data, list) and isinstance(step, int)):
            data = data[step]  # type: ignore[index]
        else:
            return None
    return data


_EMPTY = (Text(en="the file is empty", vi="tệp trống"), WRITE_ONE)
_NOT_A_SECTION = (
    Text(en="expected sections like `node:` and `mqtt:`", vi="cần các mục như `node:` và `mqtt:`"),
    WRITE_ONE,
)
