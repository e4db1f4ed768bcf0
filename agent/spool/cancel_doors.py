"""The doors of the spool through which jobs end early, and go on within a day. See `cancelled.py`."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace

from agent.clock import Moment
from agent.spool import cancelled, clips, events, files, messages
from agent.spool.clip_doors import ClipDoors
from agent.spool.recording import is_events
from agent.spool.trouble import storage_error
from agent.values import Clip, ClipWanted, Draft, OutgoingClip

Work = ClipWanted | OutgoingClip
SWEEP_EVERY_S = 60.0
ERASED = "erased"  # why a clip is no more


class CancelDoors(ClipDoors):
    """Thread-safe; each call one transaction. Raises StorageError."""

    _swept_s: float | None = None

    def find_job(self, job_id: str) -> Work | None:
        """Footage that waits to be cut, or a finished clip, of this id. An event's is no job."""
        now = self._clock.now()
        found = self._database.read(lambda connection: _work(connection, job_id, now))
        return replace(found, sent_bytes=self._sent.get(job_id, 0)) if isinstance(found, OutgoingClip) else found

    def cancel(self, job_id: str, told: Callable[[Work], Draft]) -> Work | None:
        """End it and tell so, in one step; None when it is over already, or was never there.

        A clip that is cut keeps its file, and its place at the server, for a day. One that is being cut just now is
        thrown away when it is finished.
        """
        now = self._clock.now()

        def work(connection: sqlite3.Connection) -> Work | None:
            found = _work(connection, job_id, now)
            if isinstance(found, OutgoingClip):
                found = replace(found, sent_bytes=self._sent.get(job_id, 0))
                cancelled.cancel(connection, job_id, now)
            elif found is not None:
                connection.execute("DELETE FROM wanted WHERE id = ?", (job_id,))
                self._called_off.append(job_id)
            if found is not None:
                messages.insert(connection, told(found))
            return found

        found = self._database.write(work, frees=True)
        if isinstance(found, OutgoingClip):
            self._clips_version += 1
            files.discard_label(found.path)  # whoever takes clips back in after a damage shall not find it
        self._wants_changed()
        self._news()
        return found

    def cancelled_clip(self, cam: str, span: tuple[int, int]) -> OutgoingClip | None:
        """One that was cancelled within the last day, asked for with the same times, and is still whole."""
        now = self._clock.now()
        found = self._database.read(lambda connection: cancelled.find(connection, cam, span, now))
        if found is None or files.fault_of(found, whole=False) is not None:
            return None
        return replace(found, sent_bytes=self._sent.get(found.id, 0))

    def go_on(self, clip: OutgoingClip, priority: int) -> None:
        """Queue a cancelled clip again; durable on return."""
        again = Clip(
            clip.id,
            clip.cam,
            clip.path,
            clip.start_ns,
            clip.end_ns,
            clip.bytes,
            clip.sha256,
            clip.gaps,
            priority,
            clip.manifest,
        )
        try:
            files.write_label(again, self._clock.now())
        except OSError as error:
            raise storage_error(error, clip.path) from error
        self._database.write(lambda connection: cancelled.revive(connection, clip.id, priority))
        self._clips_version += 1
        self._news()

    def sweep_cancelled(self) -> int:
        """Remove what was cancelled a day ago, and what the budget has no room for; looks once a minute."""
        now_s = self._clock.mono_s()
        if self._swept_s is not None and now_s - self._swept_s < SWEEP_EVERY_S:
            return 0
        self._swept_s = now_s
        now = self._clock.now()
        if not self._database.read(lambda connection: connection.execute("SELECT 1 FROM cancelled LIMIT 1").fetchone()):
            return 0
        budget = self._bounds.clip_bytes
        gone = self._database.write(lambda connection: cancelled.expire(connection, budget, now), frees=True)
        for clip in gone:
            self._sent.pop(clip.id, None)
            files.discard(clip)
        return len(gone)


class EraseDoors(CancelDoors):
    """All that shows people goes; what is said of it stays. For a start at which footage is to be erased."""

    def erase_footage(self, told: Callable[[str], Draft | None], last: Draft) -> None:
        """Clips, finished or wanted, and thumbnails are forgotten, counted and told; then no byte of them is in a file.

        `told` gives the message of a job that ends so. Safe to be done again. Raises StorageError.
        """
        now = self._clock.now()

        def work(connection: sqlite3.Connection) -> None:
            ids = [row["id"] for row in connection.execute("SELECT id FROM clips WHERE kind = ?", (clips.CLIP,))]
            ids += [row["id"] for row in connection.execute("SELECT id FROM wanted")]
            for clip_id in ids:
                connection.execute("DELETE FROM wanted WHERE id = ?", (clip_id,))
                clips.dropped(connection, clip_id, ERASED, now)
                draft = told(clip_id)
                if draft is not None:
                    messages.insert(connection, draft)
            thumbs = connection.execute("DELETE FROM messages WHERE role = ?", (int(messages.Role.THUMB),)).rowcount
            messages.count_loss(connection, "thumb", thumbs)
            connection.execute("DELETE FROM clips")
            connection.execute("DELETE FROM cancelled")
            connection.execute("DELETE FROM asked")
            messages.insert(connection, last)

        self._database.write(work, frees=True)
        self._database.scrub()
        self._clips_version += 1
        self._wants_changed()
        try:
            files.sweep(self.clips_directory, ())
        except OSError as error:
            raise storage_error(error, self.clips_directory) from error


def _work(connection: sqlite3.Connection, job_id: str, now: Moment) -> Work | None:
    if is_events(connection, job_id):
        return None  # whatever requests bore its id
    clip = clips.load(connection, job_id, now)
    return clip if clip is not None and clip.parent is None else events.load_wanted(connection, job_id)
