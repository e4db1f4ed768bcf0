"""How small a walker may be and still be followed: by height in pixels of the analysed picture, by day and by night.

Each film is an empty street into which one person walks (see `paste.py`), through the whole pipeline: motion wakes the
model, which looks where regions send it. Counted are the walker's pictures from a second after the first: followed is
a track of a person over the walker. The smallest height of which 0.8 are followed is the limit; `camera-agent reach`
makes metres of it.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np

from agent.config.model import Config
from agent.detection.detector import Detector
from agent.pipeline import build, load_eyes
from agent.tools.reach import LIMITS, RECALL, Limit
from agent.tools.replay import seeded_ids
from agent.values import Box, Frame
from bench import paste
from deploy import assets

HEIGHTS = (16, 22, 30, 40, 55, 90)
LARGE_HEIGHTS = (30, 45, 70, 110)
QUICK_HEIGHTS = (16, 24, 34, 50)
WALKERS, LARGE_WALKERS, QUICK_WALKERS = 10, 5, 3
SMALL, LARGE = 360, 720  # rows of the analysed picture
FPS, LEARN_S, WALK_S, FOLLOWED_FROM_S = 5, 3.0, 2.6, 1.0
SPEED = 1.4 / 1.65  # of a walker, in own heights per second
OVERLAP = 0.4  # IoU: small boxes lose much of it by a pixel
SEED = 8
AGREES = 1.35  # a limit that differs by less from the published one is the same: so few walkers are no more exact
Curve = dict[int, float]  # share followed, by height


def run(quick: bool) -> dict[str, object]:
    """Keys smallest_MODEL_LIGHT_ROWS (pixels, null: never), curves, differing (from what `reach` reckons with)."""
    measured: list[Limit] = []
    curves: dict[str, Curve] = {}
    models = {"ssd": assets.ssd_model(), "yolox": assets.yolox_model()}
    for name, light, rows in series(quick, [name for name, model in models.items() if model]):
        eye, curve = eyes(models[name]), {}
        for height in QUICK_HEIGHTS if quick else HEIGHTS if rows == SMALL else LARGE_HEIGHTS:
            walkers = QUICK_WALKERS if quick else WALKERS if rows == SMALL else LARGE_WALKERS
            curve[height] = float(np.mean([followed(eye, light, rows, (height, each)) for each in range(walkers)]))
        measured.append(Limit(name, light, rows, smallest(curve)))
        curves[measured[-1].key] = {height: round(share, 3) for height, share in curve.items()}
        show(measured[-1], curve)
    differing = [] if quick else [limit.key for limit in measured if not agrees(limit)]
    if differing:
        print(f"no longer what agent/detection/distance.py says: {', '.join(differing)}")
    figures: dict[str, object] = {f"smallest_{limit.key}": limit.pixels for limit in measured}
    return figures | {"seed": SEED, "curves": curves, "differing": differing}


def series(quick: bool, models: Sequence[str]) -> Iterator[tuple[str, str, int]]:
    """Which model, light and size of the picture are measured."""
    for name in models:
        for light in ("day", "night") if quick else ("day", "dusk", "night"):
            yield name, light, SMALL
        for light in () if quick else ("day", "night"):
            yield name, light, LARGE


def show(limit: Limit, curve: Curve) -> None:
    """One row for people."""
    row = "  ".join(f"{height}:{share:4.2f}" for height, share in curve.items())
    told = "never" if limit.pixels is None else f"{limit.pixels:.0f} px"
    print(f"{limit.model:6}{limit.light:6}{limit.rows:5}  followed at {row}  limit {told}", flush=True)


@cache
def eyes(model: Path) -> Detector:
    """The model as a node uses it."""
    return load_eyes(config(model).detection)


def config(model: Path) -> Config:
    """One camera that asks for people."""
    camera = {"id": "reach", "source": "a.mp4", "analysis_fps": FPS, "rules": [{"rule": "intrusion"}]}
    return Config.model_validate(
        {
            "node": {"ward": "bench", "id": "bench"},
            "mqtt": {"url": "mqtts://localhost"},
            "retention": {"max_days": 30},
            "detection": {"model": str(model)},
            "cameras": [camera],
        }
    )


def followed(eye: Detector, light: str, rows: int, walk: tuple[int, int]) -> float:
    """The share of a walker's pictures in which a track of a person is over the walker. `walk`: height and number."""
    settings = config(Path("any.onnx"))
    pipeline = build(settings, settings.cameras[0], eye, seeded_ids("reach"))
    hits = total = 0
    for frame, truth in film(light, rows, *walk):
        tracks = pipeline.step(frame).tracks
        if truth and frame.at.mono_s >= LEARN_S + FOLLOWED_FROM_S:
            total += 1
            hits += any(track.label == "person" and track.box.iou(truth) >= OVERLAP for track in tracks)
    return hits / total


def film(light: str, rows: int, height: int, number: int) -> Iterator[tuple[Frame, Box | None]]:
    """The empty street, then somebody `height` pixels tall who walks across; with the true box."""
    random = np.random.default_rng([SEED, number])  # every model, light and height sees the same walkers
    someone, way = paste.person(random, number, height), int(random.choice((-1, 1)))
    scene = paste.street(number, light, rows)
    x, y = paste.place(scene, someone, random, round(way * SPEED * height * WALK_S))
    for frame in learnt(number % len(paste.PLATES), light, rows):
        yield frame, None
    for step in range(round(WALK_S * FPS)):
        walked_s = step / FPS
        picture, truth = paste.seen(scene, someone, (round(x + way * SPEED * height * walked_s), y), random)
        yield paste.frame_of(picture, LEARN_S + walked_s), truth


@cache
def learnt(number: int, light: str, rows: int) -> tuple[Frame, ...]:
    """The empty street before anybody comes: the same for every walker on it."""
    random, scene = np.random.default_rng([SEED, number]), paste.street(number, light, rows)
    return tuple(
        paste.frame_of(paste.camera(scene.empty, light, random), step / FPS) for step in range(round(LEARN_S * FPS))
    )


def smallest(curve: Curve) -> float | None:
    """Where the share, made to rise with the height, reaches RECALL; between the heights measured."""
    heights, shares = sorted(curve), rising([curve[height] for height in sorted(curve)])
    if shares[-1] < RECALL:
        return None
    for (below, low), (above, high) in pairwise(zip(heights, shares, strict=True)):
        if low < RECALL <= high:
            return round(below + (RECALL - low) / (high - low) * (above - below), 1)
    return float(heights[0])


def rising(values: Sequence[float]) -> list[float]:
    """The nearest sequence that never falls: neighbours that do are both their mean (isotonic regression, Ayer et al.
    1955). So few walkers make a curve that goes up and down.
    """
    pools: list[tuple[float, int]] = []
    for value in values:
        pools.append((value, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (one, n), (other, m) = pools[-2:]
            pools[-2:] = [((one * n + other * m) / (n + m), n + m)]
    return [value for value, number in pools for _ in range(number)]


def agrees(limit: Limit) -> bool:
    """Is it what `camera-agent reach` reckons with?"""
    known = [each.pixels for each in LIMITS if each.key == limit.key]
    if not known or known[0] is None or limit.pixels is None:
        return bool(known) and known[0] == limit.pixels
    return max(known[0], limit.pixels) <= AGREES * min(known[0], limit.pixels)
