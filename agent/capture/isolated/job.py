"""The job of the agent's own child: a camera's section, as a configuration writes it, and what to read it for."""

import sys
from pathlib import Path
from typing import Any

from agent.capture.encoder_choice import SOFTWARE, THIS_PROCESS
from agent.capture.isolated.aside import Aside
from agent.capture.isolated.child import ChildCommand
from agent.capture.isolated.source import IsolatedSource
from agent.capture.stream import Reading, Wants
from agent.config.camera import CameraSection
from agent.config.units import Section, duration_s
from agent.values import Point

# A child has no use for them, and a login has no business in another process.
NEVER = {"username", "password_file", "ca_file", "sub", "rules", "zones", "lines", "picamera2", "argus"}


def open_isolated(camera: CameraSection, reading: Reading, aside: Aside) -> IsolatedSource:
    """`camera` (v4l2 or file) read by `python -m agent.capture.isolated`. Raises CameraError."""
    # The encoder is proven here: a trial that hangs would outlast the patience with the child, each time anew.
    encoder = THIS_PROCESS.name() if camera.may_encode else SOFTWARE
    wants = reading.wants
    job = {"camera": written(camera), "packets": wants.packets, "frames": wants.frames, "encoder": encoder}
    command = ChildCommand((sys.executable, "-m", "agent.capture.isolated"), job)
    return IsolatedSource(camera, reading, command, aside)


def taken(job: dict[str, Any]) -> tuple[CameraSection, Wants]:
    """What the child makes of its job. Raises ValueError, KeyError."""
    return CameraSection.model_validate(job["camera"]), Wants(bool(job["packets"]), bool(job["frames"]))


def written(section: Section) -> dict[str, Any]:
    """What is set in the section, as JSON that validates to the same again: durations with unit, points as [x, y]."""
    return {
        name: f"{value}s" if _is_duration(field.metadata) else _plain(value)
        for name, field in type(section).model_fields.items()
        if name in section.model_fields_set - NEVER and (value := getattr(section, name)) is not None
    }


def _is_duration(metadata: list[Any]) -> bool:
    return any(getattr(part, "func", None) is duration_s for part in metadata)


def _plain(value: Any) -> Any:
    if isinstance(value, Section):
        return written(value)
    if isinstance(value, Point):
        return [value.x, value.y]
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, Path) else value
