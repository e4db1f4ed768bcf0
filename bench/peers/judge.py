"""IDF1 and MOTA by motmetrics. Runs with the peers' own Python, and reads no agent code.

Comes in on stdin: {name: {"truth": [[frame, id, left, top, right, bottom], …], "tracks": [the same], "frames": n}}.
Goes out: {name: {"idf1", "mota", "switches", "misses", "false_positives", "fragments"}}. A pair needs an IoU of half.
"""

import json
import sys
from typing import Any

import motmetrics as mm  # type: ignore[import-untyped,import-not-found,unused-ignore]
import numpy as np

WANTED = {
    "idf1": "idf1",
    "mota": "mota",
    "num_switches": "switches",
    "num_misses": "misses",
    "num_false_positives": "false_positives",
    "num_fragmentations": "fragments",
}


def judged(case: dict[str, Any]) -> Any:
    """The accumulator of one case."""
    truth, tracks = by_frame(case["truth"]), by_frame(case["tracks"])
    accumulator = mm.MOTAccumulator(auto_id=True)
    nothing = np.zeros((0, 5))
    for frame in range(case["frames"]):
        true, own = truth.get(frame, nothing), tracks.get(frame, nothing)
        distances = mm.distances.iou_matrix(true[:, 1:], own[:, 1:], max_iou=0.5)
        accumulator.update(true[:, 0].astype(int), own[:, 0].astype(int), distances)
    return accumulator


def by_frame(rows: list[list[float]]) -> dict[int, Any]:
    """id, left, top, width, height of each frame."""
    kept: dict[int, list[list[float]]] = {}
    for frame, number, left, top, right, bottom in rows:
        kept.setdefault(int(frame), []).append([number, left, top, right - left, bottom - top])
    return {frame: np.array(each) for frame, each in kept.items()}


def main() -> None:
    """One request in, one answer out."""
    cases = json.load(sys.stdin)
    host, answer = mm.metrics.create(), {}
    for name, case in cases.items():
        figures = host.compute(judged(case), metrics=list(WANTED), return_dataframe=False)
        answer[name] = {key: float(figures[metric]) for metric, key in WANTED.items()}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
