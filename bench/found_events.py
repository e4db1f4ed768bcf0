"""Events that the whole pipeline finds in a clip or a rendered scene, and how they compare with those that are true."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.config.model import Config
from agent.pipeline import SeesObjects
from agent.tools.replay import Replay, ReplayOptions
from agent.values import Event, Phase

FPS = 5  # what a node looks at unless told otherwise
EARLY_S, LATE_S = 3.0, 6.0  # an event told this long before or after it was true is still that event


@dataclass(frozen=True, slots=True)
class Expected:
    """An event that should be found: told between `from_s` and `to_s`; `began_s` is when it became visible at all."""

    rule: str
    began_s: float
    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True)
class Found:
    """An event that was found, by the second at which it was told first."""

    rule: str
    at_s: float
    event: Event = field(repr=False)


@dataclass(slots=True)
class Score:
    """Of one rule."""

    hits: int = 0
    missed: int = 0
    false: int = 0
    late_s: list[float] = field(default_factory=list)  # of the hits: told after (or before, negative) it was true

    @property
    def precision(self) -> float | None:
        """Of what was found; None when nothing was."""
        return self.hits / (self.hits + self.false) if self.hits + self.false else None

    @property
    def recall(self) -> float | None:
        """Of what was true; None when nothing was."""
        return self.hits / (self.hits + self.missed) if self.hits + self.missed else None

    @property
    def start_error_s(self) -> float | None:
        """The median of how far off the start is; None without hits."""
        off = sorted(abs(late) for late in self.late_s)
        return off[len(off) // 2] if off else None

    def add(self, other: "Score") -> None:
        """Both together."""
        self.hits, self.missed, self.false = (
            self.hits + other.hits,
            self.missed + other.missed,
            self.false + other.false,
        )
        self.late_s += other.late_s


def config(camera: Mapping[str, Any], model: Path | None, fps: float = FPS) -> Config:
    """One camera with these zones, lines and rules."""
    return Config.model_validate(
        {
            "node": {"ward": "bench", "id": "bench"},
            "mqtt": {"url": "mqtts://localhost:8883"},
            "retention": {"max_days": 30},
            "detection": {"model": str(model) if model else None},
            "cameras": [{"id": "cam", "source": "clip.mp4", "analysis_fps": fps, **camera}],
        }
    )


def found_in(video: Path, settings: Config, eyes: SeesObjects | None, until_s: float | None = None) -> list[Found]:
    """Each event once, by its first revision. Raises CameraError, ModelError."""
    seen: dict[str, Found] = {}
    for event in Replay(ReplayOptions(video, settings, until_s=until_s), eyes):
        if event.id not in seen:
            # The first revision tells when the rule was sure; an event that is over at once ends as it starts.
            seen[event.id] = Found(event.rule, event.at.mono_s, event)
        assert event.phase is not Phase.START or seen[event.id].event is event
    return list(seen.values())


def compared(found: Iterable[Found], true: Sequence[Expected], rules: Iterable[str]) -> dict[str, Score]:
    """A score for each rule: every true event may be found once, what is found beyond that is false."""
    scores = {rule: Score() for rule in rules}
    open_ = sorted(true, key=lambda each: each.from_s)
    for one in sorted(found, key=lambda each: each.at_s):
        near = [
            each
            for each in open_
            if each.rule == one.rule
            and min(each.began_s, each.from_s - EARLY_S) <= one.at_s <= max(each.to_s, each.from_s) + LATE_S
        ]
        if not near:
            scores[one.rule].false += 1
            continue
        best = min(near, key=lambda each: abs(each.from_s - one.at_s))
        open_.remove(best)
        scores[one.rule].hits += 1
        scores[one.rule].late_s.append(one.at_s - best.from_s)
    for each in open_:
        scores[each.rule].missed += 1
    return scores
