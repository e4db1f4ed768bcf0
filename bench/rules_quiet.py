"""False alarms: all thirteen rules on the whole picture, on footage and scenes in which they have nothing to tell.

Each rule is there twice: as it is by default, and strict, with waits of 3 to 10 seconds, such as a scene of a minute
can break. Scenes of one place and light are joined to one film, so that long waits can be broken too. A rule is judged
only where nothing of what it looks for happens: on the quiet scenes all of them, on scenes with people and vehicles
that pass by those which neither may set off. The seeds are others than those on which the rules were made.
"""

import math
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from agent.config.labels import VEHICLES
from agent.config.model import Config
from agent.config.rules import RULES
from agent.pipeline import SeesObjects
from bench.found_events import Found, config, found_in
from bench.joined_film import joined_film
from tests import scenes

WHOLE = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]
NEEDED: dict[str, dict[str, Any]] = {rule: {"zone": "all"} for rule in RULES} | {
    "line_crossing": {"line": "across"},
    "wrong_way": {"zone": "all", "direction": [[0.1, 0.5], [0.9, 0.5]]},
    "tamper": {},
}
STRICT: dict[str, dict[str, Any]] = {
    "loitering": {"after": "10s"},
    "crowd": {"count": 3, "after": "3s"},
    "parking": {"after": "10s"},
    "encroachment": {"after": "10s"},
    "dumping": {"after": "5s"},
    "object_removed": {"stood": "10s"},
    "congestion": {"count": 3, "after": "5s"},
    "collision": {"after": "3s"},
    "tamper": {"after": "5s"},
}
PLACES: dict[str, Any] = {"zones": {"all": WHOLE}, "lines": {"across": [[0.5, 1.0], [0.5, 0.0]]}}
DEFAULTS: dict[str, Any] = PLACES | {"rules": [{"rule": rule, **NEEDED[rule]} for rule in RULES]}
ALL: dict[str, Any] = PLACES | {
    "rules": [
        {"rule": rule, "id": f"{kind}-{RULES.index(rule)}", **NEEDED[rule], **waits.get(rule, {})}
        for kind, waits in (("default", {}), ("strict", STRICT))
        for rule in RULES
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
JOINED = ("quiet", "motion")  # each scene begins and ends with nothing changed ...
SCENERY = ("web", "trees", "tree-shade")  # ... but for these: at the cut they would come out of nothing
QUICK_SCENES = ("headlights-night-quiet",)
QUICK_S = 30.0
TURNS = (2, 3)  # the rules were made on the scenes as they are in the catalogue
SURE = 0.95


@dataclass(slots=True)
class Quiet:
    """How often one rule told of what was not."""

    alarms: int = 0  # with the settings that are the default
    strict: int = 0
    seconds: float = 0.0

    @property
    def per_hour(self) -> float:
        """Alarms per camera-hour."""
        return self.alarms / (self.seconds / 3600) if self.seconds else 0.0

    @property
    def strict_per_hour(self) -> float:
        """The same with short waits."""
        return self.strict / (self.seconds / 3600) if self.seconds else 0.0

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
    with tempfile.TemporaryDirectory() as folder:
        for each in watched(quick, Path(folder)):
            watch(each, model, eyes, quiet)
    return quiet


def watch(each: "Watched", model: Path | None, eyes: SeesObjects | None, quiet: dict[str, Quiet]) -> None:
    """All rules on one film; adds to `quiet`."""
    for rule in each.rules:
        quiet[rule].seconds += each.seconds
    for found in falsely(each, config(ALL, model), eyes):
        strict = found.event.rule_id.startswith("strict-")
        quiet[found.rule].strict += strict
        quiet[found.rule].alarms += not strict
        print(f"  false: {found.rule}{' (strict)' * strict} in {each.name} at {found.at_s:.1f} s ({label_of(found)})")


def falsely(each: "Watched", settings: Config, eyes: SeesObjects | None) -> Iterator[Found]:
    """What is found on one film by rules that have nothing to tell of it."""
    for found in found_in(each.video, settings, eyes, each.seconds):
        if found.rule in each.rules and not (each.name in PARKED and label_of(found) in VEHICLES):
            yield found


def label_of(found: Found) -> str:
    """What was told, or that it was the view."""
    return found.event.objects[0].label if found.event.objects else "view"


def watched(quick: bool, folder: Path) -> Iterator[Watched]:
    """The real clips that are here, and scenes with other seeds; joined films are made in `folder`."""
    for clip in scenes.clips():
        if not quick or clip.name == "carpark":
            yield Watched(clip.name, clip.path, clip.labels.seconds, CLIPS[clip.name])
    if quick:
        for scene in map(scenes.named, QUICK_SCENES):
            yield Watched(scene.name, scenes.video(scene), QUICK_S, GROUPS[scene.group])
        return
    for turn in TURNS:
        for group, rules in GROUPS.items():
            again = [reseeded(scene, turn) for scene in scenes.group(group)]
            if group == "tamper" and turn != TURNS[0]:
                continue
            alone = [one for one in again if group not in JOINED or one.disturbance.kind in SCENERY]
            yield from _joined(
                [one for one in again if one not in alone], f"{group}, seeds +{1000 * turn}", rules, folder
            )
            for scene in alone:
                yield Watched(scene.name, scenes.video(scene), scene.seconds, rules)


def reseeded(scene: scenes.Scene, turn: int) -> scenes.Scene:
    """The same script, but noise and disturbance fall otherwise."""
    seed = scene.seed + 1000 * turn
    return replace(scene, name=f"{scene.name}-{seed}", seed=seed)


def _joined(all_: Sequence[scenes.Scene], name: str, rules: frozenset[str], folder: Path) -> Iterator[Watched]:
    def place(scene: scenes.Scene) -> tuple[str, str]:
        return scene.plate, scene.light

    for (where, light), same in groupby(sorted(all_, key=place), key=place):
        parts = list(same)
        path = joined_film([scenes.video(scene) for scene in parts], folder / "joined.mp4")
        yield Watched(f"{where}-{light} ({name})", path, sum(scene.seconds for scene in parts), rules)
        path.unlink()


def poisson_upper(count: int, sure: float) -> float:
    """The mean at which `count` or fewer have the probability 1 - `sure`."""
    low, high = float(count), 3.0 * count + 10.0
    for _ in range(60):
        mean = (low + high) / 2
        below = math.exp(-mean) * sum(mean**n / math.factorial(n) for n in range(count + 1))
        low, high = (mean, high) if below > 1 - sure else (low, mean)
    return high
