"""Motion: what it costs beside OpenCV's MOG2, and how well it sees beside MOG2 and KNN.

Cost: CPU time of halving a 640x360 luma picture to quarter scale and of `MotionDetector.update`, by that of one MOG2
`apply` on the same picture in full size and colour, one thread, in alternating blocks of the same run. MOG2's time does
not hold the post-processing that it needs. `cpu_ratio_mog2` is over as many pictures of each of four films: an empty
street, a car park, a motorway, and a street where somebody always walks.

Quality: rendered scenes with exact truth, one disturbance each, with seeds that were not chosen on; the same as they
are catalogued, which the constants were chosen on (`tuned`, ours alone); real clips by their labels. What is counted
is told in bench/motion_score.py, the films in bench/motion_cases.py, the peers in bench/motion_peers.py. All see the
same files, about 10 pictures a second. Debian's `motion` is shown them in real time meanwhile, by a process of its own
(bench/motion_debian.py); what it costs is told by `bench e2e`.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from functools import partial, reduce
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

import av
import cv2
import numpy as np

from agent.clock import MediaClock
from agent.motion import MotionDetector
from agent.shrink import shrink
from agent.values import Picture, Small
from bench import motion_debian
from bench.motion_cases import Case, catalogued, clips, decoded, filmed, held_out, rendered
from bench.motion_debian import Found
from bench.motion_peers import KNN, MOG2, MaskMotion, knn, mog2
from bench.motion_score import Score, scored
from bench.truth import FPS, Absent
from tests import scenes

WIDTH, HEIGHT = 640, 360
BLOCK, BLOCKS, QUICK_BLOCKS = 30, 10, 4  # pictures of a block, blocks of a film
PROGRAMS = ("ours", "mog2", "knn", "motion")

Results = Mapping[str, Mapping[str, Score]]  # per film and program


def run(quick: bool) -> dict[str, object]:
    """Keys cpu_ratio_mog2 (and per film), recall, false_alarms_h, f1 … per program, in `real` and `tuned` too."""
    began_s = time.process_time()
    catalogue = catalogued(quick=quick)
    held, real = [rendered(held_out(scene)) for scene in catalogue], list(filmed(quick=quick))
    figures: dict[str, object] = {**_costs(quick), "motion": None}  # first: nothing else of this is at work yet
    with ProcessPoolExecutor(1, get_context("spawn")) as apart:  # its CPU time is not this process's
        debian = apart.submit(motion_debian.watched, [*held, *real], 1 if quick else motion_debian.TIMES)
        results = {case.name: _watched(case, peers=True) for case in [*held, *real]}
        figures["motion_left_out"] = _add_debian(results, [*held, *real], debian)
    _print("rendered scenes, seeds that were not chosen on", held, results)
    figures |= _totals(held, results)
    _print("real clips", real, results)
    figures["real"] = _totals(real, results)
    if not quick:
        tuned = [rendered(scene) for scene in catalogue]
        results = {case.name: _watched(case, peers=False) for case in tuned}
        _print("rendered scenes, seeds that the constants were chosen on", tuned, results)
        figures["tuned"] = _totals(tuned, results)
    figures["cpu_s"] = round(time.process_time() - began_s, 1)
    print(f"\nthis took {figures['cpu_s']} s of CPU")
    return figures


def _add_debian(
    results: Mapping[str, dict[str, Score]], cases: Sequence[Case], debian: "Future[Mapping[str, Found]]"
) -> int | str:
    # How many films it did not watch to the end, or why it watched none.
    try:
        seen = debian.result()
    except Absent as error:
        print(f"\nwithout motion: {error}")
        return str(error)
    for case in cases:
        if case.name in seen:
            boxes = seen[case.name]
            results[case.name]["motion"] = scored(case.truth[: len(boxes)], boxes)
        else:
            print(f"\n{case.name} was not watched to the end by motion, which is left out there")
    return len(cases) - len(seen)


def _costs(quick: bool) -> dict[str, float]:
    cost(next(_films())[1], 1)  # in vain: what is loaded at the first call counts for neither
    costs = {name: cost(path, QUICK_BLOCKS if quick else BLOCKS) for name, path in _films()}
    print(f"{'CPU of ours and MOG2, ms':26}{'ours':>8}{'mog2':>8}{'ratio':>8}")
    for name, (ours_ms, peer_ms) in costs.items():
        print(f"{name:26}{ours_ms:8.3f}{peer_ms:8.3f}{ours_ms / peer_ms:8.4f}")
    ours_ms, peer_ms = (sum(each[side] for each in costs.values()) for side in (0, 1))
    print(f"{'all, equally':26}{ours_ms / len(costs):8.3f}{peer_ms / len(costs):8.3f}{ours_ms / peer_ms:8.4f}")
    ratios = {f"cpu_ratio_mog2_{name}": round(ours / peer, 4) for name, (ours, peer) in costs.items()}
    return {"cpu_ratio_mog2": round(ours_ms / peer_ms, 4), **ratios}


def cost(path: Path, blocks: int) -> tuple[float, float]:
    """Milliseconds of CPU per picture: ours (halving and update), MOG2's `apply`."""
    cv2.setNumThreads(1)
    detector, clock, peer = MotionDetector(), MediaClock(), cv2.createBackgroundSubtractorMOG2()
    ours_ns = peer_ns = count = 0
    for block in _blocks(path, blocks):
        started_ns = time.process_time_ns()
        for luma, _ in block:
            clock.advance((count + 1) / FPS)
            detector.update(Small(clock.now(), 0, WIDTH, HEIGHT, partial(shrink, luma)))
            count += 1
        between_ns = time.process_time_ns()
        for _, colour in block:
            peer.apply(colour)
        ours_ns += between_ns - started_ns
        peer_ns += time.process_time_ns() - between_ns
    return ours_ns / count / 1e6, peer_ns / count / 1e6


def _blocks(path: Path, blocks: int) -> Iterator[list[tuple[Picture, Picture]]]:
    block: list[tuple[Picture, Picture]] = []
    for frame in islice(decoded(path), blocks * BLOCK):
        small = frame.reformat(WIDTH, HEIGHT, format="yuv420p")
        block.append((_luma(small), _colour(small)))
        if len(block) == BLOCK:
            yield block
            block = []


def _luma(frame: av.VideoFrame) -> Picture:
    return np.ascontiguousarray(frame.to_ndarray(format="yuv420p")[: frame.height], np.uint8)


def _colour(frame: av.VideoFrame) -> Picture:
    return np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)


def _films() -> Iterator[tuple[str, Path]]:
    yield from ((clip.name, clip.path) for clip in clips())
    yield "quiet", scenes.video(scenes.named("none-day-quiet"))


def _watched(case: Case, *, peers: bool) -> dict[str, Score]:
    cv2.setNumThreads(1)
    detector, clock = MotionDetector(), MediaClock()
    others = {"mog2": MaskMotion(mog2, MOG2), "knn": MaskMotion(knn, KNN)} if peers else {}
    found: dict[str, Found] = {"ours": [], **{name: [] for name in others}}
    for truth, frame in zip(case.truth, islice(decoded(case.path), 0, None, case.step), strict=False):
        clock.advance(truth.at_s)
        motion = detector.update(Small(clock.now(), 0, frame.width, frame.height, partial(shrink, _luma(frame))))
        found["ours"].append(motion.boxes if motion.ready else ())
        if others:
            colour = _colour(frame.reformat(WIDTH, HEIGHT))
            for name, peer in others.items():
                found[name].append(peer.update(colour))
    return {name: scored(case.truth[: len(boxes)], boxes) for name, boxes in found.items()}


COLUMNS: tuple[tuple[str, str, Callable[[Score], float | None]], ...] = (
    ("recall", ".2f", lambda score: score.recall),
    ("F1", ".2f", lambda score: score.f1),
    ("false/h", ".0f", lambda score: score.false_alarms_h),
    ("onset s", ".1f", lambda score: score.onset_s),
    ("IoU", ".2f", lambda score: score.box_iou),
)


def _print(title: str, cases: Sequence[Case], results: Results) -> None:
    programs = [program for program in PROGRAMS if any(program in results[case.name] for case in cases)]
    print(f"\n{title}; in each column: {', '.join(programs)}; - where nothing can be said")
    print(f"{'scene':28}{'seed':>5}" + "".join(f"{name:>23}" for name, _, _ in COLUMNS))
    for case in cases:
        _print_row((case.name, case.seed), results[case.name], programs)
    _print_row(("all", None), _sums(cases, results), programs)


def _print_row(title: tuple[str, int | None], row: Mapping[str, Score], programs: Iterable[str]) -> None:
    print(f"{title[0]:28}{title[1] or '':>5}", end="")
    for _, form, value in COLUMNS:
        told = (value(row[program]) for program in programs)
        print(f"{'/'.join('-' if each is None else format(each, form) for each in told):>23}", end="")
    print()


def _sums(cases: Iterable[Case], results: Results) -> dict[str, Score]:
    watched = [results[case.name] for case in cases]
    rows = {program: [each[program] for each in watched if program in each] for program in PROGRAMS}
    return {program: reduce(Score.__add__, scores) for program, scores in rows.items() if scores}


def _totals(cases: Iterable[Case], results: Results) -> dict[str, object]:
    return {program: _figures(score) for program, score in _sums(cases, results).items()}


def _figures(score: Score) -> dict[str, float | None]:
    values = {
        "recall": score.recall,
        "false_alarms_h": score.false_alarms_h,
        "f1": score.f1,
        "coverage": score.coverage,
        "onset_s": score.onset_s,
        "late_s": score.late_s,
        "box_iou": score.box_iou,
    }
    return {name: None if value is None else round(value, 3) for name, value in values.items()}
