"""What footage there is of one camera, without gaps and gap by gap: merged while the index is read, row after row.

A ring of 60,000 segments is one pass over the index and no object per segment, so that memory stays flat.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from agent.clock import NS
from agent.footage.dates import Dates
from agent.values import FootageList, Gap, Recorded, Segment

NO_GAP_NS = NS  # key frames are a second or so apart; less than this is no hole
MS_NS = 10**6
LISTING = "name, boot_id, mono_ns, wall_ns, trusted, duration_ns, bytes, gap_cause"  # columns of `segments`


class Kept(NamedTuple):
    """One segment as far as a listing needs it, or a hold. Unix nanoseconds."""

    name: str
    from_ns: int
    to_ns: int
    bytes: int
    cause: str | None  # why it does not join the one before it
    boot_id: str
    mono_ns: int  # its begin on that boot's clock
    dated: bool  # the wall times are right


def kept_row(row: Sequence[Any], dates: Dates) -> Kept:
    """Of the columns LISTING, dated as well as is known now."""
    name, boot_id, mono_ns, wall_ns, trusted, length_ns, size, cause = row
    offset_ns = dates.offset(boot_id)
    begin_ns = wall_ns if offset_ns is None else mono_ns + offset_ns
    return Kept(
        name, begin_ns, begin_ns + length_ns, size, cause, boot_id, mono_ns, bool(trusted) or offset_ns is not None
    )


def kept_segment(segment: Segment) -> Kept:
    """The same of a segment that no row tells of yet; dated already."""
    at, name = segment.start, segment.path.name
    return Kept(name, at.wall_ns, segment.end_ns, segment.bytes, segment.gap_cause, at.boot_id, at.mono_ns, at.trusted)


@dataclass(slots=True)
class _Run:
    """Segments that join."""

    from_ns: int
    to_ns: int
    bytes: float
    segments: int
    cause: str | None


def listed(kept: Iterable[Kept], from_ns: int | None, to_ns: int | None, limit: int) -> FootageList:
    """The oldest `limit` ranges between the two times (None: as far as there is footage), and the gaps around them.

    Segments may come in any order; those that overlap in time count their bytes, and their time once.
    """
    runs = _joined(_runs(kept, from_ns, to_ns))
    page, rest = runs[:limit], runs[limit:]
    gaps: list[Gap] = []
    reached_ns = from_ns
    for run in page:
        if reached_ns is not None and run.from_ns - reached_ns > NO_GAP_NS:
            gaps.append(Gap(reached_ns, run.from_ns, run.cause or "no_footage"))
        reached_ns = run.to_ns
    if not rest and reached_ns is not None and to_ns is not None and to_ns - reached_ns > NO_GAP_NS:
        gaps.append(Gap(reached_ns, to_ns, "no_footage"))
    ranges = tuple(Recorded(run.from_ns, run.to_ns, round(run.bytes), run.segments) for run in page)
    # Asked for again in whole milliseconds: upwards, so that this page's end is not found once more.
    next_ns = -(-page[-1].to_ns // MS_NS) * MS_NS if rest else None
    return FootageList(ranges, tuple(gaps), next_ns)


def _runs(kept: Iterable[Kept], from_ns: int | None, to_ns: int | None) -> list[_Run]:
    runs: list[_Run] = []
    last: _Run | None = None
    for one in kept:
        if not one.dated:
            continue
        begin_ns = one.from_ns if from_ns is None or one.from_ns > from_ns else from_ns
        end_ns = one.to_ns if to_ns is None or one.to_ns < to_ns else to_ns
        if end_ns - begin_ns < MS_NS:
            continue
        share = one.bytes if end_ns - begin_ns == one.to_ns - one.from_ns else _share(one, begin_ns, end_ns)
        if last is not None and last.from_ns <= begin_ns <= last.to_ns + NO_GAP_NS:
            last.to_ns = max(last.to_ns, end_ns)
            last.bytes += share
            last.segments += 1
        else:
            last = _Run(begin_ns, end_ns, share, 1, one.cause)
            runs.append(last)
    return runs


def _share(one: Kept, begin_ns: int, end_ns: int) -> float:
    return one.bytes * (end_ns - begin_ns) / max(one.to_ns - one.from_ns, 1)


def _joined(runs: list[_Run]) -> list[_Run]:
    joined: list[_Run] = []
    for run in sorted(runs, key=lambda one: one.from_ns):
        if joined and run.from_ns <= joined[-1].to_ns + NO_GAP_NS:
            joined[-1].to_ns = max(joined[-1].to_ns, run.to_ns)
            joined[-1].bytes += run.bytes
            joined[-1].segments += run.segments
        else:
            joined.append(run)
    return joined
