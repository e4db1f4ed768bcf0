"""How well people are found: average precision of the whole pipeline's tracks on the street video, every frame scored.

The figures are of what `replay --tracks` writes, so motion, regions, the model and the tracker are all in them. Each
model runs as configured by default (10 inferences a second of all cameras, which is one per frame here), with at most
one inference in any frame, and with at most four and no bound per second. The quick run leaves out rows, never frames:
the figures are of the same clip. Two rows run side by side, each in a process whose own CPU time is told.
"""

import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from agent.pipeline import load_eyes
from agent.tools.replay import Replay, ReplayOptions, ReplaySummary
from agent.values import Box
from bench.average_precision import Curve, Scored, precision_recall
from bench.truth import FPS, HEIGHT, WIDTH, Street, config, street
from deploy import assets

PERSON = 1
POINTS = 60
UNBOUND_PER_S = 1000.0


@dataclass(frozen=True, slots=True)
class Row:
    """One model with one limit; `limit` None: as configured by default."""

    model: str
    limit: int | None = None

    @property
    def key(self) -> str:
        """As in the names of the figures."""
        return self.model if self.limit is None else f"{self.model}_{self.limit}"


ROWS = (Row("ssd", 4), Row("ssd"), Row("ssd", 1), Row("yolox", 4), Row("yolox"), Row("yolox", 1))  # the longest first
QUICK = (Row("ssd", 4), Row("ssd", 1), Row("yolox", 1))
SIDE_BY_SIDE = 2


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one row came to. `curve` is for the plots."""

    curve: Curve
    summary: ReplaySummary

    @property
    def per_frame(self) -> float:
        """Inferences per analysed frame."""
        return self.summary.inferences / max(self.summary.analysed, 1)


def run(quick: bool) -> dict[str, object]:
    """For each row KEY in ssd, ssd_1, ssd_4, yolox, yolox_1, yolox_4 (quick: ssd_1, ssd_4, yolox_1): ap50_KEY,
    inferences_per_frame_KEY, cpu_s_KEY, curve_KEY; frames, people.
    """
    truth = street(quick=False)
    rows = [row for row in (QUICK if quick else ROWS) if model_of(row) is not None]
    figures: dict[str, object] = {"frames": truth.frames, "people": len(truth.boxes)}
    if assets.yolox_model() is None:
        print(assets.YOLOX_HOWTO, file=sys.stderr)
        figures |= {f"ap50_{row.key}": None for row in ROWS if row.model == "yolox"}
    print(f"{'model':8}{'limit':>9}{'AP50':>8}{'inferences/frame':>18}{'CPU s':>8}")
    workers = min(SIDE_BY_SIDE, os.cpu_count() or 1)
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        for row, outcome in zip(rows, pool.map(outcome_of, rows), strict=True):
            ap50, per_frame, cpu_s = outcome.curve.area, outcome.per_frame, outcome.summary.cpu_s
            print(f"{row.model:8}{row.limit or 'default':>9}{ap50:8.3f}{per_frame:18.3f}{cpu_s:8.1f}", flush=True)
            figures[f"ap50_{row.key}"] = round(ap50, 4)
            figures[f"inferences_per_frame_{row.key}"] = round(per_frame, 3)
            figures[f"cpu_s_{row.key}"] = cpu_s
            figures[f"curve_{row.key}"] = points(outcome.curve)
    return figures


def model_of(row: Row) -> Path | None:
    """Its file, where it is to be had."""
    return assets.ssd_model() if row.model == "ssd" else assets.yolox_model()


def outcome_of(row: Row) -> Outcome:
    """What a worker does for one row."""
    model = model_of(row)
    assert model is not None  # `run` has asked
    return score(street(quick=False), model, row.limit)


def points(curve: Curve) -> list[tuple[float, float]]:
    """Some (recall, precision) of the curve, for `python -m bench.plots`."""
    chosen = range(0, len(curve.recall), max(1, len(curve.recall) // POINTS))
    return [(round(float(curve.recall[i]), 4), round(float(curve.precision[i]), 4)) for i in chosen]


def score(truth: Street, model: Path, limit: int | None = None) -> Outcome:
    """Precision and recall of persons in `truth.frames` frames with one model and at most `limit` looks per frame."""
    settings = config(model)
    if limit is not None:
        bounds = {"max_inferences": limit, "inferences_per_s": UNBOUND_PER_S}
        settings = settings.model_copy(update={"detection": settings.detection.model_copy(update=bounds)})
    with TemporaryDirectory() as work:
        tracks = Path(work) / "tracks.txt"
        options = ReplayOptions(truth.video, settings, tracks=tracks, until_s=truth.frames / FPS)
        replay = Replay(options, load_eyes(settings.detection))
        for _event in replay:
            pass
        claims = read_claims(tracks)
    return Outcome(precision_recall(claims, truth.by_frame()), replay.summary)


def read_claims(path: Path) -> list[Scored]:
    """The persons of a `replay --tracks` file of the street video."""
    claims = []
    for line in path.read_text(encoding="ascii").splitlines():
        frame, _, left, top, width, height, score, kind = (float(part) for part in line.split(","))
        if int(kind) == PERSON:
            box = Box(left / WIDTH, top / HEIGHT, (left + width) / WIDTH, (top + height) / HEIGHT)
            claims.append(Scored(int(frame), box, score))
    return claims
