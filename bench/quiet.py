"""False alarms per camera-hour at default settings, over many hours of quiet footage and disturbance scenes.

The real clips first, then one film of `quiet_films` after the other until `HOURS` are watched: without an alarm that
shows with 95 % confidence that there are less than 0.2 an hour. What each film came to is kept in the user's cache, so
that a run goes on where the last one of the same code ended. `python -m bench.quiet --hours N` watches longer.
"""

import argparse
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2

import agent
from agent.config.rules import RULES
from agent.pipeline import load_eyes
from agent.values import Severity
from bench import quiet_films
from bench.found_events import config
from bench.rules_quiet import CLIPS, DEFAULTS, Quiet, Watched, falsely, label_of
from deploy import assets
from deploy.fetch import cache_dir, workspace
from tests import scenes

HOURS = 15.0  # three alarms' worth of certainty ("rule of three") at 0.2 an hour
QUICK_FILMS, QUICK_S = (0, 7), 75.0
SEES = ("capture", "change", "config/rules", "detection", "motion", "rules", "tracking", "values", "view")


@dataclass(frozen=True, slots=True)
class Told:
    """A false alarm."""

    rule: str
    at_s: float
    label: str


@dataclass(frozen=True, slots=True)
class Result:
    """What one film came to. `by`: the code that watched it."""

    by: str
    film: str
    seconds: float
    rules: tuple[str, ...]
    alarms: tuple[Told, ...]


def run(quick: bool) -> dict[str, object]:
    """Per rule hours, alarms, per_hour, upper_per_hour; the same of all rules of severity `alert` together."""
    return measured(HOURS, quick)


def measured(hours: float, quick: bool = False) -> dict[str, object]:
    """The figures after so many hours for the rules of severity `alert`."""
    cv2.setNumThreads(1)
    model = assets.ssd_model()
    settings = config(DEFAULTS, model)
    alerts = frozenset(rule.rule for rule in settings.cameras[0].rules if rule.severity is Severity.ALERT)
    eyes, by = load_eyes(settings.detection), version(model)
    with workspace("quiet-quick" if quick else "quiet") as folder:
        results = [] if quick else list(kept(by))
        if results:
            print(f"{len(results)} films were watched before")
        known = {each.film for each in results}
        films = quick_films(folder) if quick else all_films(folder, known)
        while counted(results, alerts).seconds < hours * 3600 and (film := next(films, None)):
            alarms = tuple(Told(each.rule, each.at_s, label_of(each)) for each in falsely(film, settings, eyes))
            results.append(Result(by, film.name, film.seconds, tuple(sorted(film.rules)), alarms))
            if not quick:
                keep(results[-1])
            tell(results, alerts)
    return figures(results, alerts)


def all_films(folder: Path, known: Iterable[str]) -> Iterator[Watched]:
    """The clips, then films without end, but for those whose name is known."""
    seen = set(known)
    for clip in scenes.clips():
        if clip.name not in seen:
            yield Watched(clip.name, clip.path, clip.labels.seconds, CLIPS[clip.name])
    number = 0
    while True:
        film = quiet_films.quiet_film(number)
        if film.name not in seen:
            yield from shown(film, folder)
        number += 1


def quick_films(folder: Path) -> Iterator[Watched]:
    """The car park, and a little of some films."""
    for clip in scenes.clips():
        if clip.name == "carpark":
            yield Watched(clip.name, clip.path, clip.labels.seconds, CLIPS[clip.name])
    for number in QUICK_FILMS:
        yield from shown(quiet_films.quiet_film(number, QUICK_S), folder)


def shown(film: quiet_films.Film, folder: Path) -> Iterator[Watched]:
    """It is on the disk while it is watched."""
    path = folder / "film.mp4"
    quiet_films.write(film, path)
    yield Watched(film.name, path, film.seconds, film.rules)
    path.unlink()


def version(model: Path) -> str:
    """A digest of the code that sees and tells, of the films' and of the model: other code, other results."""
    here, seeing = Path(__file__).parent, Path(agent.__file__).parent
    files = [path for room in SEES for path in sorted((seeing / room).rglob("*.py"))]
    generator = sorted((here.parent / "tests" / "scenes").rglob("*.py"))
    digest = hashlib.sha256(model.name.encode())
    for path in (*files, seeing / "pipeline.py", seeing / "shrink.py", *generator, here / "quiet_films.py"):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def kept(by: str) -> Iterator[Result]:
    """What films came to with this code."""
    path = results_path()
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else []:
        row = json.loads(line)
        if row["by"] == by:
            alarms = tuple(Told(**each) for each in row["alarms"])
            yield Result(by, row["film"], row["seconds"], tuple(row["rules"]), alarms)


def keep(result: Result) -> None:
    """Append it."""
    with results_path().open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(asdict(result), ensure_ascii=False) + "\n")


def results_path() -> Path:
    """One JSON object a line; some hundred bytes a film."""
    return cache_dir() / "quiet.jsonl"


def counted(results: Iterable[Result], rules: frozenset[str]) -> Quiet:
    """Alarms of any of the rules, in the films of which none of them has anything to tell."""
    quiet = Quiet()
    for each in results:
        if rules <= set(each.rules):
            quiet.seconds += each.seconds
            quiet.alarms += sum(told.rule in rules for told in each.alarms)
    return quiet


def tell(results: list[Result], alerts: frozenset[str]) -> None:
    """What the last film came to, and all so far."""
    last, so_far = results[-1], counted(results, alerts)
    print(f"{last.film}: {last.seconds / 60:.1f} min; so far {so_far.alarms} alerts in {so_far.seconds / 3600:.2f} h, "
          f"below {so_far.upper_per_hour:.2f} an hour", flush=True)  # fmt: skip
    for each in last.alarms:
        print(f"  false: {each.rule} at {each.at_s:.1f} s ({each.label})", flush=True)


def figures(results: list[Result], alerts: frozenset[str]) -> dict[str, object]:
    """The table, and its figures for programs."""
    told: dict[str, object] = {}
    print(f"\n{'rule':24}{'hours':>8}{'alarms':>8}{'per hour':>10}{'below (95 %)':>14}")
    for rule in RULES:
        told[rule] = row(rule, counted(results, frozenset({rule})))
    together = row("all of severity alert", counted(results, alerts))
    return told | {
        "alert_per_hour": together["per_hour"],
        "alert_upper_per_hour": together["upper_per_hour"],
        "hours": together["hours"],
    }


def row(name: str, quiet: Quiet) -> dict[str, float]:
    """Printed, and as figures."""
    hours = quiet.seconds / 3600
    print(f"{name:24}{hours:8.2f}{quiet.alarms:8}{quiet.per_hour:10.3f}{quiet.upper_per_hour:14.3f}")
    return {
        "hours": round(hours, 3),
        "alarms": quiet.alarms,
        "per_hour": round(quiet.per_hour, 4),
        "upper_per_hour": round(quiet.upper_per_hour, 4),
    }


def main() -> None:
    """As many hours as wanted."""
    parser = argparse.ArgumentParser(prog="python -m bench.quiet", description=__doc__)
    parser.add_argument("--hours", type=float, default=HOURS)
    print(json.dumps(measured(parser.parse_args().hours)))


if __name__ == "__main__":
    main()
