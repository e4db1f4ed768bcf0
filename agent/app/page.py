"""What the local page asks for, answered from the rooms of a running node."""

from typing import TYPE_CHECKING

from agent.app.page_clips import PageClips
from agent.app.recent import Recent
from agent.clock import Clock
from agent.config.camera import CameraSection
from agent.config.model import Config
from agent.contract.words import cameras_of
from agent.health.faults import Fault
from agent.i18n import Text
from agent.installer.doors import CameraView, PageData, PageFault, Shape
from agent.values import Severity
from agent.worker import Job, Outcome

if TYPE_CHECKING:
    from agent.app.node import Node

SWEEP_EVERY_S = 3600.0
LOOKED_FOR = PageFault(
    "identify",
    Text(en="This is the device that the ward is looking for", vi="Đây là thiết bị mà phường đang tìm"),
    severity=Severity.INFO,
)


class PageDoors:
    """Cuts clips for the page on demand, out of the same footage as the ward's; keeps the last few."""

    def __init__(self, node: "Node", config: Config, recent: Recent, clock: Clock) -> None:
        self._node = node
        self._config = config
        self._recent = recent
        self.clips = PageClips(config, node.footage, node.access, recent, clock)

    def data(self) -> PageData:
        """The doors."""
        views = tuple(camera_view(camera) for camera in self._config.cameras)
        return PageData(
            cameras=lambda: views,
            latest=self._recent.live,
            events=self._recent.page_events,
            thumb=self._recent.thumb,
            clip=self.clips.clip,
            health=self._recent.health_json,
            faults=self._faults,
            title=self._config.node.label or self._config.node.id,
            language=self._config.node.language,
        )

    def _faults(self) -> tuple[PageFault, ...]:
        found = tuple(map(page_fault, self._node.faults.open()))
        return (LOOKED_FOR, *found) if self._node.beacon.shown else found


class SweptPage:
    """A `Job`: the page, whose clips go when they are old, whether anybody looks or not."""

    def __init__(self, page: Job, clips: PageClips, clock: Clock) -> None:
        self._page = page
        self._clips = clips
        self._clock = clock
        self._swept_s: float | None = None

    def run_once(self) -> Outcome:
        """Serve for a slice."""
        now_s = self._clock.mono_s()
        if self._swept_s is None or now_s - self._swept_s >= SWEEP_EVERY_S:
            self._swept_s = now_s
            self._clips.expire()
        return self._page.run_once()

    def close(self) -> None:
        """As the page."""
        self._page.close()


def page_fault(fault: Fault) -> PageFault:
    """For the page: the words name the cameras that are meant."""
    whose = cameras_of(fault.sources)
    text = Text(en=f"{fault.text.en}{whose}", vi=f"{fault.text.vi}{whose}")
    return PageFault(fault.code, text, fault.remedy, fault.severity)


def camera_view(camera: CameraSection) -> CameraView:
    """A camera with what is drawn over its picture."""
    return CameraView(
        id=camera.id,
        label=camera.label or camera.id,
        zones=tuple(Shape(name, tuple(points)) for name, points in camera.zones.items()),
        lines=tuple(Shape(name, tuple(points)) for name, points in camera.lines.items()),
    )
