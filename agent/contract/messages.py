"""Small messages: availability, faults, states of rules. The larger ones have files of their own."""

from typing import Literal

from pydantic import Field

from agent.contract.base import Message, Utc, Words
from agent.values import Severity


class AvailabilityMessage(Message):
    """Is the node there. The Will carries the same `session`, so that a stale Will can be told apart."""

    schema_: Literal["availability/1"] = Field(default="availability/1", alias="schema")
    state: Literal["online", "stopped", "offline"]
    session: str


class FaultMessage(Message):
    """One open fault. An empty retained payload on its topic closes it."""

    schema_: Literal["fault/1"] = Field(default="fault/1", alias="schema")
    code: str
    severity: Severity
    since_utc: Utc
    sources: tuple[str, ...] = ()  # the workers or cameras that report it
    text: Words
    remedy: Words
    page: str | None = None  # of the guide, in the project: what to do step by step


class StateMessage(Message):
    """What a rule counts now."""

    schema_: Literal["state/1"] = Field(default="state/1", alias="schema")
    cam: str
    rule: str
    rule_id: str
    at_utc: Utc
    active: bool  # an event of this rule is open
    count: int  # objects that take part now
    zone: str | None = None
    total_in: int | None = None  # line_crossing: since the start of the process
    total_out: int | None = None
