"""Opens misbehaving children; whatever a test leaves is killed."""

import sys
from collections.abc import Callable, Iterator

import pytest

from agent.capture.attention import Attention
from agent.capture.isolated.aside import Aside
from agent.capture.isolated.child import ChildCommand
from agent.capture.isolated.source import IsolatedSource
from agent.capture.stream import Reading, Wants
from agent.clock import Clock
from agent.config.camera import CameraSection

# A busy machine is not a child that hangs: only who tests a silence waits for one.
CAMERA = CameraSection.model_validate({"id": "gate", "source": "/dev/video0", "timeout": "60s"})
SOON = CAMERA.model_copy(update={"timeout": 1.0})
Start = Callable[..., IsolatedSource]


@pytest.fixture
def start() -> Iterator[Start]:
    """start("steady", attention=…, aside=…, camera=…, anything else goes into the job)."""
    sources: list[IsolatedSource] = []

    def make(
        do: str,
        attention: Attention | None = None,
        aside: Aside | None = None,
        camera: CameraSection = CAMERA,
        **job: object,
    ) -> IsolatedSource:
        command = ChildCommand((sys.executable, "-m", "tests.capture.isolated.children"), {"do": do, **job})
        reading = Reading(Clock(), Wants(packets=True, frames=True), attention=attention)
        sources.append(IsolatedSource(camera, reading, command, aside or Aside()))
        return sources[-1]

    yield make
    for source in sources:
        source.close()
