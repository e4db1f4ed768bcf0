"""Debian's `motion` 4.5.1 on the scenes of `bench motion`: it watches the same files, quicker than they were filmed.

`motion` plays a file in real time. libfaketime makes its clock run SPEED times as fast; all scenes of a run play at
once, a camera each. What it finds is what it tells by `on_motion_detected`: per frame one box, around the largest
region. Its clock says when; where in the film that is, two markers say, one before each film and one behind it: a
square that jumps about. The delay of its answers to them is thereby taken from its onset delays, in its favour. A film
of which it did not tell both markers is left out.
"""

import os
import shutil
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

SPEED = 3
START_S = 12.0  # of the run itself: the program opens its cameras one after another
BEFORE_S, MARKER_S, QUIET_S = 5.0, 2.0, 4.0  # the first picture, a marker, the first picture; film; the last, a marker
LEAD_S = BEFORE_S + MARKER_S + QUIET_S
FPS = 10
ALIKE = 0.5  # intersection over union of what it told and the marker
PACES = (0.95, 1.3)  # its seconds for one of the film: it sleeps a little too long between pictures
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
    """Per film the boxes of each frame; a film whose marker was not seen is left out: nobody knows when it began.

    `threshold`: pixels that must change. Raises Absent.
    """
    program, library = find_motion(), find_faketime()
    with TemporaryDirectory() as work:
        folder = Path(work)
        longest_s = 0.0
        cameras = []
        for number, film in enumerate(films, 1):
            shown = marked(film)
            longest_s = max(longest_s, LEAD_S + film.frames / FPS + QUIET_S + MARKER_S)
            settings = folder / f"{number}.conf"
            values = {"number": number, "film": shown, "found": folder / f"{number}.txt"}
            settings.write_text(CAMERA.format(**values), encoding="utf-8")
            cameras.append(settings)
        general = GENERAL.format(folder=folder, threshold=threshold)
        (folder / "motion.conf").write_text(general + "".join(f"camera {each}\n" for each in cameras), encoding="utf-8")
        started_s = time.time()
        _run(program, library, folder, START_S + PACES[1] * longest_s / SPEED)
        told = [folder / f"{number}.txt" for number in range(1, len(films) + 1)]
        lines = [file.read_text(encoding="ascii").splitlines() if file.exists() else [] for file in told]
    answers = [list(_answers(each, started_s)) for each in lines]
    clocks = [_clock(each, film) for each, film in zip(answers, films, strict=True)]
    if not any(clocks):
        raise Absent("motion did not see the markers of any film")
    return {
        film.name: list(_held(each, film, clock))
        for film, each, clock in zip(films, answers, clocks, strict=True)
        if clock is not None
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
    path = cache_dir() / "motion-films-2" / film.path.name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part.mp4")
        count = film.frames + round((LEAD_S + QUIET_S + MARKER_S) * FPS)
        write_h264(unfinished, _with_marker(film), FPS, count, Progress(quiet=True))
        unfinished.replace(path)
    return path


def _with_marker(film: Film) -> Iterator[VideoFrame]:
    picture: Picture | None = None
    with av.open(str(film.path)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number == film.frames:
                break
            picture = np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
            if number == 0:
                yield from _marker(picture, BEFORE_S)
                yield from (_frame(picture) for _ in range(round(QUIET_S * FPS)))
            yield _frame(picture)
    assert picture is not None
    yield from _marker(picture, QUIET_S)


def _marker(picture: Picture, still_s: float) -> Iterator[VideoFrame]:
    yield from (_frame(picture) for _ in range(round(still_s * FPS)))
    for number in range(round(MARKER_S * FPS)):
        drawn = picture.copy()
        left, tone = 200 + 30 * (number % 2), 255 * (number % 2)
        cv2.rectangle(drawn, (left, 100), (left + 200, 260), (tone, tone, tone), -1)
        yield _frame(drawn)


def _frame(picture: Picture) -> VideoFrame:
    return VideoFrame.from_ndarray(picture, format="bgr24").reformat(format="yuv420p")


def _clock(answers: Sequence[tuple[float, Box]], film: Film) -> tuple[float, float] | None:
    """When the film began and how long one of its seconds took, by the markers; None when one was not seen."""
    seen = [at_s for at_s, box in answers if box.iou(MARKER) > ALIKE]
    apart_s = QUIET_S + MARKER_S + film.frames / FPS + QUIET_S
    for later_s in seen:
        pace = (later_s - seen[0]) / apart_s
        if PACES[0] <= pace <= PACES[1]:
            return seen[0] + (QUIET_S + MARKER_S) * pace, pace
    return None


def _held(answers: Sequence[tuple[float, Box]], film: Film, clock: tuple[float, float]) -> Iterator[tuple[Box, ...]]:
    zero_s, pace = clock
    at = 0
    held: tuple[float, Box | None] = (float("-inf"), None)
    for number in range(film.frames):
        now_s = zero_s + number / FPS * pace
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
