"""What jobs tell of themselves between `planned` and their end: that they wait, and why; that they are on their way.

Each change is told once. What was told is forgotten at a restart, and then told once more.
"""

import threading
from collections.abc import Iterator

from agent.clock import Clock
from agent.commands import LAST_REQUESTED, JobClip, SeenRequests, job_failed, job_uploading, job_waiting
from agent.contract.topics import Topics
from agent.i18n import Text
from agent.spool import Spool
from agent.values import LostClip, OutgoingClip, Rest

LOOK_EVERY_S = 5.0  # a job that comes during a rest is told so within this time
MOST = 1000  # jobs that are kept in mind
UPLOADING = "uploading"


class Jobs:
    """One for the life of the process. Raises StorageError where the spool does."""

    def __init__(self, topics: Topics, spool: Spool, seen: SeenRequests, clock: Clock) -> None:
        self._topics = topics
        self._spool = spool
        self._seen = seen
        self._clock = clock
        self._told: dict[str, str] = {}  # the newest state of each job that was told here
        self._passed = ""  # a clip that is no job's, or whose job was told: each piece asks
        self._looked: tuple[str, float] | None = None
        self._ends = threading.Lock()  # a job that fails just now is not told to wait afterwards

    def rests(self, rest: Rest) -> None:
        """No clip may leave now, and jobs hear why. Called all the while, by the thread that uploads."""
        now_s = self._clock.mono_s()
        if self._looked and self._looked[0] == rest.why and now_s - self._looked[1] < LOOK_EVERY_S:
            return
        self._looked, self._passed = (rest.why, now_s), ""
        with self._ends:
            for clip in self._waiting():
                if self._told.get(clip.id) != rest.why and self._seen.knows(clip.id):
                    self._spool.put(job_waiting(self._topics, clip, rest, self._clock.now()))
                    self._tell(clip.id, rest.why)

    def moves(self, clip_id: str) -> None:
        """A piece of this clip leaves, or is about to. By the thread that uploads."""
        if clip_id == self._passed:
            return
        self._passed = clip_id
        if self._told.get(clip_id) == UPLOADING or not self._seen.knows(clip_id):
            return
        clip = self._spool.clip(clip_id)
        if clip is not None:
            self._spool.put(job_uploading(self._topics, _cut(clip), self._clock.now()))
            self._tell(clip_id, UPLOADING)

    def tell_lost(self) -> tuple[LostClip, ...]:
        """The clips given up since the last call; jobs among them have failed."""
        with self._ends:
            lost = self._spool.lost_clips()
            for clip in lost:
                if self._seen.knows(clip.id):
                    why = Text(en=f"the clip was given up: {clip.reason}", vi=f"clip đã bị bỏ: {clip.reason}")
                    self._spool.put(job_failed(self._topics, clip.id, why, self._clock.now()))
        return lost

    def _waiting(self) -> Iterator[JobClip]:
        # In this order: one that is cut in between is then seen in both, and told once.
        wanted = [one for one in self._spool.wanted() if one.priority <= LAST_REQUESTED]
        for one in wanted[:MOST]:
            yield JobClip(one.id, one.cam, one.start.wall_ns, one.end.wall_ns)
        for clip in self._spool.clips_up_to(LAST_REQUESTED)[:MOST]:
            yield _cut(clip)

    def _tell(self, clip_id: str, state: str) -> None:
        self._told.pop(clip_id, None)
        while len(self._told) >= 2 * MOST:
            self._told.pop(next(iter(self._told)))
        self._told[clip_id] = state


def _cut(clip: OutgoingClip) -> JobClip:
    return JobClip(clip.id, clip.cam, clip.start_ns, clip.end_ns, clip.bytes)
