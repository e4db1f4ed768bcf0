"""How well people are counted: the line_crossing rule on replay's tracks against the same rule on the true tracks.

The line stands upright through the middle of the picture, over its whole height: nobody can walk around its ends, most
paths of the street run across it, and it was not picked for its result. Right of it in the picture is `in`.
"""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from agent.config.model import Config
from agent.pipeline import load_eyes
from agent.rules.ruleset import RuleSet
from agent.tools.replay import Replay, ReplayOptions, seeded_ids
from agent.values import Event, Point, Scene
from bench.truth import FPS, Street, config, street
from deploy import assets

LINE = (Point(0.5, 1.0), Point(0.5, 0.0))
DIRECTIONS = ("in", "out")


def run(quick: bool) -> dict[str, object]:
    """Keys counted, truth, error_share, line and the same per direction; counted_yolox and error_share_yolox."""
    scene = street(quick)
    truth = true_crossings(scene, config(None, LINE))
    figures: dict[str, object] = {
        "line": [[point.x, point.y] for point in LINE],
        "truth": truth.total(),
        "truth_in": truth["in"],
        "truth_out": truth["out"],
    }
    print(f"{'model':8}{'in':>5}{'out':>5}{'all':>5}{'error':>8}")
    print(f"{'truth':8}{truth['in']:5}{truth['out']:5}{truth.total():5}")
    for name, model in (("ssd", assets.ssd_model()), ("yolox", assets.yolox_model())):
        if model is None:
            continue
        counted = counted_crossings(scene, model)
        error = error_share(counted, truth)
        suffix = "" if name == "ssd" else f"_{name}"
        figures |= {
            f"counted{suffix}": counted.total(),
            f"counted_in{suffix}": counted["in"],
            f"counted_out{suffix}": counted["out"],
            f"error_share{suffix}": round(error, 4),
        }
        print(f"{name:8}{counted['in']:5}{counted['out']:5}{counted.total():5}{error:8.1%}")
    return figures


def error_share(counted: Counter[str], truth: Counter[str]) -> float:
    """What is wrong in either direction, as a share of all true crossings: too many one way does not make up for the
    other.
    """
    return sum(abs(counted[way] - truth[way]) for way in DIRECTIONS) / max(truth.total(), 1)


def true_crossings(scene: Street, settings: Config) -> Counter[str]:
    """The rule on the true tracks."""
    camera = settings.cameras[0]
    rules = RuleSet(camera, settings.node.timezone, seeded_ids(camera.id))
    return by_direction(event for at, tracks in scene.tracks() for event in rules.update(Scene(at, tracks)))


def counted_crossings(scene: Street, model: Path) -> Counter[str]:
    """The rule at the end of the whole pipeline."""
    settings = config(model, LINE)
    options = ReplayOptions(scene.video, settings, until_s=scene.frames / FPS)
    return by_direction(Replay(options, load_eyes(settings.detection)))


def by_direction(events: Iterable[Event]) -> Counter[str]:
    """How many crossings each way; every crossing is one event."""
    return Counter(event.direction for event in events if event.direction)
