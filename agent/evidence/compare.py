"""Which groups of pictures of a clip are not what its manifest lists: altered, missing, added, elsewhere. Pure.

Two lists of hashes, aligned by their longest common runs (Ratcliff and Obershelp, `difflib`).
"""

from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher

from agent.clock import NS
from agent.contract.manifest import Manifest
from agent.evidence import words
from agent.evidence.gops import Content
from agent.evidence.words import Finding

NEAR_NS = NS // 1000


def compare_gops(content: Content, manifest: Manifest) -> Iterator[Finding]:
    """In the order of the manifest; what was added stands where it was found."""
    expected = [gop.sha256 for gop in manifest.gops]
    found = [gop.sha256 for gop in content.gops]
    if not set(expected) & set(found) and _shape(content) != [(gop.pictures, gop.bytes) for gop in manifest.gops]:
        yield words.other_clip(len(expected))
        return
    lacking, extra = Counter(expected) - Counter(found), Counter(found) - Counter(expected)
    moved = False
    for what, begin, end, at, until in SequenceMatcher(None, expected, found, autojunk=False).get_opcodes():
        if what == "equal":
            for number, other in zip(range(begin, end), range(at, until), strict=True):
                shift = abs(content.ns(content.gops[other].at - manifest.gops[number].at))
                if shift > NEAR_NS and not moved:
                    moved = True  # all that follows stands elsewhere too; one sentence is enough
                    yield words.elsewhere(number + 1, manifest.gops[number])
            continue
        gone = [number for number in range(begin, end) if lacking[expected[number]]]
        come = [number for number in range(at, until) if extra[found[number]]]
        for number in range(begin, end):
            if number not in gone:
                yield words.reordered(number + 1, manifest.gops[number])
        both = min(len(gone), len(come))
        yield from (words.altered(number + 1, manifest.gops[number]) for number in gone[:both])
        yield from (words.missing(number + 1, manifest.gops[number]) for number in gone[both:])
        yield from (words.added(number + 1) for number in come[both:])
    ticks = manifest.video.ticks if manifest.video else content.ticks
    if content.ticks != ticks and expected == found and not moved:
        yield words.elsewhere(len(expected), manifest.gops[-1])


def _shape(content: Content) -> list[tuple[int, int]]:
    return [(gop.pictures, gop.bytes) for gop in content.gops]
