"""`config.apply`: a new configuration is tried; the job tells whether it stays.

Only what a command may change may differ from the installer's file. Who asked goes into the access log, also when the
answer is no.
"""

from dataclasses import replace
from typing import Any

from agent.clock import Clock
from agent.commands.config_doors import ConfigDoors, Judged
from agent.commands.inbox import Reply
from agent.commands.refused import Refused
from agent.commands.spans import Span, access_of
from agent.contract.answers import Answer
from agent.contract.commands import Refusal
from agent.contract.requests import ConfigApply
from agent.i18n import Text

ACTION = "config"
MOST_NAMED = 8


class ConfigApplyCommand:
    """Refuses with schema (mistakes), unauthorised (what only the installer may change), not_found, busy."""

    name = "config.apply"
    signed = True

    def __init__(self, doors: ConfigDoors, clock: Clock) -> None:
        self._doors = doors
        self._clock = clock

    def run(self, fields: dict[str, Any]) -> Reply:
        """Raises Refused, ValidationError, StorageError."""
        request = ConfigApply.model_validate(fields)
        span = Span(self._clock.now(), self._clock.now())
        try:
            judged = self._judged(request)
        except Refused as refused:
            self._doors.note(access_of(ACTION, request, "", span, refused.code.value))
            raise
        noted = access_of(ACTION, request, "", span)
        self._doors.note(replace(noted, reason=f"{noted.reason} [{judged.answer.hash}]"))
        if judged.same:
            return Reply("done", answer=Answer(config=judged.answer))
        self._doors.apply(request)
        return Reply("accepted", job_id=request.request_id, answer=Answer(config=judged.answer))

    def _judged(self, request: ConfigApply) -> Judged:
        hindered = self._doors.hindered()
        if hindered is not None:
            raise Refused(Refusal.BUSY, hindered)
        now = self._doors.now()
        if request.replaces is not None and request.replaces != now.hash:
            raise Refused(Refusal.NOT_FOUND, ANOTHER)
        judged = self._doors.judge(request.yaml)
        if judged.locked:
            raise Refused(Refusal.UNAUTHORISED, _named(judged.locked), Answer(config=judged.answer))
        if not judged.good:
            raise Refused(Refusal.SCHEMA, MISTAKES, Answer(config=judged.answer))
        return judged


def _named(paths: tuple[str, ...]) -> Text:
    told = ", ".join(paths[:MOST_NAMED]) + (", …" if len(paths) > MOST_NAMED else "")
    return Text(
        en=f"only a person at the device may change this: {told}",
        vi=f"chỉ người trực tiếp ở thiết bị mới được đổi: {told}",
    )


ANOTHER = Text(
    en="another configuration is in use than the one that is to be replaced; ask for it with config.get",
    vi="cấu hình đang dùng không phải cấu hình cần thay; hãy xem lại bằng config.get",
)
MISTAKES = Text(en="the configuration has mistakes", vi="cấu hình có lỗi")
