"""Rules on real footage against what is true there.

The street (vtest): people, by the same rules on the true tracks that people have marked. The motorway: vehicles that
cross a line, by eye labels (`tests/scenes/labels`); against an arrow along each carriageway nobody goes the wrong way,
and against the same arrow turned round each vehicle of that carriageway does.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.config.model import Config
from agent.pipeline import SeesObjects
from agent.rules.ruleset import RuleSet
from agent.tools.replay import seeded_ids
from agent.values import Scene
from bench.found_events import Expected, Score, compared, config, found_in
from bench.truth import FPS, QUICK_FRAMES, Street, street
from tests import scenes

Corners = list[list[float]]
# An upright line through the middle, as in `crossings`; stays and numbers that the street of 80 s has some of.
STREET: dict[str, Any] = {
    "lines": {"across": [[0.5, 1.0], [0.5, 0.0]]},
    "rules": [
        {"rule": "line_crossing", "line": "across"},
        {"rule": "loitering", "after": "10s", "cooldown": "0s"},
        {"rule": "crowd", "count": 6, "after": "3s", "cooldown": "0s"},
    ],
}
# The carriageway that leads away from the camera, and the one that comes towards it.
AWAY: Corners = [[0.08, 1.0], [0.72, 0.2], [0.98, 0.2], [0.98, 1.0]]
TOWARDS: Corners = [[0.0, 0.42], [0.48, 0.08], [0.62, 0.16], [0.0, 0.68]]
AWAY_ARROW: Corners = [[0.35, 0.95], [0.8, 0.25]]
TOWARDS_ARROW: Corners = [[0.5, 0.15], [0.05, 0.55]]
MOTORWAY_FPS = 10.0  # a vehicle is in view for two seconds


@dataclass(frozen=True, slots=True)
class Measured:
    """One rule on one clip."""

    clip: str
    rule: str
    score: Score


def on_street(quick: bool, model: Path | None, eyes: SeesObjects | None) -> Iterator[Measured]:
    """line_crossing, loitering and crowd on the street with the true tracks. Raises Absent."""
    truth = street(quick)
    settings = config(STREET, model, FPS)
    true = list(true_events(truth, settings))
    found = found_in(truth.video, settings, eyes, truth.frames / FPS)
    for rule, score in compared(found, true, [each["rule"] for each in STREET["rules"]]).items():
        yield Measured("street", rule, score)


def true_events(truth: Street, settings: Config) -> Iterator[Expected]:
    """What the rules say of perfect tracks."""
    camera = settings.cameras[0]
    rules = RuleSet(camera, settings.node.timezone, seeded_ids(camera.id))
    known: set[str] = set()
    for at, tracks in truth.tracks():
        for event in rules.update(Scene(at, tracks)):
            if event.id not in known:
                known.add(event.id)
                yield Expected(event.rule, at.mono_s, at.mono_s, at.mono_s)


def on_motorway(quick: bool, model: Path | None, eyes: SeesObjects | None) -> Iterator[Measured]:
    """line_crossing, wrong_way and congestion on the motorway with its labels; nothing when the clip is not here."""
    clip = next((each for each in scenes.clips() if each.name == "highway"), None)
    if clip is None:
        return
    until_s = QUICK_FRAMES / FPS / 2 if quick else clip.labels.seconds
    passings = [each for each in clip.labels.passings if each.crosses_s < until_s]
    camera = {
        "zones": {"away": AWAY, "towards": TOWARDS},
        "lines": clip.labels.lines,
        "rules": [
            {"rule": "line_crossing", "line": "near", "classes": VEHICLES},
            {"rule": "wrong_way", "zone": "away", "direction": AWAY_ARROW, "cooldown": "0s"},
            {"rule": "wrong_way", "zone": "towards", "direction": TOWARDS_ARROW, "cooldown": "0s"},
            {"rule": "wrong_way", "id": "turned", "zone": "away", "direction": AWAY_ARROW[::-1], "cooldown": "0s"},
            {"rule": "congestion", "zone": "away", "count": 3, "after": "5s"},
        ],
    }
    found = found_in(clip.path, config(camera, model, MOTORWAY_FPS), eyes, until_s)
    near = [each for each in passings if each.lane.startswith("near")]
    crossings = [Expected("line_crossing", each.crosses_s, each.crosses_s, each.crosses_s) for each in near]
    straight = [one for one in found if one.event.rule_id != "turned"]
    rules = ("line_crossing", "wrong_way", "congestion")
    for rule, score in compared(straight, crossings, rules).items():
        yield Measured("motorway", rule, score)
    # Told anywhere between where it comes into view and the far end of the zone.
    wrong = [Expected("wrong_way", each.enters_s or 0.0, each.crosses_s, each.crosses_s + 2.0) for each in near]
    turned = compared([one for one in found if one.event.rule_id == "turned"], wrong, ["wrong_way"])
    yield Measured("motorway, arrow turned", "wrong_way", turned["wrong_way"])


VEHICLES = ["bicycle", "car", "motorcycle", "bus", "truck"]
