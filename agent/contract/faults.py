"""Fault codes: looked up in the catalogue, turned into the fault message. Unknown codes keep their own text."""

from dataclasses import dataclass

from agent.contract.base import Words, utc
from agent.contract.catalogue_camera import CAMERA_FAULTS
from agent.contract.catalogue_line import LINE_FAULTS
from agent.contract.catalogue_node import NODE_FAULTS
from agent.contract.fault_pages import page_link
from agent.contract.messages import FaultMessage
from agent.errors import AgentError
from agent.i18n import Text
from agent.values import Severity

ENTRIES = CAMERA_FAULTS | LINE_FAULTS | NODE_FAULTS
CODES = frozenset(ENTRIES)
INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class FaultEntry:
    """How bad, what is wrong, what to do."""

    code: str
    severity: Severity
    text: Text
    remedy: Text


class GradedError(AgentError):
    """An error that is not always equally bad: `severity` is for this one."""

    def __init__(self, text: Text, hint: Text | None = None, *, code: str, severity: Severity) -> None:
        super().__init__(text, hint, code=code)
        self.severity = severity


def describe(code: str, text: Text | None = None) -> FaultEntry:
    """The catalogue's entry of `code`; a code it does not know becomes `internal`. `text`, if given, says it closer."""
    known = code if code in ENTRIES else INTERNAL
    severity, general, remedy = ENTRIES[known]
    return FaultEntry(known, severity, text or general, remedy)


def entry_of(error: AgentError) -> FaultEntry:
    """The fault that an error raises: severity by code, in the error's own words, its hint before the remedy."""
    entry = describe(error.code, error.text)
    severity = error.severity if isinstance(error, GradedError) else entry.severity
    return FaultEntry(entry.code, severity, entry.text, error.hint or entry.remedy)


def fault_message(entry: FaultEntry, since_ns: int, sources: tuple[str, ...] = ()) -> FaultMessage:
    """The message of an open fault; `since_ns` is Unix time."""
    return FaultMessage(
        code=entry.code,
        severity=entry.severity,
        since_utc=utc(since_ns),
        sources=sources,
        text=Words.of(entry.text),
        remedy=Words.of(entry.remedy),
        page=page_link(entry.code),
    )
