"""Footage of all cameras: written as segments, found, cut, expired, recovered.

Thread-safe for one writer and several readers: `write`, `expire` in one thread; the rest anywhere.
"""

import errno
import logging
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import av

from agent.clock import Clock
from agent.config.model import FootageSection
from agent.durable import disk_error
from agent.errors import StorageError
from agent.footage.index import Index
from agent.footage.library import Library
from agent.footage.recovery import Boots, Recovery, adopt, make_room, open_index, recover
from agent.footage.ring import AgeLimit, Room, over_budget, room_in
from agent.footage.sealing import Sealer, Sealing
from agent.footage.segment import SegmentWriter
from agent.footage.stored import Stored
from agent.footage.track import Track
from agent.values import ClipWanted, FootageState, Packet, Segment, Trouble

log = logging.getLogger(__name__)
BATCH = 256
DAY_S = 86_400.0
AGE_EVERY_S = 300.0  # looking for what is too old reads every row


class Footage:
    """Opening recovers what a crash left behind (`recovery` tells). Raises StorageError throughout.

    `trouble` tells the newest trouble of a camera, as the cause of a gap.
    """

    def __init__(
        self,
        directory: Path,
        section: FootageSection,
        max_days: float,
        clock: Clock,
        trouble: Callable[[str], Trouble | None] = lambda cam: None,
    ) -> None:
        self._directory = directory
        self._section = section
        self._clock = clock
        self._trouble = trouble
        self._opened_ns = clock.now().mono_ns
        self._tracks: dict[str, Track] = {}
        self._wanted: tuple[ClipWanted, ...] = ()
        self._unindexed: list[Stored] = []  # touched by the writing thread only
        self._age = AgeLimit(max_days * DAY_S)
        self._lock = threading.Lock()  # of _tracks only
        self._sealing = Sealing()
        self._aged_s: float | None = None
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            directory.chmod(0o700)
            self._boots = Boots(directory)
        except OSError as error:
            raise disk_error(error, directory) from error
        self._index, self.recovery = self._open()

    @property
    def library(self) -> Library:
        """What is there, for reading."""
        return Library(self._index, self._sealing.prove)

    def seal_with(self, sealer: Sealer) -> None:
        """From now on each segment is sealed into the chain of its camera; called before the first `write`."""
        self._sealing.begin(sealer)
        self._resume_chains()

    def mend(self) -> None:
        """Make the index again if it was found damaged while running; for the writing thread."""
        if not self._index.damaged:
            return
        open_at: dict[str, int] = {}
        for track in self._all_tracks():
            if track.writer is not None:
                track.writer.abandon()
                open_at[track.writer.label.cam] = track.writer.label.start.mono_ns
                track.writer, track.waiting, track.gap_cause = None, True, "storage_error"
        self._unindexed.clear()
        self._index.close()
        self._index, self.recovery = self._open(damaged=True)
        self._resume_chains()
        for cam, start_ns in open_at.items():
            newest = self._index.newest(cam)
            adopted = newest is not None and newest.segment.start.mono_ns == start_ns
            self._track(cam).kept(newest.segment if newest is not None and adopted else None)

    def write(self, packet: Packet, lost: int = 0) -> None:
        """One packet of a main stream; `lost` packets of the same camera were dropped just before it.

        Raises StorageError; the packet is then counted as dropped and recording resumes at the next key frame.
        """
        track = self._track(packet.cam)
        if lost:
            self._finish(track, "dropped")
            track.dropped += lost
            track.waiting, track.lost = True, "dropped"
        if track.writer is not None and not track.writer.joins(packet):
            self._finish(track, "reconnect" if packet.run != track.writer.label.run else "format_changed")
            track.waiting = True
        if track.writer is not None and packet.key and track.writer.duration_s >= self._section.segment:
            self._finish(track, None)
        if track.waiting and not packet.key:
            track.dropped += 1
            return
        try:
            if track.writer is None:
                track.begins()
                mark = self._sealing.mark(packet.cam)
                track.writer = SegmentWriter(self._folder(packet.cam), packet, self._cause(track, packet), mark)
                track.waiting = False
            else:
                track.writer.write(packet)
        except (OSError, av.FFmpegError) as error:
            track.dropped += 1
            self._fail(track)
            raise disk_error(error, self._directory) from error
        track.took(packet)
        track.last_s = self._clock.mono_s()

    def settle(self) -> None:
        """Finish segments whose camera has fallen silent, so that they can be found."""
        now_s = self._clock.mono_s()
        for track in self._all_tracks():
            if track.writer is not None and now_s - track.last_s > self._section.segment:
                self._finish(track, "camera_lost")
                track.waiting = True

    def ready(self, wanted: ClipWanted) -> bool:
        """Is all of its footage on disk, or is it due: by the clock, or because it was wanted before a restart?"""
        now = self._clock.now()
        if wanted.due.boot_id != now.boot_id or now.mono_ns >= wanted.due.mono_ns:
            return True
        end = self.library.covered_until(wanted.cam)
        return end is not None and end.boot_id == wanted.end.boot_id and end.mono_ns >= wanted.end.mono_ns

    def pin(self, wanted: Sequence[ClipWanted]) -> None:
        """These ranges will be cut: keep their footage while that is possible."""
        self._wanted = tuple(wanted)

    def expire(self) -> int:
        """Remove what is over the budget, in the way of the free space, or too old; returns how many segments."""
        now = self._clock.now()
        removed = 0
        if self._aged_s is None or now.mono_s - self._aged_s >= AGE_EVERY_S:
            self._aged_s = now.mono_s
            for cam in self._cameras():
                victims = self._age.too_old(self._index.all(cam), now)
                self._remove(victims)
                removed += len(victims)
        while True:
            batch = over_budget(self._index.oldest(BATCH), self._room(), self._wanted)
            self._remove(batch)
            removed += len(batch)
            if len(batch) < BATCH:
                self._enter()
                return removed

    def redate(self, clock: Clock) -> int:
        """The clock has become right: date this boot's footage by it. Returns how many segments were re-dated."""
        now = clock.now()
        if not now.trusted:
            return 0
        try:
            self._boots.learn(now.boot_id, now.wall_ns - now.mono_ns)
        except OSError as error:
            raise disk_error(error, self._directory) from error
        return self._index.redate(now.boot_id, now.wall_ns - now.mono_ns)

    def state(self, cam: str) -> FootageState:
        """One camera's footage since the start: `expected_s = recorded_s + gap_s` and what is in flight."""
        totals = self._index.totals(cam)
        return replace(self._track(cam).state(cam), oldest_ns=totals.oldest_ns, bytes=totals.bytes)

    def close(self) -> None:
        """Finish what is open, then the index."""
        try:
            for track in self._all_tracks():
                self._finish(track, "restart")
        finally:
            self._index.close()

    def _open(self, damaged: bool = False) -> tuple[Index, Recovery]:
        try:
            make_room(self._directory)
            index, rebuilt = open_index(self._directory, self._clock, damaged)
            with index.together():
                recovery = recover(self._directory, index, self._boots, rebuilt)
        except OSError as error:
            raise disk_error(error, self._directory) from error
        except sqlite3.OperationalError as error:
            code = errno.ENOSPC if "full" in str(error) else errno.EIO
            raise disk_error(OSError(code, str(error)), self._directory) from error
        log.info("footage opened: %s", recovery)
        return index, recovery

    def _cause(self, track: Track, packet: Packet) -> str | None:
        if track.gap_cause is None and track.last_run not in (None, packet.run):
            return "reconnect"
        return track.gap_cause

    def _finish(self, track: Track, next_cause: str | None) -> None:
        writer, track.writer = track.writer, None
        if writer is None:
            track.gap_cause = track.gap_cause or next_cause
            return
        track.gap_cause = next_cause
        try:
            stored = self._boots.dated(writer.finish())
        except (OSError, av.FFmpegError) as error:
            track.writer = writer
            self._fail(track)
            raise disk_error(error, self._directory) from error
        track.last_run = stored.segment.run
        self._sealing.took(stored)
        self._unindexed.append(stored)
        self._enter()

    def _resume_chains(self) -> None:
        for cam in self._cameras():
            newest = self._index.newest(cam)
            if newest is not None and newest.segment.seal is None:  # for a while there was no key
                newest = next((one for one in reversed(self._index.all(cam)) if one.segment.seal), None)
            self._sealing.resume(newest)

    def _enter(self) -> None:
        # A file whose row found no space is whole all the same: its row is tried again with the next one.
        while self._unindexed:
            self._index.add(self._unindexed[0])
            del self._unindexed[0]

    def _fail(self, track: Track) -> None:
        # What the disk took before it failed is kept, as after a crash.
        writer, track.writer = track.writer, None
        track.waiting, track.gap_cause = True, "storage_error"
        if writer is None:
            return
        writer.abandon()
        left: Segment | None = None
        try:
            stored = adopt(writer.part, self._index, self._boots)
            if stored is None:
                writer.part.unlink(missing_ok=True)
            else:
                left, track.last_run = stored.segment, stored.segment.run
                self._sealing.took(stored)
        except (OSError, av.FFmpegError, StorageError) as error:
            log.warning("an interrupted segment waits for the next start: %s", error)
        track.kept(left)

    def _remove(self, victims: Sequence[Stored]) -> None:
        # Rows first: a file without a row is found at the next start, a row without a file would promise footage.
        # But on a full disk even removing a row needs space, which only the files can give.
        rows = [one.segment.id for one in victims]
        try:
            self._index.remove(rows)
        except StorageError as error:
            if error.code != "disk_full":
                raise
            self._unlink(victims)
            self._index.remove(rows)
        self._unlink(victims)

    def _unlink(self, victims: Sequence[Stored]) -> None:
        try:
            for one in victims:
                one.path.unlink(missing_ok=True)
        except OSError as error:
            raise disk_error(error, self._directory) from error

    def _room(self) -> Room:
        return room_in(self._directory, self._index.totals().bytes, self._section)

    def _folder(self, cam: str) -> Path:
        folder = self._directory / cam
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def _cameras(self) -> list[str]:
        try:
            return sorted(folder.name for folder in self._directory.iterdir() if folder.is_dir())
        except OSError as error:
            raise disk_error(error, self._directory) from error

    def _track(self, cam: str) -> Track:
        with self._lock:
            if cam not in self._tracks:
                self._tracks[cam] = Track(self._clock, self._opened_ns, lambda: self._trouble(cam))
            return self._tracks[cam]

    def _all_tracks(self) -> list[Track]:
        with self._lock:
            return list(self._tracks.values())
