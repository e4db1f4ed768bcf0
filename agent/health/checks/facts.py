"""What the checks look at, handed in by whoever runs them: the live node, or a person's command beside it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from agent.contract.answers import CheckRow
from agent.contract.base import Words
from agent.contract.health import HealthMessage
from agent.contract.messages import FaultMessage
from agent.i18n import Text

State = Literal["ok", "warn", "error", "unknown"]


@dataclass(frozen=True, slots=True)
class Setup:
    """What the configuration wants, as far as a check needs it. No secrets: only where their files are."""

    model: bool  # a model is configured
    upload: bool  # clips go to the ward
    max_days: float  # `retention.max_days`
    clear_line: bool  # the broker or the upload server is spoken to in plain text
    secrets: tuple[Path, ...] = ()  # files that nobody else may read


@dataclass(frozen=True, slots=True)
class Facts:
    """The node as it is now."""

    setup: Setup
    report: HealthMessage
    faults: tuple[FaultMessage, ...] = ()
    clock_trusted: bool = False
    clock_error_ms: int | None = None
    watchdog_s: float | None = None  # systemd restarts a node that is silent for so long; None: nobody does
    now_ns: int = 0  # Unix nanoseconds


def row(name: str, state: State, text: Text, remedy: Text | None = None) -> CheckRow:
    """One line of the table."""
    return CheckRow(name=name, state=state, text=Words.of(text), remedy=None if remedy is None else Words.of(remedy))
