"""A stretch of footage as one MP4, remuxed, never encoded: begins at the key frame at or before the wanted start.

Runs of one format are joined at their distance in time; what is missing is listed. Where the format changes, the
longest part is kept and the rest is listed. A file that is not what was sealed is left out and listed. The same footage
gives the same bytes each time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import av

from agent.clock import NS
from agent.digest import sha256
from agent.durable import durable_file
from agent.footage.mux import FRAGMENTED, PLAIN, Muxer, Opened, Piece, plain_within
from agent.footage.place import NOTICEABLE_NS, Placed, Span, holes, longest_format
from agent.footage.sources import Sources
from agent.footage.stored import Stored
from agent.values import ClearFile, Clip, ClipWanted, Gap, Used

if TYPE_CHECKING:
    from agent.footage.cipher import Clear, Sink
    from agent.footage.vault import Vault

LONGEST_STEPS = 2
BEYOND_S = 1.0  # no picture stands so far behind the end of its file
CLOSED = {**FRAGMENTED, "fflags": "+bitexact"}  # what is encrypted is written in one go
HEADER_BYTES, PICTURE_BYTES = 8_192, 24  # of an MP4 header: its fixed part, and each picture's stamps, size and place


@dataclass(frozen=True, slots=True)
class Cut:
    """A clip, and the segments that were read for it."""

    clip: Clip
    used: tuple[Used, ...]


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture of the clip: its piece and its place on the time line of the wanted range."""

    piece: Piece
    placed: Placed
    pts_ns: int
    dts_ns: int
    end_ns: int


def cut(
    wanted: ClipWanted, found: Sequence[Stored], target: Path, vault: "Vault | None" = None, lock: bool = False
) -> Cut | None:
    """Writes `target` durably, encrypted by the `vault` if it is to `lock`. None when no picture can be read.

    Raises OSError, av.FFmpegError.
    """
    length_ns = wanted.end.mono_ns - wanted.start.mono_ns
    locked: Sink | None = None
    with Sources(wanted, found, vault) as sources:
        kept, dropped = longest_format(sources.placed, length_ns)
        shots = _shots(sources, kept, length_ns)
        first = next(shots, None)
        if first is None:
            return None
        with durable_file(target) as temporary:
            temporary.touch(mode=0o600)
            if lock and vault is not None:
                locked = vault.sink(temporary, "", first.placed.format)
            header = HEADER_BYTES + PICTURE_BYTES * sources.pictures
            try:
                how = plain_within(header) if locked is None else CLOSED
                present = _write(first, shots, locked or temporary, how)
                if locked is not None:
                    locked.finish(0, 0)
            except av.error.ArgumentError:  # the header needed more room than it was given
                if locked is not None:
                    raise  # never in clear
                sources.again()
                shots = _shots(sources, kept, length_ns)
                present = _write(next(shots), shots, temporary, PLAIN)
            finally:
                if locked is not None:
                    locked.close()
        missing = holes(present, [*dropped, *sources.unread, *sources.refused], length_ns)
        used = tuple(sources.used)
    # The wall time of the wanted start, as dated by the footage: it may have been re-dated since the wish was made.
    zero_ns = first.placed.stored.segment.start.wall_ns - first.placed.start_ns
    clip = Clip(
        id=wanted.id,
        cam=wanted.cam,
        path=target,
        start_ns=zero_ns + first.pts_ns,
        end_ns=zero_ns + present[-1].end_ns,
        bytes=target.stat().st_size,
        sha256=sha256(target),
        gaps=tuple(Gap(zero_ns + hole.start_ns, zero_ns + hole.end_ns, hole.cause) for hole in missing),
        priority=wanted.priority,
        clear=ClearFile(locked.bytes, locked.sha256) if locked else None,
    )
    return Cut(clip, used)


def _shots(sources: Sources, kept: Sequence[Placed], length_ns: int) -> Iterator[Shot]:
    newest_ns = -NS
    begun = False
    for number, placed in enumerate(kept):
        if number + 1 < len(kept):
            sources.expect(kept[number + 1])
        if not sources.sound(placed):
            continue
        shots = _file_shots(placed, sources.clear(placed.stored))
        for shot in shots if begun else _from_key(shots):
            if shot.dts_ns >= length_ns and shot.pts_ns > newest_ns:
                return  # pictures that are shown before one already taken still belong to it
            newest_ns = max(newest_ns, shot.pts_ns)
            yield shot
        begun = True


def _file_shots(placed: Placed, source: "Path | Clear") -> Iterator[Shot]:
    base = placed.format.time_base
    most = float((placed.stored.segment.duration_s + BEYOND_S) / base)
    origin: int | None = None
    last_dts: int | None = None
    usual = 0
    with Opened(source) as opened:
        for piece in opened.pieces():
            origin = piece.pts if origin is None else origin
            if piece.dts - origin > most:
                return  # stamps that are damaged must not take the place of what the next file holds
            usual = piece.dts - last_dts if last_dts is not None else usual
            last_dts = piece.dts
            pts, dts, end = (
                placed.start_ns + ticks * NS * base.numerator // base.denominator
                for ticks in (
                    piece.pts - origin,
                    piece.dts - origin,
                    piece.pts - origin + (piece.duration or usual or 1),
                )
            )
            yield Shot(piece, placed, pts, dts, end)


def _from_key(shots: Iterator[Shot]) -> Iterator[Shot]:
    """Leaves out what comes before the last key frame that is not after the wanted start."""
    waiting: list[Shot] = []
    for shot in shots:
        if shot.piece.key and shot.pts_ns <= 0:
            waiting.clear()
        waiting.append(shot)
        if shot.dts_ns > 0:
            yield from waiting
            waiting.clear()
            break
    yield from waiting
    yield from shots


def _write(first: Shot, rest: Iterator[Shot], target: "Path | Sink", options: dict[str, str]) -> list[Span]:
    """Muxes all shots with time stamps from 0; returns the stretches that they cover."""
    base = first.placed.format.time_base
    muxer = Muxer(target, first.placed.format, options)
    shown: list[tuple[int, int, Stored]] = []
    last_dts: int | None = None
    try:
        for shot in _chain(first, rest):
            # From nanoseconds back to ticks: the nearest, so that equal steps stay equal.
            pts, dts = (
                round((at_ns - first.pts_ns) * base.denominator / (base.numerator * NS))
                for at_ns in (shot.pts_ns, shot.dts_ns)
            )
            dts = dts if last_dts is None else max(dts, last_dts + 1)
            last_dts = dts
            muxer.write(replace(shot.piece, pts=max(pts, dts), dts=dts))
            shown.append((shot.pts_ns, shot.end_ns, shot.placed.stored))
    finally:
        muxer.close()
    return _present(shown)


def _present(shown: list[tuple[int, int, Stored]]) -> list[Span]:
    """Stretches of pictures without a noticeable hole; the cause of each is why it did not join the one before."""
    shown = sorted(shown, key=lambda one: one[0])
    steps = sorted(after[0] - before[0] for before, after in pairwise(shown))
    # MP4 stretches a picture to the next one, over a pause as well: none is shown for longer than a few usual ones.
    longest_ns = LONGEST_STEPS * steps[len(steps) // 2] if steps else shown[0][1] - shown[0][0]
    present: list[Span] = []
    file: Stored | None = None
    for start_ns, stretched_ns, stored in shown:
        end_ns = min(stretched_ns, start_ns + longest_ns)
        if not present or start_ns - present[-1].end_ns >= NOTICEABLE_NS:
            paused = stored is file or stored.segment.gap_cause is None
            present.append(Span(start_ns, end_ns, "no_picture" if paused else stored.segment.gap_cause or ""))
        else:
            present[-1] = Span(present[-1].start_ns, max(present[-1].end_ns, end_ns), present[-1].cause)
        file = stored
    return present


def _chain(first: Shot, rest: Iterator[Shot]) -> Iterator[Shot]:
    yield first
    yield from rest
