"""`snapshot`: one picture of a camera as a JPEG, uploaded like a clip; noted in the access log before it is taken."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agent.clock import Clock
from agent.commands.inbox import Reply
from agent.commands.jobs import job_clip, job_goes_on
from agent.commands.refused import Refused
from agent.commands.spans import Span, access_of, need_camera, need_clock
from agent.contract.commands import Refusal
from agent.contract.requests import Snapshot
from agent.contract.topics import Topics
from agent.i18n import Text
from agent.values import Access, Clip, Draft, OutgoingClip

FIRST = 10  # before every clip that was asked for: it is small, and somebody waits for it


@dataclass(frozen=True, slots=True)
class SnapshotDoors:
    """Towards the cameras and the spool."""

    take: Callable[[str, str, int], Clip | None]  # camera, job id, priority; queued durably on return
    tell: Callable[[Draft], None]  # job messages
    note: Callable[[Access], object]  # the access log, durable on return
    why_not: Callable[[], Text | None]  # why this node can give none at all
    why_not_now: Callable[[], Text | None] = lambda: None


class SnapshotCommand:
    """Refuses with not_capable, not_found (no such camera) and busy (paused, clock, no picture of now)."""

    name = "snapshot"

    def __init__(self, topics: Topics, cams: frozenset[str], doors: SnapshotDoors, clock: Clock) -> None:
        self._topics = topics
        self._cams = cams
        self._doors = doors
        self._clock = clock

    def run(self, fields: dict[str, Any]) -> Reply:
        """Takes seconds. Raises Refused, ValidationError, StorageError."""
        request = Snapshot.model_validate(fields)
        now = self._clock.now()
        span = Span(now, now)
        try:
            why_not = self._doors.why_not()
            if why_not is not None:
                raise Refused(Refusal.NOT_CAPABLE, why_not)
            if (rests := self._doors.why_not_now()) is not None:
                raise Refused(Refusal.BUSY, rests)
            need_clock(now)
            need_camera(request.cam, self._cams)
        except Refused as refused:
            self._doors.note(access_of("snapshot", request, request.cam, span, refused.code.value))
            raise
        self._doors.note(access_of("snapshot", request, request.cam, span))
        clip = self._doors.take(request.cam, request.request_id, FIRST)
        if clip is None:
            raise Refused(
                Refusal.BUSY,
                Text(
                    en="the camera gives no picture just now; its faults tell why",
                    vi="camera hiện không có hình; xem các lỗi của camera",
                ),
            )
        waits = OutgoingClip(clip.id, clip.cam, clip.path, clip.start_ns, clip.end_ns, clip.bytes, clip.sha256)
        self._doors.tell(job_goes_on(self._topics, job_clip(waits), request.request_id, self._clock.now()))
        return Reply("done", job_id=request.request_id)
