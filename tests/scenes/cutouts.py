"""Cut-outs of people and vehicles from the real clips: difference to the empty street, grown by GrabCut, soft edges."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from agent.values import Picture
from bench.truth import HEIGHT, WIDTH, read_truth
from deploy import assets
from tests.scenes import sources

Mask = npt.NDArray[np.uint8]
Arrays = Mapping[str, npt.NDArray[Any]]
SURE, MAYBE = 60, 22  # grey levels of difference to the empty street: surely it, perhaps it
MOST = 40  # cut-outs of one look


@dataclass(frozen=True, slots=True)
class Run:
    """A person of vtest over frames (from 1), walking alone. `faces`: -1 left, 1 right, 0 either."""

    person: int
    first: int
    last: int
    faces: int


@dataclass(frozen=True, slots=True)
class Drive:
    """A vehicle of a clip, picked up at a second and a pixel of the clip."""

    clip: str  # highway, carpark
    from_s: float
    x: float
    y: float
    level: int = 24  # grey levels from the empty street that are it, not its shadow or its neighbour
    hull: bool = True  # a vehicle is nearly convex; a cyclist is not


def truth_here() -> bool:
    """Is the ground truth of vtest here? Without it nobody knows where its people are."""
    return assets.vtest_truth() is not None


def people(path: Path, run: Run) -> Arrays:
    """The cut-outs of a walk that ends as it began, and how far each step of it goes."""
    empty = sources.median(path, 15)
    truth = assets.vtest_truth()
    assert truth is not None
    boxes = {each.frame: each.box for each in read_truth(truth) if each.person == run.person}
    wanted = [frame for frame in range(run.first, run.last + 1) if frame in boxes]
    heights = np.polyval(np.polyfit(wanted, [boxes[f].height * HEIGHT for f in wanted], 1), wanted)
    pictures = list(sources.pictures(path, (run.first - 1) / 10, (run.last - 1) / 10))
    cuts: list[tuple[Picture, Mask]] = []
    feet: list[tuple[float, float]] = []
    for frame in wanted:
        box = boxes[frame]
        margin = 0.08 * box.height * HEIGHT
        left, top = int(box.left * WIDTH - margin), int(box.top * HEIGHT - margin)
        right, bottom = int(box.right * WIDTH + margin) + 1, int(box.bottom * HEIGHT + margin) + 1
        place = np.s_[max(top, 0) : bottom, max(left, 0) : right]
        picture = pictures[frame - run.first][place]
        mask = _person_mask(picture, empty[place])
        cuts.append((_own_colour(picture, mask), soft(mask)))
        feet.append((box.foot.x * WIDTH, box.foot.y * HEIGHT))
    start, count = _loop(cuts) if run.faces else (0, min(len(cuts), MOST))
    steps = [np.hypot(b[0] - a[0], 2 * (b[1] - a[1])) / h for a, b, h in zip(feet, feet[1:], heights, strict=False)]
    chosen = range(start, start + count)
    return _packed([cuts[i] for i in chosen], [float(heights[i]) for i in chosen]) | {
        "stride": np.array(max(float(np.median(steps[start : start + count])), 0.02))
    }


def drive(path: Path, run: Drive) -> Arrays:
    """The cut-outs of one vehicle until it leaves, far smaller ones left out."""
    from tests.scenes.plates import native_unit  # noqa: PLC0415 (plates are made by this room, too)

    highway = run.clip == "highway"
    empty = sources.median(path, 10 if highway else 9)
    cuts: list[tuple[Picture, Mask]] = []
    units: list[float] = []
    for picture, mask, (left, top, right, bottom) in _followed(path, run, empty):
        margin = 3 if highway else 8
        place = np.s_[max(top - margin, 0) : bottom + margin, max(left - margin, 0) : right + margin]
        cut, unit = (
            (picture[place], soft(mask[place])),
            native_unit("road" if highway else "lot", bottom),
        )
        cuts.append(_sharper(*cut) if highway else cut)
        units.append(2 * unit if highway else unit)
        if len(cuts) >= 2 * MOST or (right - left) * (bottom - top) < (120 if highway else 4000):
            break
    return _packed(cuts, units)


def soft(mask: Mask) -> Mask:
    """0/1 to 0..255 with an edge about a pixel and a half wide, drawn in by half a pixel: no halo of the street."""
    eroded = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 0.8)
    return np.asarray(np.clip((eroded - 0.35) / 0.5, 0, 1) * 255, np.uint8)


def _own_colour(picture: Picture, mask: Mask) -> Picture:
    # At its edge a pixel is half street; there the colour of what lies just inside is taken instead.
    inner = cv2.erode(mask, np.ones((3, 3), np.uint8)).astype(np.float32)[:, :, None]
    weight = cv2.GaussianBlur(inner, (0, 0), 1.5)[:, :, None]
    colour = cv2.GaussianBlur(picture * inner, (0, 0), 1.5) / np.maximum(weight, 1e-3)
    known = np.minimum(weight / 0.02, 1) * (1 - inner)  # thin parts have no inside: they stay as they are
    return np.asarray(np.clip(picture + known * (colour - picture), 0, 255), np.uint8)


def _sharper(picture: Picture, alpha: Mask) -> tuple[Picture, Mask]:
    # Twice as large and sharpened: the highway was filmed small, and a crop for a detector enlarges it again.
    size = (2 * picture.shape[1], 2 * picture.shape[0])
    large = cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC)
    sharp = cv2.addWeighted(large, 2.2, cv2.GaussianBlur(large, (0, 0), 2.0), -1.2, 0)
    return np.asarray(sharp, np.uint8), np.asarray(cv2.resize(alpha, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def difference(picture: Picture, empty: Picture) -> Mask:
    """(h, w): how far each pixel is from the empty street, over the three colours."""
    return np.asarray(cv2.absdiff(picture, empty).max(axis=2), np.uint8)


def _person_mask(picture: Picture, empty: Picture) -> Mask:
    away = cv2.GaussianBlur(difference(picture, empty), (3, 3), 0)
    marks = np.full(away.shape, cv2.GC_BGD, np.uint8)
    marks[away > MAYBE // 2] = cv2.GC_PR_BGD
    marks[away > MAYBE] = cv2.GC_PR_FGD
    marks[away > SURE] = cv2.GC_FGD
    marks[_shadow(picture, empty)] = cv2.GC_BGD
    marks[:2], marks[-2:], marks[:, :2], marks[:, -2:] = (cv2.GC_BGD,) * 4
    cv2.setRNGSeed(1)
    cv2.grabCut(picture, marks, (0, 0, 1, 1), np.zeros((1, 65)), np.zeros((1, 65)), 3, cv2.GC_INIT_WITH_MASK)
    mask = np.asarray((marks == cv2.GC_FGD) | (marks == cv2.GC_PR_FGD), np.uint8)
    mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)), np.uint8)
    return _largest(mask)


def _shadow(picture: Picture, empty: Picture) -> npt.NDArray[np.bool_]:
    # The street itself, up to a third darker and of the same colour: between and under the feet.
    share = (picture.sum(axis=2) + 1.0) / (empty.sum(axis=2) + 1.0)
    off = np.abs(picture - empty * share[:, :, None]).max(axis=2)
    return np.asarray((share > 0.7) & (share < 1.04) & (off < 12), np.bool_)


def _followed(path: Path, run: Drive, empty: Picture) -> Iterator[tuple[Picture, Mask, tuple[int, int, int, int]]]:
    x, y, pace = run.x, run.y, (0.0, 0.0)
    for picture in sources.pictures(path, run.from_s):
        # Exposure answers to a white car: the street is compared as bright as it is now.
        gain = np.median(picture, axis=(0, 1)) / np.maximum(np.median(empty, axis=(0, 1)), 1.0)
        street = np.asarray(np.clip(empty * gain, 0, 255), np.uint8)
        away = cv2.GaussianBlur(difference(picture, street), (3, 3), 0)
        mask = np.asarray(away > run.level, np.uint8)
        mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)), np.uint8)
        mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), np.uint8)
        body = _part(mask, (x + pace[0], y + pace[1]), run.hull)
        if not body.any():
            return
        left, top, width, height = cv2.boundingRect(body)
        right, bottom = left + width, top + height
        if left < 2 or top < 2 or right > mask.shape[1] - 2 or bottom > mask.shape[0] - 2:
            return
        moved = (left + right) / 2 - x, (top + bottom) / 2 - y
        pace = (moved[0], moved[1]) if np.hypot(*moved) < 0.4 * max(width, height) else pace
        x, y = (left + right) / 2, (top + bottom) / 2
        yield picture, body, (left, top, right, bottom)


def _part(mask: Mask, near: tuple[float, float], hull: bool) -> Mask:
    # The part of the mask at a point; nothing when the nearest is more than six pixels away.
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    body = np.zeros_like(mask)
    best = max(contours, key=lambda each: cv2.pointPolygonTest(each, near, True), default=None)
    if best is not None and cv2.pointPolygonTest(best, near, True) >= -6:
        cv2.fillPoly(body, [cv2.convexHull(best) if hull else best], 1)
    return body


def _largest(mask: Mask) -> Mask:
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    body = np.zeros_like(mask)
    if contours:
        cv2.drawContours(body, [max(contours, key=cv2.contourArea)], -1, 1, -1)
    return np.asarray(body & mask, np.uint8)


def _loop(cuts: list[tuple[Picture, Mask]]) -> tuple[int, int]:
    # Where a walk can begin anew: the stretch of one or two double steps (0.9 to 2.6 s) whose end looks like its start.
    shapes = [cv2.resize(mask, (24, 48), interpolation=cv2.INTER_AREA).astype(np.float32) for _, mask in cuts]
    best = (float("inf"), 0, len(cuts))
    for start in range(len(cuts) - 9):
        for count in range(9, min(26, len(cuts) - start - 1) + 1):
            apart = float(np.abs(shapes[start] - shapes[start + count]).mean())
            best = min(best, (apart, start, count))
    return best[1], best[2]


def _packed(cuts: list[tuple[Picture, Mask]], units: list[float]) -> dict[str, npt.NDArray[Any]]:
    packed: dict[str, npt.NDArray[Any]] = {"unit": np.array(units)}
    for index, (picture, alpha) in enumerate(cuts):
        packed[f"picture{index}"], packed[f"alpha{index}"] = picture, alpha
    return packed
