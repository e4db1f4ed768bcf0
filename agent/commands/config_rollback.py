"""`config.rollback`: back to the configuration before the last one that was applied, through the same trial."""

from typing import Any

from agent.clock import Clock
from agent.commands.config_apply import ACTION
from agent.commands.config_doors import ConfigDoors
from agent.commands.inbox import Reply
from agent.commands.refused import Refused
from agent.commands.spans import Span, access_of
from agent.contract.commands import Refusal
from agent.contract.requests import ConfigRollback
from agent.i18n import Text

NOTHING_BEFORE = Text(
    en="there is no configuration to go back to: none was applied since",
    vi="không có cấu hình nào trước đó để quay lại",
)


class ConfigRollbackCommand:
    """Refuses with not_found when nothing was applied, busy while another is on trial."""

    name = "config.rollback"
    signed = True

    def __init__(self, doors: ConfigDoors, clock: Clock) -> None:
        self._doors = doors
        self._clock = clock

    def run(self, fields: dict[str, Any]) -> Reply:
        """Raises Refused, ValidationError, StorageError."""
        request = ConfigRollback.model_validate(fields)
        span = Span(self._clock.now(), self._clock.now())
        hindered, may = self._doors.hindered(), self._doors.may_undo()
        if hindered is not None or not may:
            refused = Refused(Refusal.BUSY, hindered) if hindered else Refused(Refusal.NOT_FOUND, NOTHING_BEFORE)
            self._doors.note(access_of(ACTION, request, "", span, refused.code.value))
            raise refused
        self._doors.note(access_of(ACTION, request, "", span))
        self._doors.rollback(request)
        return Reply("accepted", job_id=request.request_id)
