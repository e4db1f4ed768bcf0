"""Tries a model file as the node would use it, and says what it is, what it costs and what it finds in one picture."""

import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import cv2
import numpy as np
import psutil

from agent.clock import MediaClock
from agent.config.model import DetectionSection
from agent.detection.detector import Detector, load_detector
from agent.detection.providers import Providers
from agent.detection.runtime import import_onnxruntime
from agent.detection.trial import street_like
from agent.errors import ModelError, StorageError
from agent.i18n import Text
from agent.installer.letters import PLATE_RIM, Letters, Plate, letter_size
from agent.installer.overlay import OTHER, PERSON, VEHICLE, VEHICLES, draw_box, pixels_of
from agent.system_words import reason
from agent.tools.written import check_target, not_written
from agent.values import Box, Detection, Frame, Picture, Point

WHOLE = Box(0.0, 0.0, 1.0, 1.0)
RUNS, WARM_UP = 20, 3
MEGABYTE = 1e6
LARGEST_FILE = 100_000_000  # bytes of a picture
NO_PICTURE = Text(en="no picture", vi="không phải ảnh")
TOO_LARGE = Text(en="too large", vi="quá lớn")
NO_FORMAT = Text(en="not .jpg or .png", vi="không phải .jpg hay .png")
NAME_IT = Text(en="name a file that ends in .jpg or .png", vi="hãy chọn tệp có đuôi .jpg hoặc .png")


@dataclass(frozen=True, slots=True)
class ModelReport:
    """What a model file is. Times are of one look at a whole picture, in this process, on one thread."""

    file: Path
    sha256: str
    bytes: int
    family: str
    width: int  # of its input, pixels
    height: int
    any_size: bool  # takes smaller inputs as well; the look that is timed gets what its picture's shape needs
    labels: tuple[str, ...]
    labels_from: str  # coco, file, model
    provider: str
    runtime: str  # version of ONNX Runtime
    runs: int
    wall_ms: float  # medians
    cpu_ms: float
    runtime_mb: float  # resident memory that ONNX Runtime takes before it has a model
    model_mb: float  # and what this model adds, after its runs
    found: tuple[Detection, ...]
    refused: tuple[ModelError, ...] = ()  # providers that do not run it


def check_model(section: DetectionSection, picture: Picture, runs: int = RUNS) -> ModelReport:
    """Load it, look `runs` times at `picture` (height, width, 3; BGR). Raises ModelError."""
    assert section.model is not None
    before = _resident()
    try:
        runtime = str(import_onnxruntime().__version__)
    except ImportError:
        runtime = ""  # loading tells it, with a remedy
    with_runtime = _resident()
    refused: list[ModelError] = []
    with TemporaryDirectory() as folder:
        detector = load_detector(section, Providers(Path(folder), refused.append))
        frame = frame_of(picture)
        found = detector.detect(frame, WHOLE)
        wall_ms, cpu_ms = _latency(detector, frame, runs)
    return ModelReport(
        file=section.model,
        sha256=detector.sha256,
        bytes=section.model.stat().st_size,
        family=detector.family,
        width=detector.signature.width,
        height=detector.signature.height,
        any_size=detector.lens.any_size,
        labels=detector.labels.names,
        labels_from=detector.labels.source,
        provider=detector.provider,
        runtime=runtime,
        runs=runs,
        wall_ms=wall_ms,
        cpu_ms=cpu_ms,
        runtime_mb=round((with_runtime - before) / MEGABYTE, 1),
        model_mb=round((_resident() - with_runtime) / MEGABYTE, 1),
        found=found,
        refused=tuple(refused),
    )


def built_in_picture() -> Picture:
    """(360, 640, 3): drawn, with edges and grain as a street has, and nothing in it that anybody would recognise."""
    return street_like()[0]


def read_picture(path: Path) -> Picture:
    """A picture file as (height, width, 3) BGR, both even. Raises StorageError."""
    try:
        size = path.stat().st_size
        if not path.is_file() or size > LARGEST_FILE:  # a pipe would be waited for, a device never ends
            raise _unreadable(path, NO_PICTURE)
        data = np.frombuffer(path.read_bytes(), np.uint8)
        decoded = cv2.imdecode(data, cv2.IMREAD_COLOR) if len(data) else None
    except OSError as error:
        raise _unreadable(path, reason(error)) from error
    except cv2.error as error:  # it claims more pixels than anybody has memory for
        raise _unreadable(path, TOO_LARGE) from error
    if decoded is None or min(decoded.shape[:2]) < 2:
        raise _unreadable(path, NO_PICTURE)
    height, width = (side // 2 * 2 for side in decoded.shape[:2])
    return np.ascontiguousarray(decoded[:height, :width], np.uint8)


def write_found(path: Path, picture: Picture, found: tuple[Detection, ...]) -> None:
    """`picture` with what was found in it, as JPEG or PNG by the file's name; wholly there or not at all.

    Raises StorageError.
    """
    check_target(path, None)  # it is replaced
    drawn, plates = picture.copy(), []
    for each in found:
        colour = PERSON if each.label == "person" else VEHICLE if each.label in VEHICLES else OTHER
        draw_box(drawn, each.box, colour, 2)
        left, top = pixels_of(drawn, (Point(each.box.left, each.box.top),))[0]
        above = int(top) - letter_size(drawn) - PLATE_RIM
        plates.append(Plate(f"{each.label} {each.score:.2f}", int(left), above, colour, upwards=True))
    Letters().plates(drawn, plates)
    try:
        done, data = cv2.imencode(path.suffix or ".jpg", drawn)
    except cv2.error as error:
        raise not_written(path, NO_FORMAT, NAME_IT) from error
    if not done:
        raise not_written(path, NO_FORMAT, NAME_IT)
    part = path.parent / f".{path.name}.part"
    try:
        part.write_bytes(data.tobytes())
        part.replace(path)
    except OSError as error:
        raise not_written(path, reason(error)) from error
    finally:
        with suppress(OSError):  # of a directory that is not there
            part.unlink(missing_ok=True)


def frame_of(picture: Picture) -> Frame:
    """A BGR picture with even sides as a frame."""
    height, width = picture.shape[:2]
    planar = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420), np.uint8).reshape(-1)
    luma, chroma = planar[: width * height], planar[width * height :].reshape(2, height // 2, width // 2)
    return Frame("check", 0, 0, MediaClock().now(), luma.reshape(height, width), chroma[0], chroma[1])


def _latency(detector: Detector, frame: Frame, runs: int) -> tuple[float, float]:
    for _ in range(WARM_UP):
        detector.detect(frame, WHOLE)
    walls, cpus = [], []
    for _ in range(runs):
        wall, cpu = time.perf_counter(), time.process_time()
        detector.detect(frame, WHOLE)
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return round(median(walls) * 1000, 2), round(median(cpus) * 1000, 2)


def _resident() -> int:
    return int(psutil.Process().memory_info().rss)


def _unreadable(path: Path, why: Text) -> StorageError:
    return StorageError(
        Text(en=f"the picture {path} cannot be read: {why.en}", vi=f"không đọc được ảnh {path}: {why.vi}"),
        Text(en="name a JPEG or PNG file", vi="hãy chọn tệp JPEG hoặc PNG"),
        code="storage_error",
    )
