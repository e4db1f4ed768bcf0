"""`python -m tests.scenes`: names and seeds of the scenes, and sheets of their pictures to look at."""

# ruff: noqa: T201 (a tool for people)
import argparse
import sys
import time

import cv2
import numpy as np

from agent.values import Picture
from tests.scenes import SCENES, FrameTruth, Scene, named, render, video

CELL = 320, 180


def main() -> int:
    """Exit code 2 when a name is unknown."""
    parser = argparse.ArgumentParser(prog="python -m tests.scenes", description=__doc__)
    parser.add_argument("names", nargs="*", help="scenes or groups; none: all")
    parser.add_argument("--list", action="store_true", help="print names, groups, seeds, seconds")
    parser.add_argument("--sheet", metavar="OUT.png", help="write a contact sheet with the true boxes")
    parser.add_argument("--cells", type=int, default=8, help="pictures of each scene (8)")
    parser.add_argument("--from-s", type=float, default=0.0)
    parser.add_argument("--to-s", type=float, default=float("inf"))
    parser.add_argument("--video", action="store_true", help="encode them into the cache and print where")
    options = parser.parse_args()
    groups = {scene.group for scene in SCENES}
    known = {scene.name for scene in SCENES} | groups
    for name in options.names:
        if name not in known:
            print(f"no scene or group {name}; --list prints them", file=sys.stderr)
            return 2
    wanted = [each for each in SCENES if not options.names or {each.name, each.group} & set(options.names)]
    rows = []
    for scene in wanted:
        if options.list:
            kind = scene.disturbance.kind
            print(f"{scene.name:26} {scene.group:7} seed {scene.seed:4} {scene.seconds:5.0f} s  {scene.plate:7}{kind}")
        if options.video:
            before = time.process_time()
            path = video(scene)
            kbit = path.stat().st_size * 8 / 1000 / scene.seconds
            print(f"{path} {kbit:.0f} kbit/s, made in {time.process_time() - before:.1f} s of CPU")
        if options.sheet:
            rows.append(_row(scene, options.cells, options.from_s, options.to_s))
    if rows:
        cv2.imwrite(options.sheet, np.vstack(rows))
    return 0


def _row(scene: Scene, cells: int, from_s: float, to_s: float) -> Picture:
    last = min(scene.frames - 1, round(to_s * scene.fps) if to_s < scene.seconds else scene.frames - 1)
    wanted = [round(each) for each in np.linspace(min(round(from_s * scene.fps), last), last, cells)]
    shown = [_cell(scene, picture, frame) for picture, frame in render(named(scene.name)) if frame.index in wanted]
    while len(shown) < cells:
        shown.append(np.zeros((CELL[1], CELL[0], 3), np.uint8))
    return np.hstack(shown)


def _cell(scene: Scene, picture: Picture, frame: FrameTruth) -> Picture:
    drawn = picture.copy()
    for each in frame.boxes:
        corner = round(each.box.left * scene.width), round(each.box.top * scene.height)
        other = round(each.box.right * scene.width), round(each.box.bottom * scene.height)
        cv2.rectangle(drawn, corner, other, (0, 255, 0) if each.moving else (0, 200, 255), 1)
    small = cv2.resize(drawn, CELL, interpolation=cv2.INTER_AREA)
    told = f"{scene.name} {frame.at_s:.1f} {'moves' if frame.moving else ''}"
    (wide, _), _ = cv2.getTextSize(told, 0, 0.38, 1)
    cv2.rectangle(small, (0, 0), (wide + 6, 15), (0, 0, 0), cv2.FILLED)  # on bright pictures too
    cv2.putText(small, told, (3, 11), 0, 0.38, (0, 255, 255), 1)
    return np.asarray(small, np.uint8)


if __name__ == "__main__":
    sys.exit(main())
