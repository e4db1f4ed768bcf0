"""Footage of all cameras: written as segments, found, cut, expired, recovered.

Thread-safe for one writer and several readers: `write`, `expire` in one thread; the rest anywhere.
"""

import errno
import logging
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import av

from agent.clock import Clock
from agent.config.model import FootageSection
from agent.durable import disk_error
from agent.errors import StorageError
from agent.footage.copying import copied
from agent.footage.dates import Belief, Dates
from agent.footage.evictions import Evictions
from agent.footage.index import Index
from agent.footage.library import Library, Shelf
from agent.footage.recovery import Progress, Recovery, adopt, make_room, open_index, recover
from agent.footage.retention import Retention
from agent.footage.sealing import Sealer, Sealing, newest_sealed
from agent.footage.segment import SegmentWriter
from agent.footage.stored import Stored, is_before, newest_of
from agent.footage.track import Track
from agent.values import ClipWanted, FootageState, OutgoingClip, Packet, Segment, Trouble

if TYPE_CHECKING:
    from agent.footage.vault import Vault

log = logging.getLogger(__name__)
STEP_NS = 10**9  # a wall clock that moved by less has not been set anew
LEARN_EVERY_S = 60.0  # each time is a write to the card


@dataclass(frozen=True, slots=True)
class Hooks:
    """What others add: the newest trouble of a camera, as the cause of a gap; who hears how far a recovery is."""

    trouble: Callable[[str], Trouble | None] = lambda cam: None
    progress: Progress = lambda done, total: None
    belief: Callable[[], Belief] | None = None  # what the clock is good for, where another footage knows more of it
    begins: str = "restart"  # why the first segments do not join what is there
    # Bytes: a segment of so many ends with its group of pictures, and what is being written counts against the budget.
    largest: int | None = None
    vault: "Vault | None" = None  # encrypts what is written, if it locks, and opens it


class Footage:
    """Opening recovers what a crash left behind (`recovery` tells). Raises StorageError throughout.

    All bounds are handed in, and nothing outside `directory` is touched: a second one may stand beside it.
    """

    def __init__(
        self, directory: Path, section: FootageSection, max_days: float, clock: Clock, hooks: Hooks | None = None
    ) -> None:
        self._directory = directory
        self._section = section
        self._clock = clock
        self._hooks = hooks or Hooks()
        self._opened_ns = clock.now().mono_ns
        self._tracks: dict[str, Track] = {}
        self._lock = threading.Lock()  # of _tracks only
        self._sealing = Sealing()
        self._learnt_s: float | None = None
        self.finished = 0  # segments, since the start
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            directory.chmod(0o700)
            self._dates = Dates(directory)
        except OSError as error:
            raise disk_error(error, directory) from error
        self._retention = Retention(directory, section, max_days, self._dates)
        self._retention.witness = self._hooks.belief
        if self._hooks.largest is not None:
            self._retention.unfinished = self._unfinished
        self._index, self.recovery = self._open()
        self._evictions = Evictions(self._index.told())
        self.look()

    @property
    def library(self) -> Library:
        """What is there, for reading; and holds."""
        shelf = Shelf(self._directory, self._section, self._dates, self._evictions, self._hooks.vault)
        return Library(self._index, shelf, self._clock, self._sealing.prove)

    @property
    def damaged(self) -> bool:
        """Must the index be mended?"""
        return self._index.damaged

    def seal_with(self, sealer: Sealer, beside: Iterable[Stored] = ()) -> None:
        """From now on each segment is sealed into the chain of its camera; for the writing thread. A file that is
        being written carries no seal.

        A chain goes on from its newest segment, here or `beside`. Raises StorageError.
        """
        others = list(beside)
        epochs = [other.segment.seal.epoch for other in others if other.segment.seal]
        self._sealing.begin(sealer, max([self._index.newest_epoch(), *epochs]))
        self._resume_chains()
        own = newest_of(self._index.scan()) if others else {}
        for other in others:
            mine = own.get(other.segment.cam)
            same_boot = mine is not None and mine.segment.start.boot_id == other.segment.start.boot_id
            if mine is None or (same_boot and is_before(mine, other)):
                self._sealing.resume(other)

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
        self._index.abandon()
        self._index, self.recovery = self._open(damaged=True)
        self._index.tell(self._evictions.texts())
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
        track.dropped += lost
        try:
            self._write(track, packet, lost)
        except StorageError:
            track.dropped += 1
            raise

    def settle(self) -> None:
        """Finish segments whose camera has fallen silent, so that they can be found."""
        now_s = self._clock.mono_s()
        for track in self._all_tracks():
            if track.writer is not None and now_s - track.last_s > self._section.segment:
                self._finish(track, track.silent())
                track.waiting = True

    def ready(self, wanted: ClipWanted) -> bool:
        """Is all of its footage on disk, or is it due: by the clock, or because it was wanted before a restart?"""
        return self.library.ready(wanted)

    def pin(self, wanted: Sequence[ClipWanted]) -> None:
        """These ranges will be cut: keep their footage while that is possible."""
        self._retention.mark(wanted)

    def delivered(self, clip: OutgoingClip) -> None:
        """The ward has it: its footage goes first, once it is in the older half."""
        self._retention.delivered(clip.cam, clip.start_ns, clip.end_ns)

    def expire(self) -> int:
        """Remove what is over the budget, in the way of the free space, or too old; returns how many segments."""
        return self._retention.expire(self._index, self._evictions, self._clock.now())

    def enter(self) -> None:
        """Write the rows of finished segments that are only in memory yet. After an error they still are."""
        self._index.enter()

    def look(self) -> Belief:
        """What the wall clock is good for now."""
        return self._retention.look(self._index, self._clock.now())

    def redate(self, clock: Clock) -> int:
        """Date this boot's footage by the clock as it is now, if it is right and has been set since the last time.

        Returns how many segments that were.
        """
        now = clock.now()
        offset_ns, known_ns = now.wall_ns - now.mono_ns, self._dates.offset(now.boot_id)
        if not self.look().dates or (known_ns is not None and abs(offset_ns - known_ns) < STEP_NS):
            return 0
        if self._learnt_s is not None and 0 <= now.mono_s - self._learnt_s < LEARN_EVERY_S:
            return 0
        self._learnt_s = now.mono_s
        try:
            self._dates.learn(now.boot_id, offset_ns, self._index.ends())
        except OSError as error:
            raise disk_error(error, self._directory) from error
        return sum(one.count for one in self._index.boots() if one.boot_id == now.boot_id)

    def state(self, cam: str) -> FootageState:
        """One camera's footage since the start: `expected_s = recorded_s + gap_s` and what is in flight."""
        totals = self._index.totals(cam)
        evicted = self._evictions.counts(cam)
        state = replace(self._track(cam).state(cam), oldest_ns=totals.oldest_ns, bytes=totals.bytes)
        return replace(state, evicted=evicted, head=self._sealing.head(cam))

    def knows(self, boot_id: str) -> bool:
        """Is there footage of this boot?"""
        return boot_id in self._index.ends()

    def rows(self) -> Iterator[Stored]:
        """Every finished segment, in the order of recording."""
        return self._index.scan()

    def take(self, stored: Stored, gap_cause: str | None) -> Stored:
        """A durable copy of another footage's segment becomes one of this, with the same seal."""
        try:
            path = copied(stored.path, self._folder(stored.segment.cam))
        except OSError as error:
            raise disk_error(error, self._directory) from error
        return self._index.add(replace(stored, segment=replace(stored.segment, id=0, path=path, gap_cause=gap_cause)))

    def drop(self, rows: Sequence[Stored]) -> None:
        """Let go of segments that another footage has taken; they do not count as removed."""
        self._index.remove(rows)
        try:
            for stored in rows:
                stored.path.unlink(missing_ok=True)
        except OSError as error:
            raise disk_error(error, self._directory) from error

    def finish(self) -> None:
        """Finish all open segments, as at the end."""
        for track in self._all_tracks():
            self._finish(track, "restart")

    def close(self) -> None:
        """Finish what is open, then the index."""
        try:
            self.finish()
        finally:
            self._index.close()

    def _open(self, damaged: bool = False) -> tuple[Index, Recovery]:
        try:
            make_room(self._directory)
            index, rebuilt = open_index(self._directory, self._dates, self._clock, damaged)
            recovery = recover(self._directory, index, self._dates, rebuilt, self._hooks.progress)
        except OSError as error:
            raise disk_error(error, self._directory) from error
        except sqlite3.OperationalError as error:
            code = errno.ENOSPC if "full" in str(error) else errno.EIO
            raise disk_error(OSError(code, str(error)), self._directory) from error
        log.info("footage opened: %s", recovery)
        return index, recovery

    def _write(self, track: Track, packet: Packet, lost: int) -> None:
        if lost:
            self._finish(track, "dropped")
            track.waiting, track.lost = True, "dropped"
        parted = track.parted(packet)
        if parted is not None:
            self._finish(track, parted)
            track.waiting = True
        if track.writer is not None and packet.key and self._is_full(track.writer):
            self._finish(track, None)
        if track.waiting and not packet.key:
            track.dropped += 1
            return
        try:
            if track.writer is None:
                track.begins()
                track.writer = self._begun(packet, self._cause(track, packet))
                track.waiting = False
            else:
                track.writer.write(packet)
        except (OSError, av.FFmpegError) as error:
            self._fail(track)
            raise disk_error(error, self._directory) from error
        track.took(packet)
        track.last_s = self._clock.mono_s()

    def _is_full(self, writer: SegmentWriter) -> bool:
        largest = self._hooks.largest
        return writer.duration_s >= self._section.segment or (largest is not None and writer.bytes >= largest)

    def _begun(self, packet: Packet, cause: str | None) -> SegmentWriter:
        if packet.at.trusted and not self._retention.belief.dates:
            # The boot before contradicts the clock: what the file says of its date must not be believed later.
            packet = replace(packet, at=replace(packet.at, trusted=False))
        vault = self._hooks.vault
        locks = vault if vault is not None and vault.locks else None
        return SegmentWriter(self._folder(packet.cam), packet, cause, self._sealing.mark(packet.cam), locks)

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
            stored = writer.finish()
        except (OSError, av.FFmpegError) as error:
            track.writer = writer
            self._fail(track)
            raise disk_error(error, self._directory) from error
        track.last_run = stored.segment.run
        self._sealing.took(stored)
        self._index.add(stored)
        self.finished += 1

    def _resume_chains(self) -> None:
        newest: dict[str, Stored] = {}
        for cam in {one.cam for one in self._index.boots()}:
            last = self._index.newest(cam)
            if last is not None:  # it may have been taken over late
                start = last.segment.start
                other = self._index.last_in_chain(cam, start.boot_id)
                newest[cam] = other if other and other.segment.start.mono_ns > start.mono_ns else last
        unsealed = any(one.segment.seal is None for one in newest.values())  # for a while there was no key
        if unsealed or self.recovery.index_rebuilt:  # by file names, which tell the order of boots without a date badly
            newest = newest_sealed(self._index.scan())
        for stored in newest.values():
            self._sealing.resume(stored)

    def _fail(self, track: Track) -> None:
        # What the disk took before it failed is kept, as after a crash.
        writer, track.writer = track.writer, None
        track.waiting, track.gap_cause = True, "storage_error"
        if writer is None:
            return
        writer.abandon()
        left: Segment | None = None
        try:
            stored = adopt(writer.part)
            if stored is None:
                writer.part.unlink(missing_ok=True)
            else:
                self._index.add(stored)
                self.finished += 1
                left, track.last_run = stored.segment, stored.segment.run
                self._sealing.took(stored)
        except (OSError, av.FFmpegError, StorageError) as error:
            log.warning("an interrupted segment waits for the next start: %s", error)
        track.kept(left)

    def _unfinished(self) -> int:
        return sum(track.writer.bytes for track in self._all_tracks() if track.writer is not None)

    def _folder(self, cam: str) -> Path:
        folder = self._directory / cam
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def _track(self, cam: str) -> Track:
        with self._lock:
            if cam not in self._tracks:
                track = Track(self._clock, self._opened_ns, lambda: self._hooks.trouble(cam))
                track.gap_cause = self._hooks.begins
                self._tracks[cam] = track
            return self._tracks[cam]

    def _all_tracks(self) -> list[Track]:
        with self._lock:
            return list(self._tracks.values())
