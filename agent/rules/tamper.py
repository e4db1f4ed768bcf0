"""The camera can no longer see what it was hung up to see: one event from `after` until the view is well again."""

from agent.clock import Moment
from agent.config.rules import TamperRule
from agent.rules.lifecycle import Lifecycle, Setting, Sight
from agent.rules.rule import RuleState
from agent.values import EndReason, Event, Scene, ViewState


class Tamper:
    """Starts when the view has not been well for `after`. Its picture shows what; nobody in it takes part."""

    def __init__(self, section: TamperRule, setting: Setting) -> None:
        self._section = section
        self._life = Lifecycle(section, setting)

    def update(self, scene: Scene) -> tuple[Event, ...]:
        """The events of this frame."""
        view = scene.view
        lasts_s = scene.at.mono_s - view.since.mono_s if view.since is not None else 0.0
        bad = view.state is not ViewState.OK and lasts_s >= self._section.after
        return self._life.step(scene.at, {0: Sight((), 0, view.since)} if bad else {})

    def close(self, at: Moment, reason: EndReason) -> tuple[Event, ...]:
        """End what is open."""
        return self._life.close(at, reason)

    def state(self) -> RuleState:
        """Whether it is open."""
        return RuleState(
            rule_id=self._section.name,
            rule=self._section.rule,
            open_events=len(self._life),
            suppressed=self._life.suppressed,
        )
