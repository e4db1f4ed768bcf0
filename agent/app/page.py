"""What the local page asks for, answered from the rooms of a running node."""

import re
import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from agent.access import AccessLog
from agent.app.recent import Recent
from agent.app.vault import page_directory
from agent.config.camera import CameraSection
from agent.config.model import Config
from agent.contract.words import cameras_of
from agent.footage.doors import AnyFootage
from agent.health.faults import Fault
from agent.i18n import Text
from agent.installer.doors import CameraView, PageData, PageFault, Shape
from agent.values import Access, ClipWanted, Event

if TYPE_CHECKING:
    from agent.app.node import Node

KEPT_CLIPS = 12
KEPT_IN_MEMORY = 2
SAFE_ID = re.compile(r"[0-9A-Z]{26}")


class PageDoors:
    """Cuts clips for the page on demand, out of the same footage as the ward's; keeps the last few."""

    def __init__(self, node: "Node", config: Config, recent: Recent) -> None:
        self._node = node
        self._config = config
        self._recent = recent
        self._clips = PageClips(config, node.footage, node.access, recent)

    def data(self) -> PageData:
        """The doors."""
        views = tuple(camera_view(camera) for camera in self._config.cameras)
        return PageData(
            cameras=lambda: views,
            latest=self._recent.live,
            events=self._recent.page_events,
            thumb=self._recent.thumb,
            clip=self._clips.clip,
            health=self._recent.health_json,
            faults=self._faults,
            title=self._config.node.label or self._config.node.id,
            language=self._config.node.language,
        )

    def _faults(self) -> tuple[PageFault, ...]:
        return tuple(map(page_fault, self._node.faults.open()))


def page_fault(fault: Fault) -> PageFault:
    """For the page: the words name the cameras that are meant."""
    whose = cameras_of(fault.sources)
    text = Text(en=f"{fault.text.en}{whose}", vi=f"{fault.text.vi}{whose}")
    return PageFault(fault.code, text, fault.remedy, fault.severity)


class PageClips:
    """MP4 files for the page in a folder of their own, at most a dozen."""

    def __init__(self, config: Config, footage: AnyFootage, access: AccessLog, recent: Recent) -> None:
        self._footage = footage
        self._access = access
        self._recent = recent
        self._section = config.footage
        self._folder: Path | None = config.node.data_dir / "page"
        self._kept = KEPT_CLIPS
        if config.evidence.encrypt_to is not None:  # nothing in clear goes to the card
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = page_directory(config)
            self._kept = KEPT_IN_MEMORY
        self._lock = threading.Lock()

    def clip(self, event_id: str) -> Path | None:
        """The footage of a recent event, cut now if need be; None while it is not there yet."""
        event = self._recent.find(event_id)
        if self._folder is None or event is None or event.ended is None or not SAFE_ID.fullmatch(event_id):
            return None
        path = self._folder / f"{event_id}.mp4"
        with self._lock:
            if path.exists():
                return path
            wanted = self._wanted(event)
            library = self._footage.library
            if not self._footage.ready(wanted) or not library.can_open(wanted.cam, wanted.start, wanted.end):
                return None
            self._folder.mkdir(mode=0o700, exist_ok=True)
            self._sweep(self._folder)
            self._access.write(_access(wanted, event))
            return path if library.cut(wanted, path, clear=True) else None

    def _wanted(self, event: Event) -> ClipWanted:
        section = self._section
        start = event.started.shifted(-section.pre_roll)
        last = event.ended or event.at
        latest = start.shifted(section.max_clip)
        end = min(last.shifted(section.post_roll), latest, key=lambda moment: moment.mono_ns)
        return ClipWanted(event.id, event.cam, start, end, end.shifted(section.segment))

    def _sweep(self, folder: Path) -> None:
        kept = sorted(folder.glob("*.mp4"), key=lambda path: path.stat().st_mtime)
        kept = kept[max(0, len(kept) - self._kept + 1) :]
        stay = {path.stem for path in kept}
        for path in folder.iterdir():  # also manifests, and what a crash left half-written
            if path.name.split(".")[0] not in stay:
                path.unlink(missing_ok=True)


def _access(wanted: ClipWanted, event: Event) -> Access:
    # The page asks nobody who they are; what it was about is the event.
    return Access(
        action="view",
        by="local page",
        case="",
        reason=f"{event.rule} {event.id}",
        cam=event.cam,
        from_ns=wanted.start.wall_ns,
        to_ns=wanted.end.wall_ns,
    )


def camera_view(camera: CameraSection) -> CameraView:
    """A camera with what is drawn over its picture."""
    return CameraView(
        id=camera.id,
        label=camera.label or camera.id,
        zones=tuple(Shape(name, tuple(points)) for name, points in camera.zones.items()),
        lines=tuple(Shape(name, tuple(points)) for name, points in camera.lines.items()),
    )
