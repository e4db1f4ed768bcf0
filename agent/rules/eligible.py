"""Which tracks a rule looks at: its classes, and then old enough, moved enough, sure enough.

Once a track has passed, it stays passed while it lives: a score that wavers around the limit must not end an event.
"""

from agent.config.rules import BaseRule
from agent.values import Track


class Eligible:
    """The filter of one rule."""

    def __init__(self, section: BaseRule) -> None:
        self._section = section
        self._passed: frozenset[int] = frozenset()

    def candidates(self, tracks: tuple[Track, ...]) -> tuple[Track, ...]:
        """The confirmed tracks of the rule's classes; followed from the first, whether or not they count yet."""
        section = self._section
        mine = tuple(track for track in tracks if track.confirmed and track.label in section.classes)
        self._passed = frozenset(track.id for track in mine if track.id in self._passed or self._passes(track))
        return mine

    def passed(self, track: Track) -> bool:
        """Does this candidate count?"""
        return track.id in self._passed

    def _passes(self, track: Track) -> bool:
        section = self._section
        return (
            track.age_s >= section.min_age and track.travel >= section.min_travel and track.score >= section.min_score
        )
