"""What Debian's `motion` sees: each film played to it as a camera would, in real time, over RTSP.

`motion` tells times by its own clock, and nobody knows which picture it was looking at. So each picture carries its own
number: a faint strip above it, masked out (`mask_file`), holds it in binary. `motion` keeps each picture that it sees
motion in, with the place in the file's name, and the number is read back from the strip: no clocks are compared.

Before the film come its first seconds backwards, so that `motion` is connected and has begun when the film does; in
the last of them, and again after the film, a block moves. A film in which it is not seen both times was not watched
from its beginning to its end; it is played once more, and then left out.

Settings: on two scenes as catalogued (none-night, trees-day) three filters (none, `l`, and `EedDl` as Debian ships
it), two noise levels (tuned by itself, and 16) and two thresholds (1500, and 500) were tried, eight of the twelve ways;
these were the best by F1. It has a guard against light switches at two fifths of the picture, as the peers have:
without, it now and then begins with a reference that is not the scene, and all is motion for ten seconds. `motion`
looks three times a second, its answer holds in between, and it tells one place at a time, that of the largest piece.
"""

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import av
import cv2
import numpy as np

from agent.values import Box, Picture
from bench.beside_motion import find_motion, start_motion
from bench.motion_cases import Case, decoded
from bench.truth import Absent
from deploy.stand_in.camera import MISSING, RtspCamera, has_gstreamer

WIDTH, HEIGHT, STRIP = 640, 360, 16  # pixels
BITS, FAINT = 10, 12  # each bit once as it is and once inverted; grey levels off the middle
BLOCK, STRIDE = 96, 48  # pixels, pixels per picture
HEAD_S, MARKER_S = 6, 1  # motion takes four to connect and to begin
TIMES, LATE_S, TOGETHER = 2, 8, 8  # a film is played at most; to connect and to fall behind; films at once
HOLE = 2  # pictures; an answer holds for a third of a second, so that these were not read
ENCODER = {"preset": "ultrafast", "tune": "zerolatency", "crf": "8", "threads": "1"}
SETTINGS = """\
daemon off
setup_mode off
log_level 5
target_dir {folder}
netcam_url {address}
netcam_params rtsp_transport=tcp,analyzeduration=500000
width {width}
height {height}
mask_file {folder}/mask.pgm
framerate 15
threshold 500
noise_tune off
noise_level 16
despeckle_filter l
lightswitch_percent 40
picture_output on
picture_quality 50
picture_filename %Y%m%d%H%M%S-%q_%K_%L_%i_%J
movie_output off
webcontrol_port 0
stream_port 0
"""

Found = list[tuple[Box, ...]]


def watched(cases: Sequence[Case], times: int = TIMES) -> Mapping[str, Found]:
    """The box in each picture of each film; without the films that were not watched to the end in `times`.

    Raises Absent.
    """
    if not has_gstreamer():
        raise Absent(MISSING)
    program = find_motion()
    with ThreadPoolExecutor(TOGETHER) as pool:
        found = pool.map(lambda case: _watch(program, case, times), cases)
        return {case.name: boxes for case, boxes in zip(cases, found, strict=True) if boxes is not None}


@dataclass(frozen=True)
class Tape:
    """A folder with what is played and what was seen; pictures a second, and in all with head and markers."""

    folder: Path
    rate: int
    count: int

    @property
    def head(self) -> int:
        """Pictures before the film."""
        return HEAD_S * self.rate

    @property
    def marked(self) -> int:
        """Pictures with a marker, the head's last and those after the film."""
        return MARKER_S * self.rate

    def found(self) -> Found | None:
        """Of the film alone, when it was first watched from its beginning to its end; None: not yet."""
        found: Found = [()] * self.count
        before = 0
        for path in sorted(self.folder.glob("*.jpg")):
            index = number(path)
            if index is None or index >= self.count:
                continue
            if index < before - 2 * self.rate:  # it is played again; names stray by a second
                if self._whole(found):
                    break
                found = [()] * self.count
            found[index], before = (_box(path.stem),), index
        for index in range(self.head, self.count - self.marked):
            if not found[index] and any(found[index + 1 : index + 1 + HOLE]):
                found[index] = found[index - 1]
        return found[self.head : -self.marked] if self._whole(found) else None

    def _whole(self, found: Found) -> bool:
        return any(found[self.head - self.marked : self.head]) and any(found[-self.marked :])


def _watch(program: Path, case: Case, times: int) -> Found | None:
    with tempfile.TemporaryDirectory() as name:
        tape = _recorded(case, Path(name))
        seconds = tape.count / tape.rate
        with RtspCamera("--file", str(tape.folder / "film.h264"), "--fps", str(tape.rate)) as camera:
            size = {"width": WIDTH, "height": HEIGHT + STRIP}
            text = SETTINGS.format(folder=tape.folder, address=camera.address(), **size)
            motion = start_motion(program, tape.folder, text)
            try:
                until_s = time.monotonic() + times * seconds + LATE_S
                while time.monotonic() < until_s:
                    time.sleep(0.3)
                    kept = sorted(tape.folder.glob("*.jpg"))[-2:-1]  # the last may not be whole yet
                    if kept and (number(kept[0]) or 0) >= tape.count - tape.marked:
                        found = tape.found()
                        if found is not None:
                            return found
                        time.sleep(2 * MARKER_S)
                return None
            finally:
                motion.kill()
                motion.wait()


def _recorded(case: Case, folder: Path) -> Tape:
    rate = round(1 / (case.truth[1].at_s - case.truth[0].at_s))
    count = 0
    with av.open(str(folder / "film.h264"), "w", format="h264") as container:
        stream = container.add_stream("libx264", rate=rate)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT + STRIP, "yuv420p"
        stream.options = {**ENCODER, "g": str(rate)}
        for picture in _pictures(case, rate):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(numbered(picture, count), format="yuv420p")))
            count += 1
        container.mux(stream.encode(None))
    mask = np.full((HEIGHT + STRIP, WIDTH), 255, np.uint8)
    mask[:STRIP] = 0
    cv2.imwrite(str(folder / "mask.pgm"), mask)
    return Tape(folder, rate, count)


def _pictures(case: Case, rate: int) -> Iterator[Picture]:
    # (HEIGHT * 3 / 2, WIDTH) yuv420p: the beginning backwards, the film, its last picture for a while.
    frames = islice(decoded(case.path), 0, None, case.step)
    film = (np.asarray(each.reformat(WIDTH, HEIGHT, format="yuv420p").to_ndarray(), np.uint8) for each in frames)
    first = list(islice(film, HEAD_S * rate))
    for index, picture in enumerate(reversed(first), (MARKER_S - HEAD_S) * rate):
        yield picture if index < 0 else _marked(picture, index)
    last = first[-1]
    for last in chain(first, film):
        yield last
    for index in range(MARKER_S * rate):
        yield _marked(last, index)


def _marked(picture: Picture, index: int) -> Picture:
    # A block, half white, half black, further to the right in each picture.
    marked: Picture = picture.copy()
    top, left = (HEIGHT - BLOCK) // 2, index * STRIDE % (WIDTH - BLOCK)
    marked[top : top + BLOCK // 2, left : left + BLOCK] = 255
    marked[top + BLOCK // 2 : top + BLOCK, left : left + BLOCK] = 0
    return marked


def numbered(picture: Picture, index: int) -> Picture:
    """A yuv420p picture with its number above it."""
    bits = np.array([index >> bit & 1 for bit in range(BITS)])
    levels = 128 + FAINT * (2 * np.concatenate([bits, 1 - bits]) - 1)
    luma = np.tile(np.repeat(levels, WIDTH // len(levels)), (STRIP, 1))
    chroma = picture[HEIGHT:].reshape(2, -1, WIDTH // 2)  # U, V
    grey = np.full((2, STRIP // 2, WIDTH // 2), 128)
    below = np.concatenate([grey, chroma], axis=1).reshape(-1, WIDTH)
    return np.asarray(np.concatenate([luma, picture[:HEIGHT], below]), np.uint8)


def number(path: Path) -> int | None:
    """That of a kept picture; None where it cannot be read (yet)."""
    small = cv2.imread(str(path), cv2.IMREAD_REDUCED_GRAYSCALE_8)
    if small is None:
        return None
    bits = small[: STRIP // 8].reshape(STRIP // 8, 2 * BITS, -1).mean(axis=(0, 2)) > 128
    return None if (bits[:BITS] == bits[BITS:]).any() else int(bits[:BITS] @ (1 << np.arange(BITS)))


def _box(name: str) -> Box:
    x, y, width, height = (int(part) for part in name.split("_")[1:])
    left, top = x - width / 2, y - STRIP - height / 2
    return Box(left / WIDTH, top / HEIGHT, (left + width) / WIDTH, (top + height) / HEIGHT)
