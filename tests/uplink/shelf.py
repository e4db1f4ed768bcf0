"""A spool of one process: clips in a list, everything it is told in a log. Small, but keeps the spool's promises."""

import hashlib
import json
import random
from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path
from threading import Event

from agent.clock import FLOOR_WALL_NS, Clock, MediaClock
from agent.config.model import TlsSection, UplinkSection, UploadSection
from agent.errors import AgentError
from agent.uplink.doors import UploadDoors
from agent.uplink.governor import Governor, Household
from agent.uplink.ledger import DayLedger
from agent.uplink.login import Login
from agent.uplink.stats import LinkStats
from agent.uplink.upload import UploadJob, UploadLink
from agent.values import OutgoingClip, Rest

NS = 10**9
HANOI = timezone(timedelta(hours=7))


def make_clip(directory: Path, size: int, clip_id: str = "01JZ0000000000000000000001") -> OutgoingClip:
    data = random.Random(size).randbytes(size)
    path = directory / f"{clip_id}.mp4"
    path.write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    return OutgoingClip(clip_id, "gate", path, FLOOR_WALL_NS, FLOOR_WALL_NS + 5 * NS, size, digest)


class Shelf:
    """Keeps its clips' state in `file`, if given, as durably as the spool does."""

    def __init__(self, *clips: OutgoingClip, file: Path | None = None) -> None:
        self.clips = {clip.id: clip for clip in clips}
        self.log: list[str] = []
        self.errors: list[AgentError] = []
        self.rested: list[Rest] = []
        self._file = file
        if file is not None and file.exists():
            for clip_id, url in json.loads(file.read_text()).items():
                self.clips[clip_id] = replace(self.clips[clip_id], upload_url=url)

    def doors(self) -> UploadDoors:
        return UploadDoors(
            self.next, self.created, self.progress, self.acked, self.rejected, self.failed, self.rested.append
        )

    def next(self) -> OutgoingClip | None:
        return min(self.clips.values(), key=lambda clip: clip.attempts, default=None)

    def created(self, clip_id: str, url: str) -> None:
        self.log.append("created")
        self.clips[clip_id] = replace(self.clips[clip_id], upload_url=url, sent_bytes=0)
        if self._file is not None:
            self._file.write_text(json.dumps({clip.id: clip.upload_url for clip in self.clips.values()}))

    def progress(self, clip_id: str, sent: int) -> None:
        self.log.append(f"progress {sent}")
        self.clips[clip_id] = replace(self.clips[clip_id], sent_bytes=sent, attempts=0)

    def acked(self, clip_id: str, url: str) -> None:
        assert url == self.clips[clip_id].upload_url
        self.log.append("acked")
        del self.clips[clip_id]

    def rejected(self, clip_id: str, error: AgentError) -> None:
        self.log.append("rejected")
        self.errors.append(error)
        del self.clips[clip_id]

    def failed(self, clip_id: str) -> None:
        self.log.append("failed")
        self.clips[clip_id] = replace(self.clips[clip_id], attempts=self.clips[clip_id].attempts + 1)


def make_job(
    url: str,
    shelf: Shelf,
    *,
    tls: TlsSection | None = None,
    login: Login | None = None,
    stop: Event | None = None,
    stats: LinkStats | None = None,
    clock: Clock | None = None,
    uplink: UplinkSection | None = None,
    **section: object,
) -> UploadJob:
    """`uplink`: what the household allows; else everything, without looking at the line."""
    given = UploadSection.model_validate({"url": url, "timeout": "60s", "chunk": "256kB", **section})
    link = UploadLink("node-1", given, tls or TlsSection(), login)
    clock = clock or Clock()
    governor = make_governor(uplink or UplinkSection(yields=False), stats or LinkStats(), clock)
    return UploadJob(link, shelf.doors(), governor, stop or Event(), clock)


def make_governor(section: UplinkSection, stats: LinkStats, clock: Clock, file: Path | None = None) -> Governor:
    ledger = DayLedger(file, section.mb_per_day * 10**6, HANOI, clock)
    return Governor(Household(section, HANOI), stats, ledger, clock)


def run_dry(job: UploadJob, shelf: Shelf, limit: int = 200) -> None:
    """Run until the shelf is empty."""
    for _ in range(limit):
        if not shelf.clips:
            return
        job.run_once()
    raise AssertionError(f"still there after {limit} runs: {shelf.log[-5:]}")


class PacedStop(Event):
    """Waits on a media clock instead of in real time."""

    def __init__(self, clock: MediaClock) -> None:
        super().__init__()
        self.clock = clock
        self.waits: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout or 0.0)
        self.clock.advance(self.clock.mono_s() + (timeout or 0.0))
        return False
