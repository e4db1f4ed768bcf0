"""All thirteen rules: precision, recall, how far off the start is, and false alarms per camera-hour.

Three parts: real footage against its truth (`rules_footage`), rendered scenes against the events that are in them
(`rule_scenes`), and all rules at once where there is nothing to tell (`rules_quiet`). With the shipped model; the
motorway also with YOLOX-nano where that is here.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import cv2

from agent.config.rules import RULES
from agent.pipeline import SeesObjects, load_eyes
from bench import rules_footage, rules_quiet
from bench.found_events import Score, config
from bench.rule_scenes import scene_score
from bench.truth import Absent
from deploy import assets
from tests import scenes
from tests.scenes.plates import plate

EXPERIMENTAL = ("collision", "fight")


@dataclass(slots=True)
class Alike:
    """What one rule told in scenes made to look like what it looks for, and that are not."""

    false: int = 0
    seconds: float = 0.0

    @property
    def per_hour(self) -> float:
        """Of nothing but such scenes; a street has few of them in an hour."""
        return self.false * 3600 / self.seconds

    def add(self, where: str, score: Score) -> None:
        """Counts where nothing was true."""
        kind, _, name = where.partition(" ")
        if kind == "scene" and not score.hits + score.missed:
            self.false += score.false
            self.seconds += scenes.named(name).seconds


def run(quick: bool) -> dict[str, object]:
    """Per rule precision, recall, late_s, false_alarms_h with its upper bound and the hours measured, and what was told
    falsely in scenes that only look alike.
    """
    cv2.setNumThreads(1)
    model = assets.ssd_model()
    eyes = load_eyes(config({}, model).detection)
    totals = {rule: Score() for rule in RULES}
    print(f"model {model.stem}{', the drawn stand-in of the street' if plate('yard').drawn else ''}")
    print(f"{'rule':30}{'on':26}{'found':>7}{'missed':>8}{'false':>7}{'precision':>11}{'recall':>8}{'start off':>11}")
    alike = {rule: Alike() for rule in RULES}
    for rule, where, score in scored(quick, model, eyes):
        print(f"{rule:30}{where:26}{score.hits:7}{score.missed:8}{score.false:7}{percents(score)}")
        if rule in totals:
            totals[rule].add(score)
            alike[rule].add(where, score)
    quiet = rules_quiet.false_alarms(quick, model, eyes)
    columns = (
        f"{'precision':>11}{'recall':>8}{'start off':>11}{'false/h':>9}{'below (95 %)':>14}{'strict':>8}{'hours':>7}"
    )
    print(f"\n{'rule':16}{columns}")
    figures: dict[str, object] = {}
    for rule, score in totals.items():
        calm = quiet[rule]
        mark = " experimental" if rule in EXPERIMENTAL else ""
        print(
            f"{rule:16}{percents(score)}{calm.per_hour:9.2f}{calm.upper_per_hour:14.2f}{calm.strict_per_hour:8.2f}"
            f"{calm.seconds / 3600:7.2f}{mark}"
        )
        figures[rule] = {
            "precision": rounded(score.precision),
            "recall": rounded(score.recall),
            "late_s": rounded(score.start_error_s),
            "events": score.hits + score.missed,
            "false_alarms_h": round(calm.per_hour, 3),
            "false_alarms_h_upper": round(calm.upper_per_hour, 3),
            "false_alarms_h_strict": round(calm.strict_per_hour, 3),
            "hours": round(calm.seconds / 3600, 3),
            "alike_false": alike[rule].false,
            "alike_minutes": round(alike[rule].seconds / 60, 1),
        }
    print("\nscenes that only look alike:")
    for rule, one in alike.items():
        if one.seconds:
            print(f"{rule:16}{one.false} told falsely in {one.seconds / 60:.1f} minutes: {one.per_hour:.0f} an hour")
    return figures


def scored(quick: bool, model: Path, eyes: SeesObjects) -> list[tuple[str, str, Score]]:
    """Rule, where, score; scenes of one rule, and parts of footage."""
    rows: list[tuple[str, str, Score]] = []
    try:
        footage = [] if quick else list(rules_footage.on_street(quick, model, eyes))
    except Absent as error:
        print(f"street: {error}", file=sys.stderr)
        footage = []
    footage += rules_footage.on_motorway(quick, model, eyes)
    yolox = None if quick else assets.yolox_model()
    if yolox is not None:
        other = load_eyes(config({}, yolox).detection)
        rows += [
            (f"{part.rule}, {yolox.stem}", part.clip, part.score)
            for part in rules_footage.on_motorway(quick, yolox, other)
        ]
    for part in footage:
        rows.append((part.rule, part.clip, part.score))
    seen: set[str] = set()
    for scene in scenes.group("rules"):
        rule = scene.camera["rules"][0]["rule"]
        if quick and rule in seen:
            continue
        seen.add(rule)
        scores, _ = scene_score(scene, model, eyes, quick)
        rows += [(rule, f"scene {scene.name}", score) for rule, score in scores.items()]
    return sorted(rows, key=lambda row: RULES.index(row[0].partition(",")[0]))


def percents(score: Score) -> str:
    """Precision, recall and start as columns; a dash where there is nothing to divide by."""
    shares = [f"{value:.0%}" if value is not None else "-" for value in (score.precision, score.recall)]
    off = f"{score.start_error_s:.1f} s" if score.start_error_s is not None else "-"
    return f"{shares[0]:>11}{shares[1]:>8}{off:>11}"


def rounded(value: float | None) -> float | None:
    """Three digits, or nothing."""
    return None if value is None else round(value, 3)
