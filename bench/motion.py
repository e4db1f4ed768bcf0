"""Motion: what it costs beside OpenCV's MOG2, and how well it sees beside MOG2, KNN and Debian's `motion`.

Cost: CPU time of halving a 640x360 luma picture to quarter scale and of `MotionDetector.update`, by that of one MOG2
`apply` on the same picture in full size and colour, one thread, in alternating blocks of the same run. MOG2's time does
not hold the post-processing that it needs.

Quality: rendered scenes with exact truth (tests/scenes), one disturbance each, and the street video with its ground
truth. What is counted is told in bench/motion_score.py; the peers and their settings in bench/motion_peers.py and
bench/motion_debian.py. All see the same files, 10 pictures a second.
"""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import av
import cv2
import numpy as np

from agent.clock import MediaClock
from agent.motion import MotionDetector
from agent.shrink import shrink
from agent.values import Box, Picture, Small
from bench.motion_debian import Film, found_by_motion
from bench.motion_peers import MaskMotion, Settings, knn, mog2
from bench.motion_score import Mover, Score, TrueFrame, scored
from bench.truth import FPS, Absent, street
from tests import scenes

WIDTH, HEIGHT = 640, 360
VISIBLE = 0.2  # less of an actor cannot be asked for
QUICK = ("none-day", "rain-night", "trees-day", "headlights-night", "lamp-night", "rain-day-quiet")
MOG2 = Settings(threshold=16.0, min_area=200)
KNN = Settings(threshold=400.0, min_area=200)
DEBIAN_THRESHOLD = 600  # pixels that change; its own default, 1500, is for larger pictures
AT_ONCE = 4  # films that Debian's motion watches at a time
BLOCK, BLOCKS, QUICK_BLOCKS = 30, 10, 5  # pictures of a block, blocks of a film
PROGRAMS = ("ours", "mog2", "knn", "motion")

Found = list[tuple[Box, ...]]


@dataclass(frozen=True)
class Case:
    """A film and its truth."""

    name: str
    seed: int | None
    path: Path
    truth: tuple[TrueFrame, ...]


def run(quick: bool) -> dict[str, object]:
    """Keys cpu_ratio_mog2 (and per film), and per program recall, false_alarms_h, f1 …; `motion` may be None."""
    costs = {name: cost(path, QUICK_BLOCKS if quick else BLOCKS) for name, path in _real_clips()}
    print(f"{'CPU of ours and MOG2, ms':26}{'ours':>8}{'mog2':>8}{'ratio':>8}")
    for name, (ours_ms, peer_ms) in costs.items():
        print(f"{name:26}{ours_ms:8.3f}{peer_ms:8.3f}{ours_ms / peer_ms:8.4f}")
    ours_ms, peer_ms = (sum(each[side] for each in costs.values()) for side in (0, 1))
    cases = [_scene(scene) for scene in _chosen(quick)] + ([] if quick else [_street()])
    with ThreadPoolExecutor(1) as aside:
        debian = aside.submit(_debian, cases)
        results = {case.name: _watched(case) for case in cases}
        _add_debian(cases, results, debian)
    _print(cases, results)
    figures: dict[str, object] = {"cpu_ratio_mog2": round(ours_ms / peer_ms, 4)}
    figures |= {f"cpu_ratio_mog2_{name}": round(ours / peer, 4) for name, (ours, peer) in costs.items()}
    for program in PROGRAMS:
        scores = [each[program] for each in results.values() if program in each]
        figures[program] = _figures(reduce(Score.__add__, scores)) if scores else None
    return figures


def cost(path: Path, blocks: int) -> tuple[float, float]:
    """Milliseconds of CPU per picture: ours (halving and update), MOG2's `apply`."""
    cv2.setNumThreads(1)
    detector, clock, peer = MotionDetector(), MediaClock(), cv2.createBackgroundSubtractorMOG2()
    ours_ns = peer_ns = count = 0
    for block in _blocks(path, blocks):
        started_ns = time.process_time_ns()
        for luma, _ in block:
            clock.advance((count + 1) / FPS)
            detector.update(Small(clock.now(), 0, WIDTH, HEIGHT, shrink(luma)))
            count += 1
        between_ns = time.process_time_ns()
        for _, colour in block:
            peer.apply(colour)
        ours_ns += between_ns - started_ns
        peer_ns += time.process_time_ns() - between_ns
    return ours_ns / count / 1e6, peer_ns / count / 1e6


def _blocks(path: Path, blocks: int) -> Iterator[list[tuple[Picture, Picture]]]:
    block: list[tuple[Picture, Picture]] = []
    for frame in _decoded(path):
        small = frame.reformat(WIDTH, HEIGHT, format="yuv420p")
        block.append((_luma(small), _colour(small)))
        if len(block) == BLOCK:
            yield block
            blocks -= 1
            block = []
            if not blocks:
                return


def _decoded(path: Path) -> Iterator[av.VideoFrame]:
    with av.open(str(path)) as container:
        yield from container.decode(video=0)


def _luma(frame: av.VideoFrame) -> Picture:
    return np.ascontiguousarray(frame.to_ndarray(format="yuv420p")[: frame.height], np.uint8)


def _colour(frame: av.VideoFrame) -> Picture:
    return np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)


def _real_clips() -> Iterator[tuple[str, Path]]:
    clips = {clip.name: clip.path for clip in scenes.clips()}
    if not clips:
        raise Absent("there is no real clip to measure on")
    yield from clips.items()
    yield "quiet", scenes.video(scenes.named("none-day-quiet"))


def _chosen(quick: bool) -> Sequence[scenes.Scene]:
    if quick:
        return [scenes.named(name) for name in QUICK]
    return [*scenes.group("motion"), *scenes.group("quiet")]


def _scene(scene: scenes.Scene) -> Case:
    frames = tuple(
        TrueFrame(
            frame.at_s,
            frame.moving,
            tuple(Mover(each.actor, each.box, each.moving) for each in frame.boxes if each.visible >= VISIBLE),
        )
        for frame in scenes.truth(scene).frames
    )
    return Case(scene.name, scene.seed, scenes.video(scene), frames)


def _street() -> Case:
    # Nobody stands still for long in it; all are taken for moving.
    told = street(False)
    people: dict[int, list[Mover]] = {}
    for each in told.boxes:
        people.setdefault(each.frame, []).append(Mover(str(each.person), each.box, True))
    frames = tuple(
        TrueFrame(index / FPS, bool(people.get(index + 1)), tuple(people.get(index + 1, ())))
        for index in range(told.frames)
    )
    return Case("street (real)", None, told.video, frames)


def _watched(case: Case) -> dict[str, Score]:
    cv2.setNumThreads(1)
    detector, clock = MotionDetector(), MediaClock()
    peers = {"mog2": MaskMotion(mog2, MOG2), "knn": MaskMotion(knn, KNN)}
    found: dict[str, Found] = {"ours": [], **{name: [] for name in peers}}
    for truth, frame in zip(case.truth, _decoded(case.path), strict=False):
        clock.advance(truth.at_s)
        motion = detector.update(Small(clock.now(), 0, frame.width, frame.height, shrink(_luma(frame))))
        found["ours"].append(motion.boxes if motion.ready else ())
        colour = _colour(frame.reformat(WIDTH, HEIGHT))
        for name, peer in peers.items():
            found[name].append(peer.update(colour))
    return {name: scored(case.truth[: len(boxes)], boxes) for name, boxes in found.items()}


def _debian(cases: Sequence[Case]) -> dict[str, Found]:
    films = [Film(case.name, case.path, len(case.truth)) for case in cases if case.seed is not None]
    found: dict[str, Found] = {}
    for first in range(0, len(films), AT_ONCE):
        found |= found_by_motion(films[first : first + AT_ONCE], DEBIAN_THRESHOLD)
    return found


def _add_debian(
    cases: Sequence[Case], results: dict[str, dict[str, Score]], debian: "Future[dict[str, Found]]"
) -> None:
    try:
        found = debian.result()
    except Absent as error:
        print(f"Debian's motion is left out: {error}", file=sys.stderr)
        return
    for case in cases:
        if case.name in found:
            results[case.name]["motion"] = scored(case.truth, found[case.name])


COLUMNS: tuple[tuple[str, str, Callable[[Score], float | None]], ...] = (
    ("recall", ".2f", lambda score: score.recall),
    ("F1", ".2f", lambda score: score.f1),
    ("false/h", ".0f", lambda score: score.false_alarms_h),
    ("onset s", ".1f", lambda score: score.onset_s),
    ("IoU", ".2f", lambda score: score.box_iou),
)


def _print(cases: Sequence[Case], results: dict[str, dict[str, Score]]) -> None:
    print("\nin each column: " + ", ".join(PROGRAMS) + "; - where nothing can be said")
    print(f"{'scene':24}{'seed':>5}" + "".join(f"{name:>26}" for name, _, _ in COLUMNS))
    for case in cases:
        _print_row(case.name, case.seed, results[case.name])
    total = {
        program: reduce(Score.__add__, scores)
        for program in PROGRAMS
        if (scores := [each[program] for each in results.values() if program in each])
    }
    _print_row("all", None, total)


def _print_row(name: str, seed: int | None, row: dict[str, Score]) -> None:
    print(f"{name:24}{seed or '':>5}", end="")
    for _, form, value in COLUMNS:
        told = (value(row[program]) if program in row else None for program in PROGRAMS)
        print(f"{'/'.join('-' if each is None else format(each, form) for each in told):>26}", end="")
    print()


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
