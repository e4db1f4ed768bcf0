"""What the checks look at, handed in by whoever runs them: the live node, or a person's command beside it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from agent.contract.answers import CheckRow
from agent.contract.base import Words
from agent.contract.health import HealthMessage
from agent.contract.messages import FaultMessage
from agent.errors import AgentError
from agent.health.packages import Packages
from agent.health.service import Service
from agent.i18n import Text

State = Literal["ok", "warn", "error", "unknown"]
NOTHING = Text(en="", vi="")


@dataclass(frozen=True, slots=True)
class Setup:
    """What the configuration wants, as far as a check needs it. No secrets: only where their files are."""

    model: bool  # a model is configured
    upload: bool  # clips go to the ward
    max_days: float  # `retention.max_days`
    clear_line: bool  # the broker or the upload server is spoken to in plain text
    secrets: tuple[Path, ...] = ()  # files that nobody else may read
    unsaid: tuple[str, ...] = ()  # settings of `notice`: what the law wants told and nobody has written


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of trying one thing. `told` is what it said of itself, `error` why it did not."""

    name: str
    told: Text = NOTHING
    error: AgentError | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """What a command looked at by itself, beside the node or without one. None and (): it did not look."""

    cameras: tuple[Tried, ...] = ()
    model: Tried | None = None
    brokers: tuple[Tried, ...] = ()
    upload: Tried | None = None
    disk: Tried | None = None  # a file was written and read back
    service: Service | None = None
    packages: Packages | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """The node as it is now. `live`: `report` is that of the running node, else it holds the machine only."""

    setup: Setup
    report: HealthMessage
    faults: tuple[FaultMessage, ...] = ()
    clock_trusted: bool = False
    clock_error_ms: int | None = None
    watchdog_s: float | None = None  # systemd restarts a node that is silent for so long; None: nobody does
    now_ns: int = 0  # Unix nanoseconds
    live: bool = True
    looked: Looked = Looked()


def row(name: str, state: State, text: Text, remedy: Text | None = None) -> CheckRow:
    """One line of the table."""
    return CheckRow(name=name, state=state, text=Words.of(text), remedy=None if remedy is None else Words.of(remedy))


def failed(name: str, error: AgentError, remedy: Text) -> CheckRow:
    """An error's own words; `remedy` where it has no hint."""
    return row(name, "error", error.text, error.hint or remedy)


def only_live(name: str, what: Text) -> CheckRow:
    """What nobody but a running node can tell."""
    text = Text(en=f"{what.en}: only a running node knows", vi=f"{what.vi}: thiết bị phải đang chạy mới biết")
    return row(name, "unknown", text)
