"""`clip.cancel`: ends a job, whatever it is doing: waiting for footage, cut, or on its way.

What was cut and uploaded is kept for a day: a `clip.request` for the same camera and times goes on with it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agent.clock import Clock
from agent.commands.inbox import Reply
from agent.commands.jobs import JobClip
from agent.commands.refused import Refused
from agent.commands.spans import Span, access_of, moment_of
from agent.contract.commands import Refusal
from agent.contract.requests import ClipCancel
from agent.i18n import Text
from agent.values import Access


@dataclass(frozen=True, slots=True)
class CancelDoors:
    """Towards the jobs."""

    find: Callable[[str], JobClip | None]  # one that is not over
    cancel: Callable[[str], bool]  # durable and told on return; False: it was over first
    note: Callable[[Access], object]  # the access log, durable on return


class ClipCancelCommand:
    """Refuses with not_found when there is no such job, or it is over."""

    name = "clip.cancel"

    def __init__(self, doors: CancelDoors, clock: Clock) -> None:
        self._doors = doors
        self._clock = clock

    def run(self, fields: dict[str, Any]) -> Reply:
        """Raises Refused, ValidationError, StorageError."""
        request = ClipCancel.model_validate(fields)
        now = self._clock.now()
        job = self._doors.find(request.job_id)
        if job is None:
            self._doors.note(access_of("cancel", request, "", Span(now, now), Refusal.NOT_FOUND.value))
            raise _over()
        span = Span(moment_of(job.from_ns, now), moment_of(job.to_ns, now))
        self._doors.note(access_of("cancel", request, job.cam, span))
        if not self._doors.cancel(request.job_id):
            raise _over()
        return Reply("done", job_id=request.job_id)


def _over() -> Refused:
    return Refused(
        Refusal.NOT_FOUND, Text(en="there is no such job, or it is over", vi="không có công việc này, hoặc đã kết thúc")
    )
