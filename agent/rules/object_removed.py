"""A standing vehicle, or what lay in a watched zone, goes away: one event per thing, which tells who was near.

It went when a track that had stood drives off and its place stays empty, or when the picture shows lastingly that
something vanished. A track that is merely lost says nothing: the vehicle still stands in the picture. The event lasts
while what went or who was near can still be seen, a minute at most.
"""

from dataclasses import dataclass

from agent.clock import Moment
from agent.config.rules import ObjectRemovedRule
from agent.rules.lifecycle import Setting, Sight, seen
from agent.rules.parking import MOVED_FOR_S, moved
from agent.rules.things import SETTLED_S, changes, label_of, same_place, thing
from agent.rules.witnesses import Witnesses, told
from agent.rules.zone import Present
from agent.rules.zone_rule import Zones, ZoneWatch
from agent.values import Box, ChangeKind, EndReason, Event, EventObject, Scene, StaticChange, Track

LOSS_S = 10.0
EMPTY_S = 3.0  # its place must stay empty: a number may jump from a parked vehicle to one that passes
BEFORE_S, AFTER_S = 15.0, 5.0  # around the moment at which it went
AT_MOST_S = 60.0
KEEP_S = 120.0  # for so long what went is not told again when the other sign of it comes
MAX_GONE = 32


@dataclass(slots=True)
class Stood:
    """Where one vehicle stands or stood."""

    track: Track  # as last seen
    box: Box
    from_s: float
    until: Moment
    seen_s: float

    @property
    def stood_s(self) -> float:
        """For how long it stood there."""
        return self.until.mono_s - self.from_s


@dataclass(slots=True)
class Gone:
    """One thing that is no longer where it was."""

    key: int
    box: Box
    since: Moment
    found_s: float
    told: EventObject
    near: tuple[Track, ...]
    sure_s: float | None = None  # since when it is sure; drops out of the list when it never is


class ObjectRemoved(ZoneWatch):
    """Starts when it is sure that something went."""

    def __init__(self, section: ObjectRemovedRule, zones: Zones, setting: Setting) -> None:
        super().__init__(section, zones, setting, loss_s=LOSS_S)
        self._classes = frozenset(section.classes)
        self._watched = section.zone is not None  # whatever is in the named zone
        self._polygon = zones[section.zone] if section.zone is not None else None
        self._stood_s = section.stood
        self._witnesses = Witnesses()
        self._standing: dict[int, Stood] = {}
        self._gone: list[Gone] = []
        self._guests: dict[int, StaticChange] = {}  # what has come lately, by change
        # Places that the picture shows empty, by change: since when; None once that is dealt with.
        self._empty: dict[int, float | None] = {}
        self._first_s: float | None = None
        self._next_key = 0

    def update(self, scene: Scene) -> tuple[Event, ...]:
        """The events of this frame."""
        self._witnesses.update(scene.at, scene.tracks)
        self._stand(scene.at, self.inside(scene.at, scene.tracks))
        self._drive_off(scene)
        self._vanish(scene)
        now_s = scene.at.mono_s
        self._gone = [one for one in self._gone if now_s - one.found_s <= KEEP_S and self._stays_away(scene, one)]
        in_view = {track.id for track in scene.tracks}
        return self._life.step(
            scene.at,
            {
                one.key: Sight((one.told, *told(one.near)), 1, one.since)
                for one in self._gone
                if one.sure_s is not None
                and now_s - one.sure_s <= AT_MOST_S
                and (now_s == one.sure_s or not in_view.isdisjoint({one.told.track, *(who.id for who in one.near)}))
            },
        )

    def close(self, at: Moment, reason: EndReason) -> tuple[Event, ...]:
        """End what is open and forget what stood and went."""
        self._standing, self._gone, self._guests, self._first_s = {}, [], {}, None
        self._empty = {}
        self._witnesses.clear()
        return super().close(at, reason)

    def _stand(self, at: Moment, present: tuple[Present, ...]) -> None:
        for one in present:
            stood = self._standing.get(one.stay.key)
            if stood is None or stood.seen_s < at.mono_s - LOSS_S:
                self._standing[one.stay.key] = Stood(one.track, one.track.box, at.mono_s, at, at.mono_s)
                continue
            stood.track = one.track
            if not moved(stood.box, one.track.box):
                stood.until = at
            elif stood.stood_s < self._stood_s and at.mono_s - stood.until.mono_s >= MOVED_FOR_S:
                stood.box, stood.from_s, stood.until = one.track.box, at.mono_s, at

    def _drive_off(self, scene: Scene) -> None:
        tracks = {track.id: track for track in scene.tracks}
        for key, stood in list(self._standing.items()):
            track = tracks.get(stood.track.id)
            if track is not None:
                stood.seen_s = scene.at.mono_s
                if not same_place(stood.box, track.box):
                    if stood.stood_s >= self._stood_s:
                        self._add(scene.at, stood.box, stood.until, seen(track, stood.stood_s))
                    del self._standing[key]
            elif scene.at.mono_s - stood.seen_s > LOSS_S:
                del self._standing[key]

    def _vanish(self, scene: Scene) -> None:
        now_s = scene.at.mono_s
        self._first_s = now_s if self._first_s is None else self._first_s
        came = {change.id: change for change in changes(scene, ChangeKind.APPEARED, self._polygon)}
        kept = {**self._guests, **came}
        self._guests = {id_: one for id_, one in kept.items() if now_s - one.since.mono_s <= KEEP_S + self._stood_s}
        empty = tuple(
            change for change in changes(scene, ChangeKind.VANISHED, self._polygon) if self._asked_for(change)
        )
        self._empty = {change.id: self._empty.get(change.id, now_s) for change in empty}
        for change in empty:
            # Its place may stay empty for days; that it went is told once.
            shown_s = self._empty[change.id]
            if shown_s is None or now_s - shown_s < SETTLED_S:
                continue
            self._empty[change.id] = None
            if self._stood_long(change):
                gone = self._add(scene.at, change.box, change.since, thing(change))
                gone.sure_s = scene.at.mono_s if gone.sure_s is None else gone.sure_s

    def _asked_for(self, change: StaticChange) -> bool:
        label = label_of(change)
        return label in self._classes or (label is None and self._watched)

    def _stood_long(self, change: StaticChange) -> bool:
        """As far as is known: it was there since the start, or is known to have come."""
        if self._first_s is None or change.since.mono_s - self._first_s < self._stood_s:
            return False
        guests = (one for one in self._guests.values() if same_place(one.box, change.box))
        return all(change.since.mono_s - one.since.mono_s >= self._stood_s for one in guests)

    def _add(self, at: Moment, box: Box, since: Moment, what: EventObject) -> Gone:
        known = next((one for one in self._gone if same_place(one.box, box)), None)
        if known is not None:
            return known
        from_s, to_s = since.mono_s - BEFORE_S, min(at.mono_s, since.mono_s + AFTER_S)
        near = tuple(track for track in self._witnesses.near(box, from_s, to_s) if track.id != what.track)
        self._next_key += 1
        gone = Gone(self._next_key, box, since, at.mono_s, what, near)
        self._gone = [*self._gone, gone][-MAX_GONE:]
        return gone

    def _stays_away(self, scene: Scene, gone: Gone) -> bool:
        if gone.sure_s is not None:
            return True
        if any(track.label in self._classes and same_place(gone.box, track.box) for track in scene.tracks):
            return False  # it stands there still, or one like it again
        if scene.at.mono_s - gone.found_s >= EMPTY_S:
            gone.sure_s = scene.at.mono_s
        return True
