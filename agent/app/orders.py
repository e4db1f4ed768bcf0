"""What the ward's commands do to the rooms of this node, and what their jobs tell of themselves afterwards."""

from agent.clock import NS, Clock, Moment
from agent.commands import (
    ClipRequestCommand,
    FootageDoors,
    FootageFound,
    Inbox,
    RebirthCommand,
    SeenRequests,
    job_done,
    job_failed,
)
from agent.config.model import Config
from agent.contract.topics import Topics
from agent.footage.store import Footage
from agent.i18n import Text
from agent.spool import Spool
from agent.uplink import LinkMemory
from agent.values import Gap, LostClip, OutgoingClip, Segment

NO_GAP_NS = NS  # key frames are a second or so apart; less than this is no hole


class Orders:
    """One for the life of the process. Raises StorageError where the spool does."""

    def __init__(self, config: Config, topics: Topics, spool: Spool, footage: Footage, clock: Clock) -> None:
        self._topics = topics
        self._spool = spool
        self._footage = footage
        self._clock = clock
        self._cams = frozenset(camera.id for camera in config.cameras)
        self._seen = SeenRequests(config.node.data_dir / "commands.db", clock)

    def inbox(self, memory: LinkMemory) -> Inbox:
        """Where commands arrive."""
        doors = FootageDoors(self._find, self._spool.want, self._spool.put)
        commands = (
            RebirthCommand(memory.ask_rebirth),
            ClipRequestCommand(self._topics, self._cams, doors, self._clock),
        )
        return Inbox(self._topics, commands, self._seen, self._spool.put, self._clock)

    def clip_uploaded(self, clip: OutgoingClip) -> None:
        """A clip is at the ward; if it was a job's, the job is done."""
        if self._seen.knows(clip.id):
            self._spool.put(job_done(self._topics, clip, self._clock.now()))

    def tell_lost(self) -> tuple[LostClip, ...]:
        """The clips given up since the last call; jobs among them have failed."""
        lost = self._spool.lost_clips()
        for clip in lost:
            if self._seen.knows(clip.id):
                why = Text(en=f"the clip was given up: {clip.reason}", vi=f"clip đã bị bỏ: {clip.reason}")
                self._spool.put(job_failed(self._topics, clip.id, why, self._clock.now()))
        return lost

    def close(self) -> None:
        """Close the table of requests."""
        self._seen.close()

    def _find(self, cam: str, start: Moment, end: Moment) -> FootageFound:
        return found_in(self._footage.find(cam, start, end), start.wall_ns, end.wall_ns)


def found_in(segments: tuple[Segment, ...], from_ns: int, to_ns: int) -> FootageFound:
    """How much of a stretch the segments cover, their bytes in proportion, and the holes between them."""
    covered_ns, size, gaps, reached_ns = 0, 0.0, list[Gap](), from_ns
    for segment in segments:
        begin_ns, end_ns = max(segment.start.wall_ns, reached_ns), min(segment.end_ns, to_ns)
        if end_ns <= begin_ns:
            continue
        if begin_ns - reached_ns > NO_GAP_NS:
            gaps.append(Gap(reached_ns, begin_ns, segment.gap_cause or "no_footage"))
        covered_ns += end_ns - begin_ns
        size += segment.bytes * (end_ns - begin_ns) / max(segment.duration_s * NS, 1)
        reached_ns = end_ns
    if to_ns - reached_ns > NO_GAP_NS:
        gaps.append(Gap(reached_ns, to_ns, "no_footage"))
    return FootageFound(covered_ns / NS, round(size), tuple(gaps))
