"""Segments on the time line of a wanted range, and what of it is missing. Pure; nanoseconds from the wanted start."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.clock import NS
from agent.footage.stored import Stored
from agent.values import ClipWanted, Mark, StreamFormat

NOTICEABLE_NS = NS // 2  # a shorter hole is the distance of two pictures, or jitter


@dataclass(frozen=True, slots=True)
class Span:
    """From `start_ns` to `end_ns`; `cause` says why, where it is a hole."""

    start_ns: int
    end_ns: int
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """A segment and when it begins."""

    stored: Stored
    start_ns: int
    format: StreamFormat  # as it stands in the file
    mark: Mark | None = None  # what the file says of its place in the chain

    @property
    def span(self) -> Span:
        """What the index says it covers."""
        return Span(self.start_ns, self.start_ns + round(self.stored.segment.duration_s * NS))


def starts_ns(wanted: ClipWanted, found: Sequence[Stored]) -> list[int]:
    """When each segment begins. Within a run by its stamps, exactly; between runs by the clocks, never overlapping."""
    starts: list[int] = []
    anchors: dict[tuple[str, int], tuple[int, int]] = {}
    end_ns = None
    for stored in found:
        segment = stored.segment
        run = (segment.start.boot_id, segment.run)
        if run in anchors:
            anchor_start_ns, anchor_pts_ns = anchors[run]
            start_ns = anchor_start_ns + stored.pts_ns - anchor_pts_ns
        else:
            same_boot = segment.start.boot_id == wanted.start.boot_id
            start_ns = (
                segment.start.mono_ns - wanted.start.mono_ns
                if same_boot
                else segment.start.wall_ns - wanted.start.wall_ns
            )
            start_ns = start_ns if end_ns is None else max(start_ns, end_ns)
            anchors[run] = (start_ns, stored.pts_ns)
        starts.append(start_ns)
        end_ns = start_ns + round(segment.duration_s * NS)
    return starts


def longest_format(placed: Sequence[Placed], length_ns: int) -> tuple[list[Placed], list[Span]]:
    """The segments of the format that covers most of the range; the others as holes."""
    covered: dict[StreamFormat, int] = {}
    for one in placed:
        within = min(one.span.end_ns, length_ns) - max(one.start_ns, 0)
        covered[one.format] = covered.get(one.format, 0) + max(within, 0)
    if not covered:
        return [], []
    best = max(covered, key=lambda form: covered[form])
    dropped = [Span(one.start_ns, one.span.end_ns, "format_changed") for one in placed if one.format != best]
    return [one for one in placed if one.format == best], dropped


def holes(present: Sequence[Span], known: Sequence[Span], length_ns: int) -> list[Span]:
    """Every noticeable stretch of 0..length that `present` (in order) does not cover, with its cause.

    A cause comes from the `known` hole over it, else from the span after it (why it did not join), else no_footage.
    """
    found: list[Span] = []
    at_ns = min(0, present[0].end_ns) if present else 0
    for span in (*present, Span(length_ns, length_ns, "no_footage")):
        # Its whole length counts, also the part outside the range; what is listed is the part inside.
        if span.start_ns - at_ns >= NOTICEABLE_NS:
            hole = Span(max(at_ns, 0), min(span.start_ns, length_ns), span.cause or "no_footage")
            found += _named(hole, known) if hole.end_ns > hole.start_ns else []
        at_ns = max(at_ns, span.end_ns)
    return _merged(found)


def _merged(spans: Sequence[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in spans:
        if merged and merged[-1].cause == span.cause and merged[-1].end_ns == span.start_ns:
            merged[-1] = Span(merged[-1].start_ns, span.end_ns, span.cause)
        else:
            merged.append(span)
    return merged


def _named(hole: Span, known: Sequence[Span]) -> list[Span]:
    parts: list[Span] = []
    at_ns = hole.start_ns
    for span in sorted(known, key=lambda one: one.start_ns):
        start_ns, end_ns = max(span.start_ns, at_ns), min(span.end_ns, hole.end_ns)
        if end_ns - start_ns < NOTICEABLE_NS:
            continue
        if start_ns - at_ns < NOTICEABLE_NS:
            start_ns = at_ns
        parts += [Span(at_ns, start_ns, hole.cause)] if start_ns > at_ns else []
        parts.append(Span(start_ns, end_ns, span.cause))
        at_ns = end_ns
    if parts and hole.end_ns - at_ns < NOTICEABLE_NS:
        parts[-1] = Span(parts[-1].start_ns, hole.end_ns, parts[-1].cause)
        return parts
    return [*parts, Span(at_ns, hole.end_ns, hole.cause)]
