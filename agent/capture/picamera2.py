"""A Raspberry Pi camera. The camera stack runs in a child process under the system's Python, which alone has it.

In: the camera's section. Out: its own encoder's packets, and the small stream's pictures as frames.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from agent.capture.counts import Counts
from agent.capture.isolated.aside import Aside
from agent.capture.isolated.child import ChildCommand
from agent.capture.isolated.source import IsolatedSource
from agent.capture.masks import SMALL, plain_masks
from agent.capture.picamera.settings import Settings, Size
from agent.capture.picamera.words import CABLE
from agent.capture.stream import Reading
from agent.config.camera import CameraSection
from agent.errors import CameraError
from agent.values import Frame, Packet

PROGRAM = Path(__file__).with_name("picamera") / "child.py"
LORES_WIDTH = 640
# The child's own patience is shorter than the agent's, so that its closer words come first.
PATIENCE_SHARE = 0.75
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "LIBCAMERA_RPI_CONFIG_FILE", "LIBCAMERA_RPI_TUNING_FILE")
QUIET = {"LIBCAMERA_LOG_LEVELS": "*:WARN", "LIBCAMERA_LOG_NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1"}
# What the agent itself notices of a child; a hint about USB plugs would help nobody here.
CABLE_CODES = ("camera_silent", "camera_timeout", "camera_stuck", "camera_crashed")


@dataclass(frozen=True, slots=True)
class SystemPython:
    """The Python that has picamera2, and its environment beside the usual."""

    path: str = "/usr/bin/python3"
    env: Mapping[str, str] | None = None


class Picamera2Source:
    """A `Source`: a child, with this camera's remedies."""

    def __init__(self, child: IsolatedSource) -> None:
        self.child = child

    def read(self) -> tuple[Packet | Frame, ...] | None:
        """As IsolatedSource.read; also raises what `picamera.words` has."""
        try:
            return self.child.read()
        except CameraError as error:
            if error.code not in CABLE_CODES or error.hint is CABLE:
                raise
            told = error
        raise CameraError(told.text, CABLE, code=told.code) from told

    def counts(self) -> Counts:
        """What the child said last."""
        return self.child.counts()

    def close(self) -> None:
        """Kill the child; the camera stack is never asked to stop."""
        self.child.close()


def open_picamera2(
    camera: CameraSection, reading: Reading, aside: Aside, python: SystemPython | None = None
) -> Picamera2Source:
    """Start the child; it opens the camera. Raises CameraError: camera_unkillable, camera_crashed."""
    python = python or SystemPython()
    env = {name: os.environ[name] for name in PASSED_ON if name in os.environ} | QUIET
    command = ChildCommand((python.path, "-s", str(PROGRAM)), settings_of(camera).job, {**env, **(python.env or {})})
    return Picamera2Source(IsolatedSource(camera, reading, command, aside))


def settings_of(camera: CameraSection) -> Settings:
    """What the child is told."""
    section = camera.picamera2
    main = (section.width, section.height)
    lores = lores_size(main)
    return Settings(
        number=camera.number,
        main=main,
        lores=lores,
        fps=section.fps,
        bitrate=section.bitrate_kbps * 1000,
        rotation=section.rotation,
        exposure=section.exposure,
        exposure_time=section.exposure_time,
        light=section.light,
        hdr=section.hdr,
        focus=section.focus,
        focus_distance=section.focus_distance,
        analysis_fps=camera.analysis_fps,
        idle_every=camera.idle.every,
        patience=camera.timeout * PATIENCE_SHARE,
        main_masks=_masks(plain_masks(camera, *main)),
        lores_masks=_masks(plain_masks(camera, *lores, SMALL)),
    )


def lores_size(main: Size) -> Size:
    """About 640 wide and of the same shape; both even, as 4:2:0 wants."""
    width = min(LORES_WIDTH, main[0]) // 2 * 2
    return width, max(2, round(width * main[1] / main[0] / 2) * 2)


def _masks(rows: list[list[int]]) -> tuple[tuple[int, int, int, int], ...]:
    return tuple((left, top, right, bottom) for left, top, right, bottom in rows)
