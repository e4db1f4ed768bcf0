"""Does the list of segments in a manifest hang together? Each link is computed anew; a hole must be declared. Pure."""

from collections.abc import Iterator
from itertools import pairwise

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
    own = [one for one in chained if one.state != "foreign"]
    for one, after in pairwise(own):
        begins = after.before == CHAIN_BEGINS and _foreign_between(manifest, one, after)
        broken = after.before != one.link and one.state != "altered" and not begins
        if broken and not _declared(manifest, one, after):
            yield words.hole(one, after)


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


def _foreign_between(manifest: Manifest, one: ManifestSegment, after: ManifestSegment) -> bool:
    # On another device's footage a node begins a new chain.
    between = manifest.segments[manifest.segments.index(one) : manifest.segments.index(after)]
    return any(segment.state == "foreign" for segment in between)


def _declared(manifest: Manifest, one: ManifestSegment, after: ManifestSegment) -> bool:
    end_ns, begin_ns = parse_utc(one.to_utc), parse_utc(after.from_utc)
    return any(
        parse_utc(gap.to_utc) >= end_ns - SLACK_NS and parse_utc(gap.from_utc) <= begin_ns + SLACK_NS
        for gap in manifest.gaps
    )
