"""The retained states of rules: how many are in a zone, how many crossed a line. Told when they change."""

from collections.abc import Callable

from agent.clock import Moment
from agent.contract.base import utc
from agent.contract.messages import StateMessage
from agent.rules import RuleState

EVERY_S = 2.0


class StateTeller:
    """One per camera, called from its vision thread."""

    def __init__(self, cam: str, publish: Callable[[StateMessage], None]) -> None:
        self._cam = cam
        self._publish = publish
        self._told: dict[str, RuleState] = {}
        self._told_s = -EVERY_S

    def tell(self, states: tuple[RuleState, ...], at: Moment) -> None:
        """Publish what changed since the last time."""
        if at.mono_s - self._told_s < EVERY_S:
            return
        changed = [state for state in states if self._told.get(state.rule_id) != state]
        if not changed:
            return
        self._told_s = at.mono_s
        for state in changed:
            self._told[state.rule_id] = state
            self._publish(
                StateMessage(
                    cam=self._cam,
                    rule=state.rule,
                    rule_id=state.rule_id,
                    at_utc=utc(at.wall_ns),
                    active=state.open_events > 0,
                    count=state.occupancy or 0,
                    zone=state.zone,
                    total_in=state.total_in,
                    total_out=state.total_out,
                )
            )
