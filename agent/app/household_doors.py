"""What the household's page shows, out of the rooms of a running node. Imported only while the page listens."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from agent.access import Record, parse
from agent.app.access_words import ACTIONS, RESULTS
from agent.app.sent import EVENTS, MESSAGES, Count, Left, Sent
from agent.clock import Clock
from agent.config.model import Config
from agent.contract.base import utc
from agent.health.status import runtime_file
from agent.i18n import Text
from agent.installer.household.doors import (
    KINDS,
    AskedFor,
    CameraLine,
    Day,
    Home,
    HouseholdDoors,
    Kept,
    Kind,
    LineUse,
    PauseNow,
    Thing,
    Told,
)
from agent.installer.household.doors import Sent as SentKind
from agent.installer.web.noted import Noted
from agent.uplink.live.words import PAUSED
from agent.values import GRANTED

if TYPE_CHECKING:
    from agent.app.node import Node

FOOTAGE = ("clip", "cut", "snapshot", "live", "live_end", "list", "view", "hold", "release", "cancel", "wipe")
OWN = ("household_pause", "household_resume")
MOST_ASKED = 60
BEYOND_KBPS = 50_000  # above this nobody limits anything


class HouseholdAnswers:
    """Of one opening."""

    def __init__(self, node: "Node", config: Config, sent: Sent, clock: Clock) -> None:
        self._node = node
        self._config = config
        self._sent = sent
        self._clock = clock
        self._labels = {camera.id: camera.label or camera.id for camera in config.cameras}
        self._asked: tuple[tuple[int, ...] | None, tuple[AskedFor, ...]] = (None, ())

    def doors(self, note: Callable[[Noted], None]) -> HouseholdDoors:
        """All of them."""
        return HouseholdDoors(self._config.node.language, self._home, self._pause, self._node.pause.end, note)

    def _pause(self, for_s: float) -> None:
        self._node.pause.begin(for_s)
        if self._node.live is not None:
            self._node.live.desk.end_all(PAUSED)

    def _home(self) -> Home:
        config, node = self._config, self._node
        cameras = self._cameras()
        return Home(
            label=config.node.label or config.node.id,
            node=config.node.id,
            ward=config.node.ward,
            timezone=config.node.timezone,
            now_utc=utc(self._clock.now().wall_ns),
            state=_state([camera.state for camera in cameras], node.pause.active),
            cameras=cameras,
            days=tuple(_day(date, counts) for date, counts in self._sent.days()),
            newest=tuple(self._thing(one) for one in self._sent.newest()),
            line=self._line(),
            asked=self._asked_for(),
            kept=self._kept(),
            told=Told(config.notice.purpose, config.notice.controller, config.notice.contact),
            pause=self._pause_now(),
        )

    def _cameras(self) -> tuple[CameraLine, ...]:
        watched = self._node.live.desk.watched() if self._node.live else ()
        return tuple(
            CameraLine(self._labels[camera.id], camera.stats.state().state, camera.id in watched)
            for camera in self._node.cameras
        )

    def _thing(self, left: Left) -> Thing:
        camera = self._labels.get(left.cam, left.cam)
        return Thing(utc(left.at_ns), left.sure, _kind(left.kind), camera, left.bytes)

    def _line(self) -> LineUse:
        state, uplink = self._node.line.link_state(), self._config.uplink
        now_kbps = state.budget.kbps
        return LineUse(
            connected=state.connected,
            max_kbps=uplink.max_kbps or None,
            now_kbps=now_kbps if now_kbps is not None and now_kbps < BEYOND_KBPS else None,
            measured_kbps=state.uplink_kbps,
            mb_per_day=uplink.mb_per_day,
            mb_today=state.budget.mb_today,
            quiet_hours=uplink.quiet_hours,
            quiet=state.budget.quiet,
            yields=uplink.yields,
        )

    def _kept(self) -> Kept:
        config, report = self._config, self._node.report
        oldest = [cam.footage_oldest_utc for cam in report.cams if cam.footage_oldest_utc] if report else []
        return Kept(
            days=config.retention.max_days,
            oldest_utc=min(oldest, default=None),
            events_only=config.footage.mode == "events",
            encrypted=config.evidence.encrypt_to is not None,
        )

    def _pause_now(self) -> PauseNow:
        section, now = self._config.household, self._node.pause.health()
        longest_s, per_day = (section.pause, section.pauses_per_day) if section else (0.0, 0)
        left = self._node.pause.left()
        return PauseNow(longest_s, left, per_day, now.until_utc if now else None, now.left_s if now else None)

    def _asked_for(self) -> tuple[AskedFor, ...]:
        """Out of the copy for everybody on this device, or the log where there is none. Read when it has changed."""
        copy = runtime_file(f"access-{self._config.node.id}.jsonl", self._config.node.data_dir)
        mark = self._mark(copy)
        if self._asked[0] != mark:
            self._asked = (mark, tuple(map(self._one_asked, self._records(copy))))
        return self._asked[1]

    def _mark(self, copy: Path | None) -> tuple[int, ...]:
        # Of the copy itself, which is written a moment after the log.
        try:
            found = copy.stat() if copy is not None else None
        except OSError:
            found = None
        if found is not None:
            return found.st_mtime_ns, found.st_ino, found.st_size
        tally = self._node.access.tally()
        return tally.records, hash(tally.head)

    def _records(self, copy: Path | None) -> list[Record]:
        try:
            lines = copy.read_bytes().splitlines(keepends=True) if copy is not None else None
        except OSError:
            lines = None
        read = self._node.access.records() if lines is None else map(parse, lines)
        found = [record for record in read if record is not None and record.action in (*FOOTAGE, *OWN)]
        return found[: -MOST_ASKED - 1 : -1]

    def _one_asked(self, record: Record) -> AskedFor:
        return AskedFor(
            at_utc=record.at_utc,
            sure=record.clock_trusted,
            what=ACTIONS.get(record.action, Text(en=record.action, vi=record.action)),
            camera=self._labels.get(record.cam, record.cam),
            from_utc=record.from_utc,
            to_utc=record.to_utc,
            by="" if record.action in OWN else record.by,
            case=record.case,
            reason=record.reason,
            given=record.result == GRANTED or record.action == "live_end",
            result=RESULTS.get(record.result, Text(en=record.result, vi=record.result)),
        )


def _state(cameras: list[str], paused: bool) -> str:
    if paused:
        return "paused"
    well = cameras.count("ok")
    if well == len(cameras):
        return "records"
    if well:
        return "partly"
    return "starting" if "starting" in cameras else "blind"


def _day(date: str, counts: dict[str, Count]) -> Day:
    messages, events = counts.get(MESSAGES, Count()), counts.get(EVENTS, Count())
    # Messages are counted as they are handed to the line, events as the broker has them.
    reports = Count(0, max(0, messages.bytes - events.bytes))
    found = {**counts, "reports": reports}
    return Day(date, tuple(SentKind(_kind(kind), *_pair(found.get(kind, Count()))) for kind in KINDS))


def _pair(count: Count) -> tuple[int, int]:
    return count.things, count.bytes


def _kind(told: str) -> Kind:
    return told if told in KINDS else "reports"
