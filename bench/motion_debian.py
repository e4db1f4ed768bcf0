"""Debian's `motion` 4.5.1 on the scenes of `bench motion`: it watches the same files, at many times their pace.

`motion` plays a file in real time. libfaketime makes its clock run SPEED times as fast, so that half an hour of scenes
takes minutes; all scenes of a run play at once, a camera each. What it finds is what it tells by `on_motion_detected`:
per frame one box, around the largest region. Its clock says when, to a frame; where in the film that is, a marker says
that is added behind each film: a bright square that jumps about. The delay of its first answer to the marker is thereby
taken from its onset delays: in its favour, as is the tolerance of a third of a second (it looks at three pictures a
second) in what is false.
"""

import os
import shutil
import statistics
import subprocess
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import cv2
import numpy as np
from av.video.frame import VideoFrame

from agent.errors import AgentError
from agent.values import Box, Picture
from bench.beside_motion import find_motion
from bench.truth import Absent
from deploy.debian import unpack_debian
from deploy.encode import write_h264
from deploy.fetch import Progress, cache_dir

SPEED = 4
START_S = 10.0  # of the run itself: the program opens its cameras one after another
QUIET_S, MARKER_S = 4.0, 2.0  # behind each film: the last picture, then the marker
FPS = 10
SLACK_S = 40.0  # of its clock: by when its cameras have been opened
MARKER = Box(200 / 640, 100 / 360, 430 / 640, 260 / 360)
HOLD_S = 0.35  # its answer stands until it looks again
GENERAL = """\
daemon off
setup_mode off
log_level 4
target_dir {folder}
webcontrol_port 0
stream_port 0
movie_output off
picture_output off
width 640
height 360
framerate 10
event_gap 1
threshold {threshold}
threshold_tune off
noise_tune on
despeckle_filter EedDl
lightswitch_percent 40
minimum_motion_frames 2
"""
CAMERA = """\
camera_id {number}
netcam_url file://{film}
netcam_params capture_rate=10
on_motion_detected printf '%Y-%m-%d %H:%M:%S %q %i %J %K %L\\n' >> {found}
"""


@dataclass(frozen=True, slots=True)
class Film:
    """What is shown, and how many pictures of it count."""

    name: str
    path: Path
    frames: int


def find_faketime() -> Path:
    """libfaketime, installed or unpacked into the cache. Raises Absent."""
    target = cache_dir() / "faketime"
    places = [Path("/usr/lib"), target / "usr/lib"]
    for again in (False, True):
        for place in places:
            for file in sorted(place.glob("*/faketime/libfaketimeMT.so.1")):
                return file
        if not again:
            try:
                unpack_debian(["libfaketime"], target)
            except (AgentError, OSError) as error:
                raise Absent(f"no libfaketime, without which `motion` takes as long as the films: {error}") from error
    raise Absent("libfaketime holds no libfaketimeMT.so.1")


def found_by_motion(films: Sequence[Film], threshold: int) -> dict[str, list[tuple[Box, ...]]]:
    """Per film the boxes of each frame. `threshold`: pixels that must change. Raises Absent."""
    program, library = find_motion(), find_faketime()
    with TemporaryDirectory() as work:
        folder = Path(work)
        longest_s = 0.0
        cameras = []
        for number, film in enumerate(films, 1):
            shown = marked(film)
            longest_s = max(longest_s, film.frames / FPS + QUIET_S + MARKER_S)
            settings = folder / f"{number}.conf"
            values = {"number": number, "film": shown, "found": folder / f"{number}.txt"}
            settings.write_text(CAMERA.format(**values), encoding="utf-8")
            cameras.append(settings)
        general = GENERAL.format(folder=folder, threshold=threshold)
        (folder / "motion.conf").write_text(general + "".join(f"camera {each}\n" for each in cameras), encoding="utf-8")
        started_s = time.time()
        _run(program, library, folder, START_S + longest_s / SPEED)
        told = [folder / f"{number}.txt" for number in range(1, len(films) + 1)]
        lines = [file.read_text(encoding="ascii").splitlines() if file.exists() else [] for file in told]
    answers = [list(_answers(each, started_s)) for each in lines]
    begun = [_begun(each, film) for each, film in zip(answers, films, strict=True)]
    known = [each for each in begun if each is not None]
    if not known:
        raise Absent("motion did not see the marker behind any film")
    usual_s = statistics.median(known)
    return {
        film.name: list(_held(each, film, usual_s if zero_s is None else zero_s))
        for film, each, zero_s in zip(films, answers, begun, strict=True)
    }


def _run(program: Path, library: Path, folder: Path, seconds: float) -> None:
    own = (
        sorted({str(file.parent) for file in program.parents[2].rglob("*.so.*")}) if not shutil.which("motion") else []
    )
    environment = {
        **os.environ,
        "LD_LIBRARY_PATH": ":".join(own),
        "LD_PRELOAD": str(library),
        "FAKETIME": f"+0 x{SPEED}",
        "TZ": "UTC",
    }
    with (folder / "log").open("wb") as log:
        command = (str(program), "-c", str(folder / "motion.conf"))
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        try:
            time.sleep(seconds)
            if process.poll() is not None:
                raise Absent(f"motion ended: {(folder / 'log').read_text(encoding='utf-8', errors='replace')[-300:]}")
        finally:
            process.terminate()
            process.wait(timeout=20)


def marked(film: Film) -> Path:
    """The film with stillness and a marker behind it; kept in the cache."""
    path = cache_dir() / "motion-films" / film.path.name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part.mp4")
        count = film.frames + round((QUIET_S + MARKER_S) * FPS)
        write_h264(unfinished, _with_marker(film), FPS, count, Progress(quiet=True))
        unfinished.replace(path)
    return path


def _with_marker(film: Film) -> Iterator[VideoFrame]:
    last: Picture | None = None
    with av.open(str(film.path)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number == film.frames:
                break
            last = frame.to_ndarray(format="bgr24")
            yield VideoFrame.from_ndarray(last, format="bgr24").reformat(format="yuv420p")
    assert last is not None
    for number in range(round((QUIET_S + MARKER_S) * FPS)):
        picture = last.copy()
        if number >= QUIET_S * FPS:
            left = 200 + 30 * (number % 2)
            cv2.rectangle(picture, (left, 100), (left + 200, 260), (255,) * 3 if number % 2 else (0,) * 3, -1)
        yield VideoFrame.from_ndarray(picture, format="bgr24").reformat(format="yuv420p")


def _begun(answers: Sequence[tuple[float, Box]], film: Film) -> float | None:
    """When the film began, seen from its marker; None when the marker was not found."""
    marker_s = film.frames / FPS + QUIET_S
    for at_s, box in answers:
        if 0.0 <= at_s - marker_s <= SLACK_S and box.iou(MARKER) > 0.5:
            return at_s - marker_s
    return None


def _held(answers: Sequence[tuple[float, Box]], film: Film, zero_s: float) -> Iterator[tuple[Box, ...]]:
    at = 0
    held: tuple[float, Box | None] = (float("-inf"), None)
    for number in range(film.frames):
        now_s = zero_s + number / FPS
        while at < len(answers) and answers[at][0] <= now_s + 0.5 / FPS:
            held = answers[at]
            at += 1
        yield (held[1],) if held[1] is not None and now_s - held[0] <= HOLD_S else ()


def _answers(lines: Iterable[str], started_s: float) -> Iterator[tuple[float, Box]]:
    """Seconds since the program's start, and the box."""
    for line in lines:
        day, clock, frame, width, height, x, y = line.split()
        whole = np.datetime64(f"{day}T{clock}").astype("datetime64[s]").astype(int)
        across, down = int(width) / 640, int(height) / 360
        left, top = int(x) / 640 - across / 2, int(y) / 360 - down / 2
        yield float(whole) - started_s + int(frame) / FPS, Box(left, top, left + across, top + down).clipped()
