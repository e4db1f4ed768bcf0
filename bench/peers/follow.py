"""Norfair and supervision's ByteTrack on given detections. Runs with the peers' own Python, and reads no agent code.

Comes in on stdin: {"repeats": n, "sequences": {name: {"fps": f, "frames": [[[left, top, right, bottom, score], …],
…]}}, "settings": {peer: [{…}, …]}}, boxes in pixels. Goes out: for each sequence and peer a list of {"setting",
"tracks": [[frame, id, left, top, right, bottom], …], "cpu_s"}, frames from 0. `cpu_s` is process time of the calls
alone, the least of the repeats.
"""

import json
import sys
import time
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

warnings.simplefilter("ignore")

Row = list[float]
Frames = list[list[Row]]
Follow = Callable[[list[Row]], list[Row]]


def norfair_follow(fps: float, setting: dict[str, Any]) -> Follow:
    """As norfair's own MOTChallenge demo does it: boxes as two points, IoU; every tracked object that it gives."""
    import norfair  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415

    chosen = dict(setting)
    least, live_only = chosen.pop("score"), chosen.pop("live_only")
    tracker = norfair.Tracker(**chosen)

    def follow(rows: list[Row]) -> list[Row]:
        found = [
            norfair.Detection(np.array([row[:2], row[2:4]]), np.array([row[4], row[4]]))
            for row in rows
            if row[4] >= least
        ]
        return [
            [one.id, *one.estimate.ravel().tolist()]
            for one in tracker.update(found)
            if not live_only or one.live_points.any()
        ]

    return follow


def bytetrack_follow(fps: float, setting: dict[str, Any]) -> Follow:
    """As supervision's guide does it."""
    import supervision as sv  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415

    chosen = dict(setting)
    if chosen.pop("own_rate"):
        chosen["frame_rate"] = fps
    tracker = sv.ByteTrack(**chosen)

    def follow(rows: list[Row]) -> list[Row]:
        table = np.array(rows, dtype=np.float32).reshape(-1, 5)
        kinds = np.zeros(len(table), dtype=int)
        found = tracker.update_with_detections(sv.Detections(xyxy=table[:, :4], confidence=table[:, 4], class_id=kinds))
        if found.tracker_id is None:
            return []
        return [[int(number), *box] for number, box in zip(found.tracker_id, found.xyxy.tolist(), strict=True)]

    return follow


PEERS: dict[str, Callable[[float, dict[str, Any]], Follow]] = {
    "norfair": norfair_follow,
    "bytetrack": bytetrack_follow,
}


def timed(make: Callable[[], Follow], frames: Frames, repeats: int) -> tuple[list[Row], float]:
    """The tracks, and the least CPU time of `repeats` runs over the same frames."""
    least_s = float("inf")
    tracks: list[Row] = []
    for _ in range(repeats):
        follow, tracks = make(), []
        began_s = time.process_time()
        for frame, rows in enumerate(frames):
            tracks += [[frame, *row] for row in follow(rows)]
        least_s = min(least_s, time.process_time() - began_s)
    return tracks, least_s


def main() -> None:
    """One request in, one answer out."""
    request = json.load(sys.stdin)
    answer: dict[str, dict[str, list[dict[str, object]]]] = {}
    for name, sequence in request["sequences"].items():
        answer[name] = {}
        for peer, settings in request["settings"].items():
            answer[name][peer] = []
            for setting in settings:
                make = partial(PEERS[peer], sequence["fps"], setting)
                tracks, cpu_s = timed(make, sequence["frames"], request["repeats"])
                answer[name][peer].append({"setting": setting, "tracks": tracks, "cpu_s": cpu_s})
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
