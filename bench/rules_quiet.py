"""False alarms: all thirteen rules on the whole picture, on footage and scenes in which they have nothing to tell.

The rules wait much shorter than by default, so that a scene of a minute can break them; so these rates are those of
strict settings. A rule is judged only where nothing of what it looks for happens: on the quiet scenes all of them, on
scenes with people and vehicles that pass by those which neither may set off.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agent.config.labels import VEHICLES
from agent.config.rules import RULES
from agent.pipeline import SeesObjects
from bench.found_events import config, found_in
from tests import scenes

WHOLE = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]
ALL: dict[str, Any] = {
    "zones": {"all": WHOLE},
    "lines": {"across": [[0.5, 1.0], [0.5, 0.0]]},
    "rules": [
        {"rule": "intrusion", "zone": "all"},
        {"rule": "line_crossing", "line": "across"},
        {"rule": "loitering", "zone": "all", "after": "10s"},
        {"rule": "crowd", "zone": "all", "count": 3, "after": "3s"},
        {"rule": "parking", "zone": "all", "after": "10s"},
        {"rule": "encroachment", "zone": "all", "after": "10s"},
        {"rule": "dumping", "zone": "all", "after": "5s"},
        {"rule": "object_removed", "zone": "all", "stood": "10s"},
        {"rule": "wrong_way", "zone": "all", "direction": [[0.1, 0.5], [0.9, 0.5]]},
        {"rule": "congestion", "zone": "all", "count": 3, "after": "5s"},
        {"rule": "collision", "zone": "all", "after": "3s"},
        {"rule": "fight", "zone": "all"},
        {"rule": "tamper", "after": "5s"},
    ],
}
PASSING = frozenset(RULES) - {"intrusion", "line_crossing", "loitering", "crowd", "wrong_way"}  # nothing but passers-by
COVERED = PASSING - {"tamper"}
PARKED = {"vtest"}  # cars stand at the far side of this street all the time: that they do is true
# Cars come and go and stand in the car park; on the motorway all move, and nobody walks.
CLIPS = {
    "vtest": PASSING | {"wrong_way"},
    "highway": PASSING | {"loitering", "crowd"},
    "carpark": PASSING - {"parking", "encroachment", "object_removed", "congestion"},
}
GROUPS = {"quiet": frozenset(RULES), "motion": PASSING, "benign": PASSING, "tamper": COVERED}
QUICK_SCENES = ("headlights-night-quiet",)
QUICK_S = 30.0
SEEDS = 3
SURE = 0.95


@dataclass(slots=True)
class Quiet:
    """How often one rule told of what was not."""

    alarms: int = 0
    seconds: float = 0.0

    @property
    def per_hour(self) -> float:
        """Alarms per camera-hour."""
        return self.alarms / (self.seconds / 3600) if self.seconds else 0.0

    @property
    def upper_per_hour(self) -> float:
        """What it is below with 95 % confidence; without any alarm three over the hours ("rule of three")."""
        return poisson_upper(self.alarms, SURE) / (self.seconds / 3600) if self.seconds else math.inf


@dataclass(frozen=True, slots=True)
class Watched:
    """One clip or scene, and the rules that have nothing to tell of it."""

    name: str
    video: Path
    seconds: float
    rules: frozenset[str]


def false_alarms(quick: bool, model: Path | None, eyes: SeesObjects | None) -> dict[str, Quiet]:
    """By rule. What was found falsely is printed as it is found."""
    quiet = {rule: Quiet() for rule in RULES}
    settings = config(ALL, model)
    for each in watched(quick):
        for rule in each.rules:
            quiet[rule].seconds += each.seconds
        for found in found_in(each.video, settings, eyes, each.seconds):
            told = found.event.objects[0].label if found.event.objects else ""
            if found.rule in each.rules and not (each.name in PARKED and told in VEHICLES):
                quiet[found.rule].alarms += 1
                print(f"  false: {found.rule} in {each.name} at {found.at_s:.1f} s")
    return quiet


def watched(quick: bool) -> Iterator[Watched]:
    """The real clips that are here, and scenes: with each seed, the same disturbance falls otherwise."""
    for clip in scenes.clips():
        if not quick or clip.name == "carpark":
            yield Watched(clip.name, clip.path, clip.labels.seconds, CLIPS[clip.name])
    if quick:
        for scene in map(scenes.named, QUICK_SCENES):
            yield Watched(scene.name, scenes.video(scene), QUICK_S, GROUPS[scene.group])
        return
    for turn in range(SEEDS):
        for group, rules in GROUPS.items():
            for scene in scenes.group(group):
                again = (
                    scene if turn == 0 else replace(scene, name=f"{scene.name}-{turn}", seed=scene.seed + 1000 * turn)
                )
                yield Watched(again.name, scenes.video(again), again.seconds, rules)


def poisson_upper(count: int, sure: float) -> float:
    """The mean at which `count` or fewer have the probability 1 - `sure`."""
    low, high = float(count), 3.0 * count + 10.0
    for _ in range(60):
        mean = (low + high) / 2
        below = math.exp(-mean) * sum(mean**n / math.factorial(n) for n in range(count + 1))
        low, high = (mean, high) if below > 1 - sure else (low, mean)
    return high
