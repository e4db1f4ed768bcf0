"""A foot crosses a line: one event per crossing, both ways counted.

A crossing has no length, so it is one message: phase `end` with `started` = `ended`, never a `start` before it. Its
`count` is how many have crossed in that direction so far. A track must be clearly on one side and then clearly on
the other, so that standing on the line counts nothing, and the step that changed sides must lie between the line's
two ends, so that walking around an end counts nothing either. See geometry.Line for which way is `in`.
"""

from dataclasses import dataclass

from agent.clock import Moment
from agent.config.rules import LineCrossingRule
from agent.rules.eligible import Eligible
from agent.rules.following import Following
from agent.rules.geometry import Line, foot_of, margin_of
from agent.rules.lifecycle import Lifecycle, Setting, Sight, seen
from agent.rules.rule import RuleState
from agent.values import EndReason, Event, Point, Scene, Track


@dataclass(slots=True)
class Footing:
    """Where one track stands towards the line."""

    foot: Point
    first_s: float
    clear_right: bool | None = None  # the side it was last clearly on
    through: bool = False  # its last change of sides lay between the line's ends


class LineCrossing:
    """Counts crossings of one line."""

    def __init__(self, section: LineCrossingRule, lines: dict[str, tuple[Point, ...]], setting: Setting) -> None:
        self._section = section
        self._line = Line(*lines[section.line])
        self._eligible = Eligible(section)
        self._life = Lifecycle(section, setting)
        self._following: Following[Footing] = Following(
            lambda at, track: Footing(foot_of(track.box), at.mono_s, clear_right=self._clear_side(track))
        )
        self._totals = {"in": 0, "out": 0}

    def update(self, scene: Scene) -> tuple[Event, ...]:
        """The crossings of this frame."""
        events: list[Event] = []
        for one in self._following.update(scene.at, self._eligible.candidates(scene.tracks)):
            direction = self._step(one.track, one.memory)
            if direction is None:
                continue
            self._totals[direction] += 1
            if self._section.direction in ("both", direction):
                sight = Sight((seen(one.track, scene.at.mono_s - one.memory.first_s),), self._totals[direction])
                events += self._life.instant(scene.at, sight, direction)
        return tuple(events)

    def close(self, at: Moment, reason: EndReason) -> tuple[Event, ...]:
        """Forget the tracks; the counts stay. No crossing is ever open."""
        self._following.clear()
        self._eligible.candidates(())
        return self._life.close(at, reason)

    def state(self) -> RuleState:
        """Counts so far."""
        return RuleState(
            rule_id=self._section.name,
            rule=self._section.rule,
            line=self._section.line,
            total_in=self._totals["in"],
            total_out=self._totals["out"],
            suppressed=self._life.suppressed,
        )

    def _step(self, track: Track, footing: Footing) -> str | None:
        foot = foot_of(track.box)
        if (self._line.side(footing.foot) > 0) != (self._line.side(foot) > 0):
            footing.through = self._line.cut_by(footing.foot, foot)
        footing.foot = foot
        right = self._clear_side(track)
        if right is None or right == footing.clear_right:
            return None
        if footing.clear_right is not None and not self._eligible.passed(track):
            return None  # too young yet: its old side is kept, and the crossing counts once it is old enough
        crossed = footing.clear_right is not None and footing.through
        footing.clear_right = right
        return ("in" if right else "out") if crossed else None

    def _clear_side(self, track: Track) -> bool | None:
        side = self._line.side(foot_of(track.box))
        return None if abs(side) <= margin_of(track.box) else side > 0
