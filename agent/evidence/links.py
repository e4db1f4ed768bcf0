"""Does the list of segments in a manifest hang together? Each link is computed anew; a hole must be declared. Pure."""

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

from agent.clock import NS
from agent.contract.base import parse_utc
from agent.contract.manifest import Manifest, ManifestSegment
from agent.evidence import words
from agent.evidence.words import Finding
from agent.values import CHAIN_BEGINS, Mark

SLACK_NS = NS


def broken_links(manifest: Manifest) -> Iterator[Finding]:
    """Links that are not what their segments give, and segments that are missing without a word."""
    chained = [one for one in manifest.segments if one.link is not None]
    for one in chained:
        if one.state != "altered" and link_of(manifest.cam, one) != one.link:
            yield words.wrong_link(one)
    # What is foreign stands in no chain of this node, and must not hide what is missing around it.
    declared = _Gaps(manifest)
    before: ManifestSegment | None = None
    foreign_between = False
    for after in manifest.segments:
        if after.state == "foreign":
            foreign_between = True
        elif after.link is not None:
            # On another device's footage a node begins a new chain.
            begins = foreign_between and after.before == CHAIN_BEGINS
            broken = before is not None and after.before != before.link and before.state != "altered" and not begins
            if before is not None and broken and not declared.between(before, after):
                yield words.hole(before, after)
            before, foreign_between = after, False


def times_of(manifest: Manifest) -> Iterator[str]:
    """Every time that is calculated with."""
    for segment in manifest.segments:
        yield from (segment.from_utc, segment.to_utc)
    for gap in manifest.gaps:
        yield from (gap.from_utc, gap.to_utc)


def link_of(cam: str, segment: ManifestSegment) -> str | None:
    """What the link must be; None where the list does not say enough."""
    if segment.epoch is None or segment.seq is None or segment.before is None:
        return None
    return Mark(segment.epoch, segment.seq, segment.before, "", "").seal(cam, segment.sha256).link


class _Gaps:
    """The declared gaps, for many questions: whoever signs for himself may declare a hundred thousand."""

    def __init__(self, manifest: Manifest) -> None:
        spans = sorted((parse_utc(gap.from_utc), parse_utc(gap.to_utc)) for gap in manifest.gaps)
        self._begins = [begin for begin, _ in spans]
        self._latest = list(accumulate((end for _, end in spans), max))

    def between(self, one: ManifestSegment, after: ManifestSegment) -> bool:
        """Does one of them touch the time between these two?"""
        end_ns, begin_ns = parse_utc(one.to_utc), parse_utc(after.from_utc)
        count = bisect_right(self._begins, begin_ns + SLACK_NS)
        return count > 0 and self._latest[count - 1] >= end_ns - SLACK_NS
