"""The life that all events share: start, an update every 10 s, an end with the same id; schedule, cooldown, bounds.

A rule says in each frame which of its conditions hold (`Sight` by key); this file makes the events of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from agent.clock import Moment
from agent.config.rules import BaseRule
from agent.rules.geometry import heading_deg
from agent.rules.schedule import LocalSchedule
from agent.values import EndReason, Event, EventObject, Phase, Point, Role, Track

UPDATE_EVERY_S = 10.0
QUIET_S = 2.0
MAX_OPEN = 64
MAX_OBJECTS = 32
MAX_POINTS = 8


@dataclass(frozen=True, slots=True)
class Sight:
    """A condition that holds in this frame: who takes part, and how many they are (objects may be cut short)."""

    objects: tuple[EventObject, ...]
    count: int
    since: Moment | None = None  # it happened before it could be told; None: now


@dataclass(frozen=True, slots=True)
class Setting:
    """What the rules of one camera share."""

    cam: str
    timezone: str
    new_id: Callable[[Moment], str]


@dataclass(slots=True)
class _Open:
    event: Event
    held: Moment
    told_s: float


class Lifecycle:
    """The events of one rule. `quiet_s`: a condition must be gone for so long before its event ends."""

    def __init__(self, section: BaseRule, setting: Setting, quiet_s: float = QUIET_S) -> None:
        self._section = section
        self._setting = setting
        self._quiet_s = quiet_s
        self._schedule = LocalSchedule(section.schedule, setting.timezone)
        self._open: dict[int, _Open] = {}
        self._last_end_s: float | None = None
        self._waiting: frozenset[int] = frozenset()
        self.suppressed = 0  # events that the cooldown or the bound kept back until they were over

    def step(self, at: Moment, sights: Mapping[int, Sight]) -> tuple[Event, ...]:
        """The events of this frame: ends first, so that what begins in the same frame is a new one."""
        on = self._schedule.on(at)
        events = [self._end(key, at, EndReason.OVER) for key in list(self._open) if self._is_over(key, at, sights, on)]
        waiting = set()
        for key, sight in sights.items():
            known = self._open.get(key)
            if known is not None:
                event = self._go_on(known, at, sight)
                events += [event] if event is not None else []
            elif on and (self._in_cooldown(at) or len(self._open) >= MAX_OPEN):
                waiting.add(key)
            elif on:
                event = self._new(at, Phase.START, sight)
                self._open[key] = _Open(event, at, at.mono_s)
                events.append(event)
        self.suppressed += len(self._waiting - sights.keys())
        self._waiting = frozenset(waiting)
        return tuple(events)

    def instant(self, at: Moment, sight: Sight, direction: str) -> tuple[Event, ...]:
        """An event that is over as it happens: one revision, phase `end`, started and ended in the same moment."""
        if not self._schedule.on(at):
            return ()
        if self._in_cooldown(at):
            self.suppressed += 1
            return ()
        self._last_end_s = at.mono_s
        event = self._new(at, Phase.END, sight)
        return (replace(event, ended=at, end_reason=EndReason.OVER, direction=direction),)

    def close(self, at: Moment, reason: EndReason) -> tuple[Event, ...]:
        """End all that is open."""
        return tuple(self._end(key, at, reason) for key in list(self._open))

    def __len__(self) -> int:
        return len(self._open)

    def _is_over(self, key: int, at: Moment, sights: Mapping[int, Sight], on: bool) -> bool:
        gone_s = at.mono_s - self._open[key].held.mono_s
        return not on or (key not in sights and gone_s >= self._quiet_s)

    def _in_cooldown(self, at: Moment) -> bool:
        return self._last_end_s is not None and at.mono_s - self._last_end_s < self._section.cooldown

    def _go_on(self, known: _Open, at: Moment, sight: Sight) -> Event | None:
        known.held = at
        known.event = replace(known.event, objects=cut(sight.objects), count=sight.count)
        if at.mono_s - known.told_s < UPDATE_EVERY_S:
            return None
        known.told_s = at.mono_s
        return replace(known.event, phase=Phase.UPDATE, at=at)

    def _end(self, key: int, at: Moment, reason: EndReason) -> Event:
        # It ended when its condition was last seen, not when we gave up waiting for it.
        known = self._open.pop(key)
        self._last_end_s = at.mono_s
        return replace(known.event, phase=Phase.END, at=at, ended=known.held, end_reason=reason)

    def _new(self, at: Moment, phase: Phase, sight: Sight) -> Event:
        section = self._section
        return Event(
            id=self._setting.new_id(at),
            phase=phase,
            rule=section.rule,
            rule_id=section.name,
            severity=section.severity,
            cam=self._setting.cam,
            started=sight.since or at,
            at=at,
            objects=cut(sight.objects),
            count=sight.count,
            zone=getattr(section, "zone", None),
            clip=section.clip,
        )


def cut(objects: tuple[EventObject, ...]) -> tuple[EventObject, ...]:
    """At most 32 objects, what it is about first and those that have been there longest; a message must stay small."""
    if len(objects) <= MAX_OBJECTS:
        return objects
    return tuple(sorted(objects, key=lambda one: (one.role is Role.NEAR, -one.dwell_s))[:MAX_OBJECTS])


def seen(track: Track, dwell_s: float, role: Role = Role.OBJECT) -> EventObject:
    """A track as an event tells it, with at most eight points of its path."""
    return EventObject(
        track=track.id,
        label=track.label,
        score=track.score,
        box=track.box,
        dwell_s=dwell_s,
        heading_deg=heading_deg(track.path),
        path=thinned(track.path),
        role=role,
    )


def thinned(path: tuple[Point, ...]) -> tuple[Point, ...]:
    """At most eight points: the first, the last, and evenly between."""
    if len(path) <= MAX_POINTS:
        return path
    last = len(path) - 1
    return tuple(path[round(index * last / (MAX_POINTS - 1))] for index in range(MAX_POINTS))
