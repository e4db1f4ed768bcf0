"""Who is who over time: IDF1 and MOTA of our tracker, norfair and supervision's ByteTrack on the same detections.

All three are treated alike: the score that begins a track is tried at the same values for each, and each is quoted at
its best, picked for each row by the truth. Best is the highest MOTA: that score decides what counts as somebody, which
MOTA measures, while IDF1 of one video hangs on a few meetings; the highest IDF1 that any of the settings reached stands
beside it. All other constants are as shipped for ours; for the peers they are what was best in a wider search, and
their defaults are one more candidate. Then each as it comes: `ours_shipped`, `norfair_default`, `bytetrack_default`.

Ours sees neither pictures nor motion here, and is told that the whole picture was searched. A row of the full run is
the mean of the video played forwards and backwards, and at 5 fps of the odd and the even frames; `--quick` plays it
forwards. CPU is process time of the tracker's calls alone, milliseconds a frame, the least of equally many repeats, all
in one run.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import mean

import numpy as np

from agent.clock import MediaClock
from agent.tracking import Sighting, Tracker
from agent.values import Box, Detection, Motion, Small
from bench.peers import ask, peers
from bench.tracking_sets import GRID, WHOLE, Row, Sequence, filmed, made
from bench.truth import config, street
from deploy import assets

SHIPPED_SCORE = config(None).detection.score
SCORES = (0.3, 0.4, 0.5, 0.6, 0.7)
QUICK_SCORES = (0.4, 0.5, 0.6, 0.7)
REPEATS, QUICK_REPEATS = 2, 1
SEEDS = (11, 12, 13)
POLE = (0.42, 0.50)
UNKNOWN = Motion((), 0.0, ready=False)
BLANK = np.zeros((144, 192), np.uint8)

Setting = dict[str, object]


def _norfair(score: float, **other: object) -> Setting:
    best: Setting = {"distance_threshold": 0.8, "initialization_delay": 2, "live_only": True}
    return {"distance_function": "iou", "hit_counter_max": 15, "score": score, **best, **other}


def _bytetrack(score: float, **other: object) -> Setting:
    best: Setting = {"minimum_matching_threshold": 0.9, "minimum_consecutive_frames": 1, "own_rate": True}
    return {"track_activation_threshold": score, "lost_track_buffer": 30, **best, **other}


# As the package's own example or default has it.
DEFAULTS = {
    "norfair": _norfair(0.25, distance_threshold=0.7, initialization_delay=None, live_only=False),
    "bytetrack": _bytetrack(0.25, minimum_matching_threshold=0.8, own_rate=False),
}


@dataclass(frozen=True, eq=False)
class Case:
    """One row of the table: the mean over its sequences. `between`: frames of which the model saw one; the peers are
    called for that one, as their guides say, and we for all of them. All are judged on that one.
    """

    name: str
    sequences: tuple[Sequence, ...]
    between: int = 1


@dataclass(frozen=True, eq=False)
class Run:
    """One tracker with one setting on one row: the tracks of each sequence."""

    case: Case
    tracker: str
    tracks: tuple[list[Row], ...]
    cpu_s: float


@dataclass(frozen=True)
class Outcome:
    """How one tracker did on one row, with one setting. `idf1_any`: the highest that any tried setting reached."""

    idf1: float
    mota: float
    switches: float
    cpu_ms: float
    idf1_any: float


def run(quick: bool) -> dict[str, object]:
    """Keys ours_10, norfair_10, bytetrack_10 and the same with _5: {idf1, mota, cpu} on YOLOX's detections (SSD's where
    there is no YOLOX), each tracker at its best score; ours_shipped_*, norfair_default_* and bytetrack_default_* as
    they come. Further rows have a suffix.
    """
    peers()
    scores, repeats = (QUICK_SCORES, QUICK_REPEATS) if quick else (SCORES, REPEATS)
    cases = _cases(quick)
    _explain(scores)
    figures: dict[str, object] = {
        "frames": len(cases[0].sequences[0].frames),
        "detections": "ssd" if assets.yolox_model() is None else "yolox",
        "scores_tried": list(scores),
    }
    for case in cases:
        for tracker, one in compared(case, scores, repeats).items():
            print(_line(case.name, tracker, one), flush=True)
            figures[f"{tracker}_{case.name}"] = {
                "idf1": round(one.idf1, 4),
                "mota": round(one.mota, 4),
                "cpu": round(one.cpu_ms, 4),
                "idf1_any": round(one.idf1_any, 4),
            }
    return figures


def compared(case: Case, scores: tuple[float, ...], repeats: int) -> dict[str, Outcome]:
    """One row's table."""
    settings = {
        "norfair": [DEFAULTS["norfair"], *(_norfair(score) for score in scores)],
        "bytetrack": [DEFAULTS["bytetrack"], *(_bytetrack(score) for score in scores)],
    }
    ours = (SHIPPED_SCORE, *(score for score in scores if score != SHIPPED_SCORE))
    runs = [_ours(case, score, repeats) for score in ours]
    outcomes = _judged(runs + _others(case, settings, repeats))
    table: dict[str, Outcome] = {}
    for tracker, plain in (("ours", "shipped"), ("norfair", "default"), ("bytetrack", "default")):
        mine = [outcome for run, outcome in outcomes if run.tracker == tracker]
        table |= {tracker: quoted(mine), f"{tracker}_{plain}": mine[0]}
    return table


def quoted(tried: list[Outcome]) -> Outcome:
    """The same choice for every tracker."""
    return replace(max(tried, key=lambda each: each.mota), idf1_any=max(each.idf1 for each in tried))


def _explain(scores: tuple[float, ...]) -> None:
    tried = ", ".join(f"{score:g}" for score in scores)
    print(
        f"Each tracker at the best of {len(scores)} scores that begin a track ({tried}), picked for each row by the\n"
        "truth (highest MOTA; 'any' is the highest IDF1 of all tried). Other constants: ours as shipped, the\n"
        "peers' as was best in a wider search. ours_shipped, norfair_default, bytetrack_default: as they come."
    )
    print(f"{'row':22}{'tracker':20}{'IDF1':>7}{'MOTA':>8}{'any':>8}{'switches':>10}{'ms/frame':>10}")


def _line(row: str, tracker: str, one: Outcome) -> str:
    shares = f"{one.idf1:7.3f}{one.mota:8.3f}{one.idf1_any:8.3f}"
    return f"{row:22}{tracker:20}{shares}{one.switches:10.1f}{one.cpu_ms:10.3f}"


def _cases(quick: bool) -> list[Case]:
    truth = street(quick=False)  # a third of it is too short to rank trackers, whatever time there is
    whole = filmed(truth, assets.yolox_model() or assets.ssd_model(), WHOLE)
    if quick:
        return [Case("10", (whole,)), Case("5", (whole.every(2),))]
    crops = filmed(truth, assets.ssd_model(), GRID)
    cases = [
        Case("10", _both(whole)),
        Case("5", _halved(whole)),
        Case("10_ssd", _both(crops)),
        Case("5_ssd", _halved(crops)),
        Case("2_ssd", _both(crops.every(5))),
        Case("10_ssd_third_looked", _both(crops.every(3)), 3),
        Case("10_ssd_pole", _both(crops.behind(*POLE))),
    ]
    for name in ("TUD-Campus", "TUD-Stadtmitte"):
        drawn = [made(name, seed) for seed in SEEDS]
        cases += [
            Case(f"12_{name}", tuple(each.every(2) for each in drawn)),
            Case(f"5_{name}", tuple(each.every(5) for each in drawn)),
        ]
    return cases


def _halved(sequence: Sequence) -> tuple[Sequence, ...]:
    return _both(sequence.every(2)) + _both(sequence.every(2, 1))


def _both(sequence: Sequence) -> tuple[Sequence, ...]:
    return sequence, sequence.backwards()


def _ours(case: Case, score: float, repeats: int) -> Run:
    found = [_tracked(sequence, case.between, score, repeats) for sequence in case.sequences]
    return Run(case, "ours", tuple(tracks for tracks, _ in found), sum(cpu_s for _, cpu_s in found))


def _tracked(sequence: Sequence, between: int, score: float, repeats: int) -> tuple[list[Row], float]:
    sightings, clock = [], MediaClock()
    width, height = sequence.size
    whole = (Box(0.0, 0.0, 1.0, 1.0),)
    for number, rows in enumerate(sequence.frames):
        for part in range(between):
            clock.advance((number + part / between) / sequence.fps)
            small = Small(clock.now(), 0, width, height, lambda: BLANK)
            seen = tuple(Detection(_box(row, width, height), "person", row[4]) for row in rows) if part == 0 else ()
            sightings.append(Sighting(small, seen, whole if part == 0 else (), UNKNOWN))
    least_s, tracks = float("inf"), []
    for _ in range(repeats):
        tracker = Tracker(score)
        began_s = time.process_time()
        shown = [tracker.update(sighting) for sighting in sightings]
        least_s = min(least_s, time.process_time() - began_s)
        tracks = [
            [number, each.id, *_edges(each.box, width, height)]
            for number, those in enumerate(shown[::between])
            for each in those
        ]
    return tracks, least_s


def _others(case: Case, settings: Mapping[str, list[Setting]], repeats: int) -> list[Run]:
    """Each peer with each of its settings, in their order."""
    sequences = {
        str(number): {"fps": sequence.fps, "frames": sequence.frames} for number, sequence in enumerate(case.sequences)
    }
    answer = ask("follow.py", {"repeats": repeats, "sequences": sequences, "settings": settings})
    runs = []
    for peer, grid in settings.items():
        for index in range(len(grid)):
            found = [answer[str(number)][peer][index] for number in range(len(case.sequences))]
            runs.append(Run(case, peer, tuple(each["tracks"] for each in found), sum(each["cpu_s"] for each in found)))
    return runs


def _judged(runs: list[Run]) -> list[tuple[Run, Outcome]]:
    asked = {
        f"{number}/{index}": {"truth": sequence.truth, "tracks": tracks, "frames": len(sequence.frames)}
        for number, run in enumerate(runs)
        for index, (sequence, tracks) in enumerate(zip(run.case.sequences, run.tracks, strict=True))
    }
    answer = ask("judge.py", asked)
    outcomes = []
    for number, run in enumerate(runs):
        figures = [answer[f"{number}/{index}"] for index in range(len(run.tracks))]
        idf1, mota, switches = (mean(each[key] for each in figures) for key in ("idf1", "mota", "switches"))
        frames = sum(len(sequence.frames) for sequence in run.case.sequences)
        outcomes.append((run, Outcome(idf1, mota, switches, 1000 * run.cpu_s / frames, idf1)))
    return outcomes


def _box(row: Row, width: int, height: int) -> Box:
    return Box(row[0] / width, row[1] / height, row[2] / width, row[3] / height)


def _edges(box: Box, width: int, height: int) -> Row:
    return [box.left * width, box.top * height, box.right * width, box.bottom * height]
