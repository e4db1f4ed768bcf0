"""What every rule is: a scene in, events out, and what it knows now."""

from dataclasses import dataclass
from typing import Protocol

from agent.clock import Moment
from agent.values import EndReason, Event, Scene


@dataclass(frozen=True, slots=True)
class RuleState:
    """What a rule knows now, for the ward's retained state. Totals count from the start of the process."""

    rule_id: str
    rule: str
    zone: str | None = None
    line: str | None = None
    occupancy: int | None = None  # how many are in the zone now; None for lines
    total_in: int | None = None  # None for zones
    total_out: int | None = None
    open_events: int = 0
    suppressed: int = 0  # events kept back by the cooldown until they were over


class Rule(Protocol):
    """One rule of one camera. Pure: all it knows comes through `update`, in the order of time.

    A track is there for as long as the tracker gives it, seen in this very frame or not.
    """

    def update(self, scene: Scene) -> tuple[Event, ...]:
        """The events that this frame causes."""

    def close(self, at: Moment, reason: EndReason) -> tuple[Event, ...]:
        """End what is open and forget the tracks; `update` may go on afterwards with new ones."""

    def state(self) -> RuleState:
        """What it knows after the last frame."""
