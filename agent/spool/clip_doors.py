"""The doors of the spool that clips use: from the finished file to the server's last byte.

Rows change in one transaction together with the event's revision that tells of it; files are removed after their row.
How far an upload is stands in memory alone: after a restart the server tells.
"""

import sqlite3
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

from agent.clock import Clock
from agent.spool import cancelled, clips, files
from agent.spool.database import Database
from agent.spool.eviction import Bounds, evict
from agent.spool.lanes import EVERYTHING, LIVE_PER_OLD
from agent.spool.messages import count_loss
from agent.spool.recording import need_own_id
from agent.spool.trouble import storage_error
from agent.values import Clip, ClipWanted, LostClip, OutgoingClip

CALLED_OFF = 1000


class ClipDoors:
    """The clip half of `Spool`."""

    clips_directory: Path  # set by `Spool`

    def __init__(self, database: Database, bounds: Bounds, clock: Clock, news: Callable[[], None]) -> None:
        self._database = database
        self._bounds = bounds
        self._clock = clock
        self._news = news  # called after each change that gives the senders something to do
        self._sound: set[str] = set()  # clips whose sha256 was checked in this life
        self._sent: dict[str, int] = {}  # bytes that the server has, of clips on their way
        self._lost: deque[LostClip] = deque(maxlen=1000)
        self._clip_floor = EVERYTHING  # clips above it have come since the line came up
        self._live_in_a_row = 0
        self._wants_version = 0
        self._clips_version = 0
        self._queued: tuple[tuple[int, int], tuple[int, ...]] | None = None  # as of which version
        self._called_off: deque[str] = deque(maxlen=CALLED_OFF)  # wanted no more, perhaps while they are being cut

    def clip_ready(self, wanted: ClipWanted, clip: Clip | None) -> None:
        """The footage was cut (None: there was none): queue it, tell the event, want it no more. The file is on disk.

        What is then over the budget is dropped, the least important first. A manifest that cannot be read is counted.
        Raises Rejected when it is a job's, and its id an event's.
        """
        now = self._clock.now()
        manifest = files.manifest_of(clip) if clip is not None else None
        if clip is not None:
            self._label(clip)

        spare: list[OutgoingClip] = []

        def work(connection: sqlite3.Connection) -> list[OutgoingClip] | None:
            if wanted.id in self._called_off:
                return None
            need_own_id(connection, wanted)
            connection.execute("DELETE FROM wanted WHERE id = ?", (wanted.id,))
            if clip is None:
                clips.dropped(connection, wanted.id, "no footage", now)
                gone = []
            else:
                count_loss(connection, "manifest", int(clip.manifest is not None and manifest is None))
                clips.insert(connection, clip, manifest, now, now)
                spare[:] = cancelled.expire(connection, self._bounds.clip_bytes, now)
                gone = clips.evict(connection, self._bounds.clip_bytes, now)
            evict(connection, self._bounds)
            return gone

        gone = self._database.write(work)
        if gone is None:  # cancelled while it was being cut
            if clip is not None:
                files.discard_files(clip.path, clip.manifest)
            return
        self._finish(spare)
        self._finish(gone, "budget")
        self._wants_changed()
        if clip is None:
            self._lost.append(LostClip(wanted.id, "no footage"))

    def clip(self, clip_id: str) -> OutgoingClip | None:
        """One clip that waits here."""
        found = self._database.read(lambda connection: clips.load(connection, clip_id, self._clock.now()))
        return None if found is None else replace(found, sent_bytes=self._sent.get(clip_id, 0))

    def clips_ahead(self, priority: int) -> int:
        """How many finished clips wait that leave before, or with, one of this priority.

        Footage is cut just before it can leave: until then the ring is its store. See docs/design/spool.md.
        """
        known, is_now = self._queued, (self._clips_version, self._database.set_aside)
        if known is None or known[0] != is_now:
            known = self._queued = (is_now, self._database.read(clips.priorities))
        return bisect_right(known[1], priority)

    def clips_up_to(self, priority: int) -> tuple[OutgoingClip, ...]:
        """Finished clips that wait here, of this priority and those that go before it."""
        return self._database.read(lambda connection: clips.up_to(connection, priority, self._clock.now()))

    def lost_clips(self) -> tuple[LostClip, ...]:
        """Clips given up since the last call, for whoever tells jobs; counts and events are told already."""
        return tuple(self._lost.popleft() for _ in range(len(self._lost)))

    def next_clip(self) -> OutgoingClip | None:
        """The clip (or manifest) whose turn it is; its file is there and unchanged. Lost ones are rejected (I5)."""
        self._take_back()
        floor = EVERYTHING if self._live_in_a_row >= LIVE_PER_OLD else self._clip_floor
        while True:
            clip = self._database.read(lambda connection: clips.first(connection, floor, self._clock.now()))
            if clip is None:
                return None
            fault = files.fault_of(clip, whole=clip.id not in self._sound)
            if fault is None:
                self._sound.add(clip.id)
                return replace(clip, sent_bytes=self._sent.get(clip.id, 0))
            self.reject_clip(clip.id, fault)

    def clip_created(self, clip_id: str, url: str) -> None:
        """The server gave the upload a URL; it starts at zero."""
        self._sent.pop(clip_id, None)

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("UPDATE clips SET upload_url = ? WHERE id = ?", (url, clip_id))
            cancelled.created(connection, clip_id, url)

        self._database.write(work)

    def clip_progress(self, clip_id: str, sent_bytes: int) -> None:
        """The server has so many bytes; more than before clears the failed attempts. Nothing else is written."""
        if sent_bytes <= self._sent.get(clip_id, 0):
            return
        self._sent[clip_id] = sent_bytes
        clip = self.clip(clip_id)
        if clip is not None and clip.attempts:
            self._change_clip("attempts = 0", (clip_id,))

    def clip_failed(self, clip_id: str) -> None:
        """A try without progress. After a few of them the other clips get a turn."""
        self._change_clip("attempts = attempts + 1", (clip_id,))

    def ack_clip(self, clip_id: str, url: str) -> OutgoingClip | None:
        """The server has all of it: the event says so, the row goes, then the file (I4). The clip that was delivered.

        A manifest is noted beside its clip; its file stays until the clip has gone. None then.
        """
        now = self._clock.now()

        def work(connection: sqlite3.Connection) -> tuple[OutgoingClip | None, bool]:
            clip = clips.load(connection, clip_id, now)
            live = clips.came_after(connection, clip_id, self._clip_floor)
            if clip is not None:
                clips.uploaded(connection, clip, url, now)
                evict(connection, self._bounds)
            return clip, live

        clip, live = self._database.write(work, frees=True)
        self._sent.pop(clip_id, None)
        if clip is None or clip.parent is not None:
            return None
        self._live_in_a_row = self._live_in_a_row + 1 if live else 0
        self._finish([clip])
        return replace(clip, upload_url=url, sent_bytes=clip.bytes)

    def reject_clip(self, clip_id: str, reason: str) -> None:
        """It will never arrive: the event says why, the loss is counted, the row goes, then the file (I4).

        A manifest only is counted: its clip leaves without it.
        """
        now = self._clock.now()

        def work(connection: sqlite3.Connection) -> list[OutgoingClip]:
            clip = clips.load(connection, clip_id, now)
            if clip is None:
                return []
            if clip.parent is not None:
                clips.manifest_dropped(connection, clip_id)
                return []
            clips.dropped(connection, clip_id, reason, now)
            evict(connection, self._bounds)
            return [clip]

        self._finish(self._database.write(work, frees=True), reason)

    def _wants_changed(self, given_up: Collection[str] = ()) -> None:
        self._wants_version += 1
        self._lost.extend(LostClip(wanted_id, "budget") for wanted_id in given_up)

    def _change_clip(self, change: str, values: tuple[str | int, ...]) -> None:
        # `change` is one of the fixed assignments above, never input.
        self._database.write(
            lambda connection: connection.execute(f"UPDATE clips SET {change} WHERE id = ?", values)  # noqa: S608
        )

    def _take_back(self) -> None:
        # After a damaged database was set aside, at the start or just now: its clips are still on the disk.
        if not self._database.fresh:
            return
        found = [(item, files.manifest_of(item.clip)) for item in files.found_clips(self.clips_directory)]
        now = self._clock.now()

        def work(connection: sqlite3.Connection) -> None:
            for item, manifest in found:
                clips.insert(connection, item.clip, manifest, item.at, now)
            self._database.mark_settled(connection)

        self._database.write(work, frees=True)
        self._database.fresh = False
        self._clips_version += 1

    def _label(self, clip: Clip) -> None:
        try:
            files.write_label(clip, self._clock.now())
        except OSError as error:
            raise storage_error(error, clip.path) from error

    def _finish(self, gone: list[OutgoingClip], lost: str | None = None) -> None:
        for clip in gone:
            self._sound.difference_update((clip.id, f"{clip.id}.manifest"))
            self._sent.pop(clip.id, None)
            files.discard(clip)
            if lost is not None:
                self._lost.append(LostClip(clip.id, lost))
        self._clips_version += 1
        self._news()
