"""The clips that the local page shows: cut on demand, noted in the access log, and gone when their footage is."""

import logging
import re
import shutil
import threading
from pathlib import Path

from ulid import ULID

from agent.access import AccessLog
from agent.app.recent import Recent
from agent.app.vault import page_directory
from agent.clock import Clock
from agent.config.model import Config
from agent.footage.doors import AnyFootage
from agent.values import Access, ClipWanted, Event

log = logging.getLogger(__name__)
KEPT_CLIPS = 12
KEPT_IN_MEMORY = 2
SAFE_ID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
DAY_S = 86_400.0
NOTED_EVERY_S = 3600.0  # a player asks for a clip many times while it shows it


class PageClips:
    """MP4 files for the page in a folder of their own: at most a dozen, none older than footage may be."""

    def __init__(self, config: Config, footage: AnyFootage, access: AccessLog, recent: Recent, clock: Clock) -> None:
        self._footage = footage
        self._access = access
        self._recent = recent
        self._section = config.footage
        self._oldest_s = config.retention.max_days * DAY_S
        self._clock = clock
        self._noted: dict[str, float] = {}  # event: when somebody's look at it was last noted
        self._folder: Path | None = _on_card(config)
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
            self._expire()
            wanted = self._wanted(event)
            if path.exists():
                self._note(wanted, event)
                return path
            library = self._footage.library
            if not self._footage.ready(wanted) or not library.can_open(wanted.cam, wanted.start, wanted.end):
                return None
            self._folder.mkdir(mode=0o700, exist_ok=True)
            self._sweep(self._folder)
            self._note(wanted, event, anew=True)
            return path if library.cut(wanted, path, clear=True) else None

    def expire(self) -> None:
        """What is older than `retention.max_days` goes."""
        with self._lock:
            self._expire()

    def _expire(self) -> None:
        if self._folder is None or not self._folder.is_dir():
            return
        oldest_s = self._clock.now().wall_ns / 1e9 - self._oldest_s
        for path in self._folder.iterdir():
            name = path.name.split(".")[0]
            if not SAFE_ID.fullmatch(name) or ULID.from_str(name).timestamp < oldest_s:
                _remove(path)

    def _note(self, wanted: ClipWanted, event: Event, anew: bool = False) -> None:
        now_s = self._clock.mono_s()
        self._noted = {one: at_s for one, at_s in self._noted.items() if now_s - at_s < NOTED_EVERY_S}
        if anew or event.id not in self._noted:
            self._access.write(_access(wanted, event))
            self._noted[event.id] = now_s

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
                _remove(path)


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


def _on_card(config: Config) -> Path:
    return config.node.data_dir / "page"


def clear_page(config: Config) -> None:
    """There is no page any more: nor are there clips for it."""
    shutil.rmtree(_on_card(config), ignore_errors=True)


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        log.warning("an old clip of the page cannot be removed: %s", error)
