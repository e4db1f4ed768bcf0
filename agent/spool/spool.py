"""The one durability boundary: what must reach the ward is on the disk before anyone is told so, and leaves it only
after the ward has it. See docs/design/spool.md for the invariants that the numbers (I1…) name.

Doors only: each method is one transaction, then, with no lock held, what it means for files.
"""

import sqlite3
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from agent.clock import Clock
from agent.config.model import SpoolSection
from agent.errors import StorageError
from agent.spool import cancelled, clips, events, files, messages, recording
from agent.spool.cancel_doors import EraseDoors
from agent.spool.database import Database
from agent.spool.eviction import Bounds, evict
from agent.spool.lanes import EVERYTHING, Turn, waiting
from agent.spool.messages import Place, Role
from agent.spool.report import state_of
from agent.spool.trouble import storage_error
from agent.values import ClipWanted, Draft, OutgoingMessage, SpoolState

THUMB = Place(Role.THUMB)
SENDING_S = 5.0  # somebody asked for messages within this: the line is up


class Spool(EraseDoors):
    """Opened once per process; safe to use from any thread. All methods raise StorageError when the disk fails.

    Opening sets a damaged database aside and takes its clips back in, and sweeps files that no row names. A clip must
    be made inside `clips_directory`. `news` is called after each change that gives the senders something to do.
    """

    def __init__(
        self, directory: Path, section: SpoolSection, clock: Clock, news: Callable[[], None] = lambda: None
    ) -> None:
        super().__init__(Database(directory / "spool.db", clock), Bounds.of(section), clock, news)
        self._floor = EVERYTHING  # messages above it have come since the line came up
        self._turn = Turn()
        self._asked_s: float | None = None
        self._wishes: tuple[tuple[int, int], tuple[ClipWanted, ...]] | None = None  # as of which version
        self.clips_directory = directory / "clips"
        self._recover()

    @property
    def set_aside(self) -> int:
        """Damaged databases replaced since installation."""
        return self._database.set_aside

    def close(self) -> None:
        """Close the database; last of all."""
        self._database.close()

    # Messages

    def put(self, draft: Draft) -> None:
        """Keep one message (I1). Raises ValueError for a body or topic that could never be sealed."""
        self.put_all((draft,))

    def put_all(self, drafts: Iterable[Draft]) -> None:
        """Keep several, all or none."""

        kept = tuple(drafts)

        def work(connection: sqlite3.Connection) -> None:
            for draft in kept:
                messages.insert(connection, draft, THUMB if draft.binary else messages.PLAIN)
            evict(connection, self._bounds)

        self._database.write(work)
        self._news()

    def connected(self) -> None:
        """The line came up: what waits now is old, and what comes from here on overtakes it."""

        def work(connection: sqlite3.Connection) -> tuple[int, int]:
            return messages.last_row(connection), clips.last_row(connection)

        self._floor, self._clip_floor = self._database.read(work)
        self._live_in_a_row = 0

    def pending(self, limit: int, skip: Collection[int] = ()) -> tuple[OutgoingMessage, ...]:
        """Up to `limit` sealed messages, the next to send first, without the rows in `skip` (those in flight)."""
        now = self._clock.now()
        self._asked_s = self._clock.mono_s()
        rows = self._database.read(lambda connection: waiting(connection, limit, skip, self._floor, self._turn))
        stale = [row["row"] for row in rows if messages.expired(row, now)]
        starts = [row["row"] for row in rows if row["role"] == Role.START and not row["handed"]]
        good, damaged = [], []
        for row in rows:
            try:
                if row["row"] not in stale:
                    good.append(messages.sealed(row, self._clock))
            except ValueError:
                damaged.append(row["row"])
        if stale or damaged or starts:
            self._note(stale, damaged, starts)
        return tuple(good)

    def ack(self, rows: Iterable[int]) -> None:
        """The broker has these; unknown rows are no error. Works on a full disk (I6)."""
        gone = tuple(rows)
        self._database.write(lambda connection: messages.remove(connection, gone), frees=True)

    def waits(self, priority: int) -> bool:
        """Does any message of this priority, or of those before it, wait?"""
        found = self._database.read(
            lambda connection: connection.execute(
                "SELECT 1 FROM messages WHERE priority <= ? LIMIT 1", (priority,)
            ).fetchone()
        )
        return found is not None

    def waiting_for(self, topic: str) -> bool:
        """Does any message to this topic wait?"""
        found = self._database.read(
            lambda connection: connection.execute("SELECT 1 FROM messages WHERE topic = ? LIMIT 1", (topic,)).fetchone()
        )
        return found is not None

    # Events and the footage they want

    def record(self, found: Iterable[recording.Found], how: recording.Recording, losses: int = 0) -> None:
        """Keep what vision found, all or none (I1, I2). `losses`: dropped on the way here since the last time."""

        items, now = tuple(found), self._clock.now()
        state = recording.Now(now, self.set_aside, self._sending())

        def work(connection: sqlite3.Connection) -> list[str]:
            messages.count_loss(connection, "outbox", losses)
            for item in items:
                recording.record(connection, item, how, state)
            gone = clips.evict_wanted(connection, clips.MOST_WANTED, now)
            evict(connection, self._bounds)
            return gone

        self._wants_changed(self._database.write(work))
        self._news()

    def close_interrupted(self) -> int:
        """End the events of an earlier life; call once, before vision starts. The number of them (I3)."""
        now = self._clock.now()

        def work(connection: sqlite3.Connection) -> int:
            left_open = events.open_events(connection)
            for event_id in left_open:
                events.interrupt(connection, event_id, now)
            evict(connection, self._bounds)
            return len(left_open)

        # As what frees room: on a full disk the reserve must do, or the node could not even start to say so.
        number = self._database.write(work, frees=True)
        self._wants_changed()
        return number

    def want(self, wanted: ClipWanted) -> None:
        """Ask for footage that no event asked for (a job). Raises Rejected when its id is an event's."""
        now = self._clock.now()

        def work(connection: sqlite3.Connection) -> list[str]:
            recording.need_own_id(connection, wanted)
            events.want(connection, wanted)
            cancelled.note_asked(connection, wanted)
            return clips.evict_wanted(connection, clips.MOST_WANTED, now)

        self._wants_changed(self._database.write(work))

    def wanted(self) -> tuple[ClipWanted, ...]:
        """Footage to cut, the most important first."""
        known, is_now = self._wishes, (self._wants_version, self.set_aside)
        if known is None or known[0] != is_now:
            # Asked every two seconds, changed by events: read when it may have changed.
            known = self._wishes = (is_now, self._database.read(events.all_wanted))
        return known[1]

    # Bookkeeping

    def note_retained(self, topic: str) -> None:
        """This node published a retained message on `topic`, past the spool."""
        self._database.write(
            lambda connection: connection.execute("INSERT OR IGNORE INTO retained_topics VALUES (?)", (topic,))
        )

    def retained(self) -> tuple[str, ...]:
        """Every topic on which this node may have left a retained message."""
        return self._database.read(
            lambda connection: tuple(
                row["topic"] for row in connection.execute("SELECT topic FROM retained_topics ORDER BY topic")
            )
        )

    def forget_retained(self, topics: Iterable[str]) -> None:
        """They were cleared at the broker."""
        cleared = [(topic,) for topic in topics]
        self._database.write(
            lambda connection: connection.executemany("DELETE FROM retained_topics WHERE topic = ?", cleared),
            frees=True,
        )

    def state(self) -> SpoolState:
        """What waits and what was lost."""
        now = self._clock.now()
        return self._database.read(lambda connection: state_of(connection, now, self.set_aside))

    def _sending(self) -> bool:
        return self._asked_s is not None and self._clock.mono_s() - self._asked_s < SENDING_S

    def _note(self, stale: list[int], damaged: list[int], starts: list[int]) -> None:
        def work(connection: sqlite3.Connection) -> None:
            messages.remove(connection, stale + damaged)
            messages.count_loss(connection, "expired", len(stale))
            messages.count_loss(connection, "damaged", len(damaged))
            messages.mark_handed(connection, starts)

        try:
            self._database.write(work, frees=True)
        except StorageError as error:
            # Sending is what makes room again; the mark only matters for an eviction after a crash just now.
            if error.code != "disk_full":
                raise

    def _recover(self) -> None:
        try:
            self.clips_directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._take_back()
            known = self._database.read(clips.paths)
            files.sweep(self.clips_directory, known)
        except OSError as error:
            raise storage_error(error, self.clips_directory) from error
