"""Footage as those see it who only read: what is there of a stretch of time, and the stretch as one clip; and holds."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import av

from agent.clock import NS, Clock, Moment
from agent.config.storage import FootageSection
from agent.durable import disk_error
from agent.footage.cut import cut
from agent.footage.dates import Dates
from agent.footage.evictions import NOT_KEPT, Evictions, expired_told
from agent.footage.holds import Held, Holds, check_share, check_wish
from agent.footage.index import Index
from agent.footage.listing import NO_GAP_NS, Kept, listed
from agent.footage.locked import BUNDLE, CLIP, is_locked
from agent.footage.ranges import Ranges
from agent.footage.stored import Stored, joined
from agent.values import Clip, ClipWanted, FootageFound, FootageList, Gap, Hold, Segment, Used

if TYPE_CHECKING:
    from agent.footage.vault import Vault

Prove = Callable[[Clip, tuple[Used, ...]], Clip]  # gives a clip its manifest


def unproved(clip: Clip, _: tuple[Used, ...]) -> Clip:
    """Without a device key."""
    return clip


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where footage lies and what is known of it."""

    directory: Path
    section: FootageSection
    dates: Dates
    evictions: Evictions
    vault: "Vault | None" = None  # opens what is encrypted, and encrypts clips if it locks


class Library:
    """Thread-safe. Raises StorageError throughout."""

    def __init__(self, index: Index, shelf: Shelf, clock: Clock, prove: Prove = unproved) -> None:
        self._index = index
        self._shelf = shelf
        self._clock = clock
        self._prove = prove
        self._holds = Holds(shelf.directory)
        self._beside: Library | None = None
        self._since_ns: int | None = None

    def beside(self, other: "Library", since_ns: int | None) -> "Library":
        """This one and `other`, whose ring lies in memory, as one; holds are this one's, and proof is `other`'s.

        `since_ns`: from when on only that is on the card which was wanted, in Unix nanoseconds; None: nobody knows.
        """
        both = Library(self._index, self._shelf, self._clock, other._prove)
        both._beside, both._since_ns = other, since_ns
        return both

    def find(self, cam: str, start: Moment, end: Moment) -> tuple[Segment, ...]:
        """Finished segments that overlap the range, in the order of recording."""
        return tuple(stored.segment for stored in self._overlapping(cam, start, end))

    def plan(self, cam: str, start: Moment, end: Moment) -> FootageFound:
        """What a cut of the range would hold, from the index alone."""
        found = found_in(self.find(cam, start, end), start.wall_ns, end.wall_ns)
        return replace(found, gaps=self._told(cam, found.gaps))

    def listing(self, cam: str, span: tuple[int | None, int | None], limit: int) -> FootageList:
        """Ranges and gaps between two times (Unix nanoseconds; None: as far as there is footage), the oldest first.

        Footage whose date nobody knows is left out.
        """
        found = listed(self._kept(cam), *span, limit)
        return replace(found, gaps=self._told(cam, found.gaps))

    def cut(self, wanted: ClipWanted, target: Path, clear: bool = False) -> Clip | None:
        """A durable MP4 of the wanted range from the key frame at or before its start; None when nothing is there.

        Where footage is encrypted the clip is, too, unless it is wanted `clear`: `target` with `.locked` behind it.
        What only the ward can open leaves as it is, as a bundle: `target` with `.locked.tar` in place of its suffix.
        """
        found = self._overlapping(wanted.cam, wanted.start, wanted.end)
        vault = self._shelf.vault
        lock = vault is not None and vault.locks and not clear
        packed = target.with_name(f"{target.stem}{BUNDLE}")
        target = target.with_suffix(CLIP) if lock else target
        try:
            if not self._can_open(found):
                from agent.footage.bundle import bundle  # noqa: PLC0415 (tarfile: only where it is used)

                made = bundle(wanted, found, packed)
            else:
                made = cut(wanted, found, target, vault, lock)
            if made is None:
                return None
            return self._prove(replace(made.clip, gaps=self._told(wanted.cam, made.clip.gaps)), made.used)
        except (OSError, av.FFmpegError) as error:
            raise disk_error(error, target) from error

    def can_open(self, cam: str, start: Moment, end: Moment) -> bool:
        """Has this node the keys of what it would need for a clip? Without encryption always."""
        return self._can_open(self._overlapping(cam, start, end))

    def covered_until(self, cam: str) -> Moment | None:
        """The end of the newest finished segment."""
        newest = (self._beside._index.newest(cam) if self._beside else None) or self._index.newest(cam)
        return newest.segment.start.shifted(newest.segment.duration_s) if newest is not None else None

    def ready(self, wanted: ClipWanted) -> bool:
        """Is all of its footage here, or is it due: by the clock, or because it was wanted before a restart?"""
        now = self._clock.now()
        if wanted.due.boot_id != now.boot_id or now.mono_ns >= wanted.due.mono_ns:
            return True
        end = self.covered_until(wanted.cam)
        return end is not None and end.boot_id == wanted.end.boot_id and end.mono_ns >= wanted.end.mono_ns

    def hold(self, hold: Hold) -> Hold:
        """Keep this stretch until its date, durably; `plan` tells afterwards what is really there.

        Raises HoldRefused: the clock, the date, an empty stretch, or too much held already.
        """
        self._holds.put(self._checked(hold))
        return hold

    def check_hold(self, hold: Hold) -> None:
        """Would this one be kept? Raises HoldRefused; changes nothing."""
        self._checked(hold)

    def _checked(self, hold: Hold) -> Held:
        now = self._clock.now()
        others = [one for one in self._holds.all() if one.hold.id != hold.id]
        check_wish(hold, now, self._shelf.dates.belief(now, self._index.ends()).dates, others)
        start, end = (now.shifted((wall_ns - now.wall_ns) / NS) for wall_ns in (hold.from_ns, hold.to_ns))
        boots = {now.boot_id: (start.mono_ns, end.mono_ns)}
        for one in self._kept(hold.cam):
            if not one.dated or one.to_ns <= hold.from_ns or one.from_ns >= hold.to_ns:
                continue
            begin_ns, end_ns = boots.get(one.boot_id, (one.mono_ns, one.mono_ns))
            until_ns = one.mono_ns + one.to_ns - one.from_ns
            boots[one.boot_id] = (min(begin_ns, one.mono_ns), max(end_ns, until_ns))
        held = Held(hold, now, tuple((boot, *span) for boot, span in boots.items()))
        check_share(self._held_bytes([*others, held]), self._shelf.section.budget, self._shelf.section.max_held)
        return held

    def release(self, hold_id: str) -> bool:
        """False when there is no such hold."""
        return self._holds.remove(hold_id)

    def holds(self) -> tuple[Hold, ...]:
        """All of them."""
        return tuple(held.hold for held in self._holds.all())

    def held(self) -> tuple[Held, ...]:
        """The same, with the footage that each meant when it was made."""
        return self._holds.all()

    @property
    def held_bytes(self) -> int:
        """Of footage that is held."""
        return self._held_bytes(self._holds.all())

    def close(self) -> None:
        """Let go of the index, for a second process."""
        self._index.abandon()

    def _kept(self, cam: str) -> Iterator[Kept]:
        if self._beside is None:
            yield from self._index.kept(cam)
            return
        # In memory first: what goes to the card meanwhile is then found there, and counted once.
        in_memory = {one.name: one for one in self._beside._index.kept(cam)}
        for one in self._index.kept(cam):
            in_memory.pop(one.name, None)
            yield one
        yield from in_memory.values()

    def _overlapping(self, cam: str, start: Moment, end: Moment) -> list[Stored]:
        if self._beside is None:
            return self._index.overlapping(cam, start, end)
        memory = self._beside._index
        # In memory first: what goes to the card meanwhile is then found there.
        in_memory = memory.overlapping(cam, start, end, start.boot_id in self._index.ends())
        on_card = self._index.overlapping(cam, start, end, start.boot_id in memory.ends())
        known = {stored.path.name for stored in on_card}
        return joined(on_card, [stored for stored in in_memory if stored.path.name not in known])

    def _can_open(self, found: Sequence[Stored]) -> bool:
        vault = self._shelf.vault
        locked = [stored.path for stored in found if is_locked(stored.path)]
        with contextlib.suppress(FileNotFoundError):  # the ring has removed it meanwhile
            return all(vault is not None and vault.opens(path) for path in locked)
        return True

    def _held_bytes(self, held: tuple[Held, ...] | list[Held]) -> int:
        ranges = Ranges(part for one in held for part in one.stretches())
        if not ranges:
            return 0
        return sum(
            one.bytes
            for cam in sorted(ranges.cameras())
            for one in self._kept(cam)
            if ranges.touch_part(cam, one.boot_id, (one.mono_ns, one.from_ns), one.to_ns - one.from_ns)
        )

    def _told(self, cam: str, gaps: tuple[Gap, ...]) -> tuple[Gap, ...]:
        gaps = expired_told(gaps, self._shelf.evictions.stretches(cam), self._shelf.dates)
        if self._beside is None:
            return gaps
        memory = self._beside._shelf
        gaps = expired_told(gaps, memory.evictions.stretches(cam), memory.dates, NOT_KEPT)
        # A ring that a power cut took with it left no account.
        until = self.covered_until(cam)
        now_ns = self._clock.now().wall_ns if until is None else until.wall_ns
        return tuple(
            replace(gap, cause=NOT_KEPT)
            if gap.cause == "no_footage"
            and self._since_ns is not None
            and self._since_ns <= gap.from_ns <= gap.to_ns <= now_ns
            else gap
            for gap in gaps
        )


def found_in(segments: tuple[Segment, ...], from_ns: int, to_ns: int) -> FootageFound:
    """How much of a stretch the segments cover, their bytes in proportion, and the holes between them."""
    covered_ns, size, gaps, reached_ns, count = 0, 0.0, list[Gap](), from_ns, 0
    for segment in segments:
        begin_ns, end_ns = max(segment.start.wall_ns, reached_ns), min(segment.end_ns, to_ns)
        if end_ns <= begin_ns:
            continue
        if begin_ns - reached_ns > NO_GAP_NS:
            gaps.append(Gap(reached_ns, begin_ns, segment.gap_cause or "no_footage"))
        count += 1
        covered_ns += end_ns - begin_ns
        size += segment.bytes * (end_ns - begin_ns) / max(segment.duration_s * NS, 1)
        reached_ns = end_ns
    if to_ns - reached_ns > NO_GAP_NS:
        gaps.append(Gap(reached_ns, to_ns, "no_footage"))
    return FootageFound(covered_ns / NS, round(size), tuple(gaps), count)
