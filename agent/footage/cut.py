"""A stretch of footage as one MP4, remuxed, never encoded: begins at the key frame at or before the wanted start.

Runs of one format are joined at their distance in time; what is missing is listed. Where the format changes, the
longest part is kept and the rest is listed.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import av

from agent.clock import NS
from agent.durable import durable_file
from agent.footage.mux import PLAIN, Muxer, Opened, Piece
from agent.footage.place import NOTICEABLE_NS, Placed, Span, holes, longest_format, starts_ns
from agent.footage.stored import Stored
from agent.values import Clip, ClipWanted, Gap

BLOCK = 1 << 20
LONGEST_STEPS = 2


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture of the clip: its piece and its place on the time line of the wanted range."""

    piece: Piece
    placed: Placed
    pts_ns: int
    dts_ns: int
    end_ns: int


def cut(wanted: ClipWanted, found: Sequence[Stored], target: Path) -> Clip | None:
    """Writes `target` durably. None when no picture of the range can be read. Raises OSError, av.FFmpegError."""
    length_ns = wanted.end.mono_ns - wanted.start.mono_ns
    placed, damaged = _opened(wanted, found)
    kept, dropped = longest_format(placed, length_ns)
    shots = _shots(kept, length_ns)
    first = next(shots, None)
    if first is None:
        return None
    with durable_file(target) as temporary:
        temporary.touch(mode=0o600)
        present = _write(first, shots, temporary)
    missing = holes(present, [*dropped, *damaged], length_ns)
    # The wall time of the wanted start, as dated by the footage: it may have been re-dated since the wish was made.
    zero_ns = first.placed.stored.segment.start.wall_ns - first.placed.start_ns
    return Clip(
        id=wanted.id,
        cam=wanted.cam,
        path=target,
        start_ns=zero_ns + first.pts_ns,
        end_ns=zero_ns + present[-1].end_ns,
        bytes=target.stat().st_size,
        sha256=sha256(target),
        gaps=tuple(Gap(zero_ns + hole.start_ns, zero_ns + hole.end_ns, hole.cause) for hole in missing),
        priority=wanted.priority,
    )


def sha256(path: Path) -> str:
    """Of a file, in hex, block by block."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _opened(wanted: ClipWanted, found: Sequence[Stored]) -> tuple[list[Placed], list[Span]]:
    placed: list[Placed] = []
    damaged: list[Span] = []
    for stored, start_ns in zip(found, starts_ns(wanted, found), strict=True):
        try:
            with Opened(stored.path) as opened:
                placed.append(Placed(stored, start_ns, opened.format))
        except (av.FFmpegError, OSError):
            damaged.append(Span(start_ns, start_ns + round(stored.segment.duration_s * NS), "damaged"))
    return placed, damaged


def _shots(kept: Sequence[Placed], length_ns: int) -> Iterator[Shot]:
    newest_ns = -NS
    for number, placed in enumerate(kept):
        shots = _file_shots(placed)
        for shot in _from_key(shots) if number == 0 else shots:
            if shot.dts_ns >= length_ns and shot.pts_ns > newest_ns:
                return  # pictures that are shown before one already taken still belong to it
            newest_ns = max(newest_ns, shot.pts_ns)
            yield shot


def _file_shots(placed: Placed) -> Iterator[Shot]:
    base = placed.format.time_base
    origin: int | None = None
    last_dts: int | None = None
    usual = 0
    with Opened(placed.stored.path) as opened:
        for piece in opened.pieces():
            origin = piece.pts if origin is None else origin
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


def _write(first: Shot, rest: Iterator[Shot], target: Path) -> list[Span]:
    """Muxes all shots with time stamps from 0; returns the stretches that they cover."""
    base = first.placed.format.time_base
    muxer = Muxer(target, first.placed.format, PLAIN)
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
