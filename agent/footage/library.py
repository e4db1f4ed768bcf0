"""Footage as those see it who only read: what is there of a stretch of time, and the stretch as one clip.

Works on the index alone, so that a second process (`camera-agent footage`) can use it beside the running agent.
"""

from pathlib import Path

import av

from agent.clock import NS, Moment
from agent.durable import disk_error
from agent.footage.cut import cut
from agent.footage.index import Index
from agent.values import Clip, ClipWanted, FootageFound, Gap, Segment

NO_GAP_NS = NS  # key frames are a second or so apart; less than this is no hole


class Library:
    """Thread-safe. Raises StorageError throughout."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def find(self, cam: str, start: Moment, end: Moment) -> tuple[Segment, ...]:
        """Finished segments that overlap the range, in the order of recording."""
        return tuple(stored.segment for stored in self._index.overlapping(cam, start, end))

    def plan(self, cam: str, start: Moment, end: Moment) -> FootageFound:
        """What a cut of the range would hold, from the index alone."""
        return found_in(self.find(cam, start, end), start.wall_ns, end.wall_ns)

    def cut(self, wanted: ClipWanted, target: Path) -> Clip | None:
        """A durable MP4 of the wanted range from the key frame at or before its start; None when nothing is there."""
        found = self._index.overlapping(wanted.cam, wanted.start, wanted.end)
        try:
            return cut(wanted, found, target)
        except (OSError, av.FFmpegError) as error:
            raise disk_error(error, target) from error

    def covered_until(self, cam: str) -> Moment | None:
        """The end of the newest finished segment."""
        newest = self._index.newest(cam)
        return newest.segment.start.shifted(newest.segment.duration_s) if newest is not None else None


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
