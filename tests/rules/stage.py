"""A stage for rules: one camera, frames five times a second, actors that stand or walk as a script says."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from agent.clock import Moment
from agent.config.camera import CameraSection
from agent.rules import RuleSet
from agent.values import Box, ChangeKind, EndReason, Event, Point, Scene, StaticChange, Track, View

SAIGON = "Asia/Ho_Chi_Minh"
FRAME_S = 0.2
LEFT_HALF = [[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [0.0, 1.0]]
Foot = tuple[float, float]
# Where an actor's foot is at a second of the play; None: not to be seen.
Script = Callable[[float], Foot | None]
Seen = Callable[[float], Iterable[Track]]
Changed = Callable[[float], Iterable[StaticChange]]


def local_ns(text: str, zone: str = SAIGON, fold: int = 0) -> int:
    """Unix nanoseconds of a local time like 2026-06-01 22:00."""
    local = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)
    return round(local.timestamp() * 1e9)


def moment(second: float, wall_ns: int | None = None, trusted: bool = True) -> Moment:
    """`second` after the start of the play, which is noon of a Monday unless said otherwise."""
    start = local_ns("2026-06-01 12:00") if wall_ns is None else wall_ns
    return Moment(round((1000 + second) * 1e9), start + round(second * 1e9), trusted, "boot")


def track(id_: int, foot: Foot, label: str = "person", **more: Any) -> Track:
    """A track 0.1 wide and 0.2 high that stands on `foot`, old enough unless said otherwise."""
    x, y = foot
    known: dict[str, Any] = {
        "score": 0.8,
        "age_s": 10.0,
        "travel": 0.5,
        "path": (Point(x, y),),
        "first": moment(0),
        **more,
    }
    box = known.pop("box", Box(x - 0.05, y - 0.2, x + 0.05, y))
    return Track(id=id_, label=label, box=box, last_seen=moment(0), **known)


def change(
    id_: int, foot: Foot, since: float, now: float, kind: ChangeKind = ChangeKind.APPEARED, **more: Any
) -> StaticChange:
    """Something 0.04 wide and 0.06 high that has lain (or been missing) on `foot` since `since`; nobody knows what."""
    x, y = foot
    box = more.pop("box", Box(x - 0.02, y - 0.06, x + 0.02, y))
    return StaticChange(id_, kind, box, moment(since), now - since, **more)


def stay(foot: Foot, start: float = 0.0, end: float = 1e9) -> Script:
    """Stands there from `start` to before `end`."""
    return lambda second: foot if start <= second < end else None


def walk(a: Foot, b: Foot, start: float, end: float) -> Script:
    """Walks evenly from `a` to `b`."""

    def at(second: float) -> Foot | None:
        if not start <= second <= end:
            return None
        share = (second - start) / (end - start)
        return (a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1]))

    return at


def camera(*rules: Mapping[str, Any], **more: Any) -> CameraSection:
    """A camera with the zone `left` (the left half), the line `gate` (upwards through the middle) and these rules."""
    fields = {"zones": {"left": LEFT_HALF}, "lines": {"gate": [[0.5, 0.9], [0.5, 0.1]]}, **more}
    return CameraSection.model_validate({"id": "cam", "source": "a.mp4", "rules": list(rules), **fields})


class Stage:
    """A RuleSet and its events so far. Ids count up: e1, e2."""

    def __init__(self, *rules: Mapping[str, Any], timezone: str = SAIGON, wall_ns: int | None = None) -> None:
        self.events: list[Event] = []
        self.trusted = True
        self.wall_ns = wall_ns
        self.second = 0.0
        self._ids = 0
        self.rules = RuleSet(camera(*rules), timezone, self._new_id)

    def _new_id(self, _: Moment) -> str:
        self._ids += 1
        return f"e{self._ids}"

    def now(self) -> Moment:
        """The moment of the current frame."""
        return moment(self.second, self.wall_ns, self.trusted)

    def show(
        self, tracks: Iterable[Track], changes: Iterable[StaticChange] = (), view: View | None = None
    ) -> tuple[Event, ...]:
        """One frame with these tracks, lasting changes and this view."""
        events = self.rules.update(Scene(self.now(), tuple(tracks), tuple(changes), view or View()))
        self.events += events
        return events

    def play(self, until: float, actors: Mapping[int, Script], label: str = "person", **more: Any) -> "Stage":
        """Frames up to `until` seconds, with the actors by track number."""
        while self.second <= until + 1e-9:
            feet = {id_: script(self.second) for id_, script in actors.items()}
            self.show(track(id_, foot, label, **more) for id_, foot in feet.items() if foot is not None)
            self.second = round(self.second + FRAME_S, 6)
        return self

    def run(self, until: float, tracks: Seen, changes: Changed = lambda _: ()) -> "Stage":
        """Frames up to `until` seconds, with what these give for each second."""
        while self.second <= until + 1e-9:
            self.show(tracks(self.second), changes(self.second))
            self.second = round(self.second + FRAME_S, 6)
        return self

    def close(self, reason: EndReason) -> tuple[Event, ...]:
        """End all."""
        events = self.rules.close(self.now(), reason)
        self.events += events
        return events

    def table(self) -> list[tuple[str, str, float]]:
        """The events so far: id, phase, second."""
        return [(event.id, event.phase.value, round(event.at.mono_s - 1000, 3)) for event in self.events]
