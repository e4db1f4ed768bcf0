"""What jobs tell of themselves between `planned` and their end: that they wait, and why; how far on their way they are.

Each change is told once, progress a few times a minute. What was told is forgotten at a restart, and then told anew.
"""

import threading
from collections.abc import Callable, Iterator

from agent.clock import Clock
from agent.commands import LAST_REQUESTED, SeenRequests
from agent.commands.jobs import JobClip, job_cancelled, job_clip, job_failed, job_uploading, job_waiting
from agent.contract.topics import Topics
from agent.i18n import Text
from agent.spool import Spool
from agent.values import LostClip, Rest

LOOK_EVERY_S = 5.0  # a job that comes during a rest is told so within this time
MOST = 1000  # jobs that are kept in mind
PROGRESS_EVERY_S = 15.0
UPLOADING, CANCELLED = "uploading", "cancelled"


class Jobs:
    """One for the life of the process. Raises StorageError where the spool does."""

    def __init__(self, topics: Topics, spool: Spool, seen: SeenRequests, clock: Clock) -> None:
        self._topics = topics
        self._spool = spool
        self._seen = seen
        self._clock = clock
        self._told: dict[str, str] = {}  # the newest state of each job that was told here
        self._passed = ""  # a clip that is no job's, or whose job was told just now: each piece asks
        self._due_s = 0.0  # when it is looked at again
        self.kbps: Callable[[], float | None] = lambda: None  # what the line carries now; set when there is one
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
        now_s = self._clock.mono_s()
        same = clip_id == self._passed
        if same and now_s < self._due_s:
            return
        self._passed, self._due_s = clip_id, now_s + PROGRESS_EVERY_S
        if (self._told.get(clip_id) == UPLOADING and not same) or not self._seen.knows(clip_id):
            return
        with self._ends:
            clip = self._spool.clip(clip_id)
            if clip is not None:
                told = job_uploading(self._topics, job_clip(clip), self.kbps(), self._clock.now())
                self._spool.put(told)
                self._tell(clip_id, UPLOADING)

    def knows(self, clip_id: str) -> bool:
        """Was it asked for? Else it is an event's."""
        return self._seen.knows(clip_id)

    def find(self, job_id: str) -> JobClip | None:
        """A job that is not over."""
        found = self._spool.find_job(job_id) if self._seen.knows(job_id) else None
        return None if found is None else job_clip(found)

    def cancel(self, job_id: str) -> bool:
        """End it, whatever it is doing; False when it was over already."""
        with self._ends:
            found = self._spool.cancel(
                job_id, lambda work: job_cancelled(self._topics, job_clip(work), self._clock.now())
            )
            if found is not None:
                self._tell(job_id, CANCELLED)
                self._passed = ""
        return found is not None

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
            yield job_clip(clip)

    def _tell(self, clip_id: str, state: str) -> None:
        self._told.pop(clip_id, None)
        while len(self._told) >= 2 * MOST:
            self._told.pop(next(iter(self._told)))
        self._told[clip_id] = state
