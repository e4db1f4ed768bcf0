"""Every command comes in here. Checked in a fixed order; each refusal names its reason; accepted ones run once.

Order: ours, retained, too_large, bad_json, schema, expired, replayed, rate_limited, unknown_command (or not_capable).
"""

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from pydantic import ValidationError

from agent.clock import NS, Clock
from agent.commands.pace import Pace
from agent.commands.refused import Refused
from agent.commands.seen import SeenRequests
from agent.commands.strict import parse_object
from agent.contract.answers import Answer
from agent.contract.base import Words, parse_utc
from agent.contract.commands import MAX_COMMAND_BYTES, CommandMessage, Refusal, ResponseMessage
from agent.contract.topics import COMMANDS, Topics
from agent.errors import StorageError
from agent.i18n import Text
from agent.values import Draft

log = logging.getLogger(__name__)
NAMELESS = "unknown"  # the answer's address when the request did not tell a usable id
ULID = re.compile(r"[0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{26}")
COMMANDS_A_MINUTE = 20
ANSWERS_A_MINUTE = 60
AHEAD_NS = 600 * NS  # how far the ward's clock may be ahead of ours
ANSWER_PRIORITY = 5


@dataclass(frozen=True, slots=True)
class Reply:
    """A command was taken: `done` at once, or `accepted` with a job that goes on."""

    result: Literal["accepted", "done"]
    job_id: str | None = None
    answer: Answer | None = None


class Command(Protocol):
    """One command. `run` is quick: longer work becomes a job."""

    @property
    def name(self) -> str:
        """As in the topic."""

    def run(self, fields: dict[str, Any]) -> Reply:
        """Carry it out. Raises Refused, ValidationError (schema) or StorageError (busy)."""


class Inbox:
    """Used by the one thread that hears the broker. `put` takes the answers."""

    def __init__(
        self,
        topics: Topics,
        commands: Sequence[Command],
        seen: SeenRequests,
        put: Callable[[Draft], None],
        clock: Clock,
    ) -> None:
        self._topics = topics
        self._commands = {command.name: command for command in commands}
        self._seen = seen
        self._put = put
        self._clock = clock
        self._pace = Pace(COMMANDS_A_MINUTE, 60.0, clock)
        self._answers = Pace(ANSWERS_A_MINUTE, 60.0, clock)
        self.unanswered = 0  # because there were too many, or the disk was full

    def names(self) -> tuple[str, ...]:
        """The commands that this node obeys."""
        return tuple(sorted(self._commands))

    def take(self, topic: str, payload: bytes, retained: bool) -> None:
        """One message from a command topic; its answer goes to `put`. A full disk costs the answer, not the line."""
        answer = self.receive(topic, payload, retained)
        if answer is None:
            return
        try:
            self._put(answer)
        except StorageError as error:
            self.unanswered += 1
            log.warning("the answer to a command could not be kept: %s", error)

    def receive(self, topic: str, payload: bytes, retained: bool) -> Draft | None:
        """The answer to one message; None when it is for another node, empty, or one of too many to answer."""
        name = topic.rpartition("/")[2]
        if topic != self._topics.command(name) or not payload:  # empty: a retained command is being cleared
            return None
        request_id = _request_id(payload)
        try:
            reply = self._carry_out(name, payload, retained)
        except Refused as refused:
            return self._refusal(name, request_id, refused)
        except ValidationError as error:
            return self._refusal(name, request_id, Refused(Refusal.SCHEMA, _where(error)))
        except StorageError as error:
            return self._refusal(name, request_id, Refused(Refusal.BUSY, error.text))
        log.info("command %s %s: %s", name, request_id, reply.result)
        return self._answer(
            ResponseMessage(
                request_id=request_id, command=name, result=reply.result, job_id=reply.job_id, answer=reply.answer
            )
        )

    def _carry_out(self, name: str, payload: bytes, retained: bool) -> Reply:
        if retained:
            raise Refused(Refusal.RETAINED)
        if len(payload) > MAX_COMMAND_BYTES:
            raise Refused(Refusal.TOO_LARGE)
        fields = parse_object(payload)
        message = CommandMessage.model_validate(fields)
        self._check_time(message)
        if self._seen.knows(message.request_id):
            raise Refused(Refusal.REPLAYED)
        if not self._pace.allow():
            raise Refused(Refusal.RATE_LIMITED)
        command = self._commands.get(name)
        if command is None:
            raise Refused(Refusal.NOT_CAPABLE if name in COMMANDS else Refusal.UNKNOWN_COMMAND)
        # Remembered before it runs: after a crash in between it is refused, and the ward asks anew.
        self._seen.remember(message.request_id)
        return command.run(fields)

    def _check_time(self, message: CommandMessage) -> None:
        try:
            issued_ns = parse_utc(message.issued_utc)
        except (ValueError, OverflowError) as error:
            raise Refused(Refusal.SCHEMA) from error
        now = self._clock.now()
        if not now.trusted:
            return  # then its time counts from now, when we received it
        if now.wall_ns > issued_ns + round(message.expires_in_s * NS):
            raise Refused(Refusal.EXPIRED)
        if issued_ns > now.wall_ns + AHEAD_NS:
            raise Refused(
                Refusal.SCHEMA,
                Text(en="issued_utc is in the future", vi="thời điểm ra lệnh (issued_utc) nằm trong tương lai"),
            )

    def _refusal(self, name: str, request_id: str, refused: Refused) -> Draft | None:
        if not self._answers.allow():
            self.unanswered += 1
            return None
        log.info("command %s %s refused: %s", name[:40], request_id, refused.code.value)
        return self._answer(
            ResponseMessage(
                request_id=request_id,
                command=name[:40],
                result="rejected",
                code=refused.code,
                text=Words.of(refused.text),
            )
        )

    def _answer(self, message: ResponseMessage) -> Draft:
        topic = self._topics.response(message.request_id)
        return Draft(topic, message.body(), self._clock.now(), ANSWER_PRIORITY)


def _request_id(payload: bytes) -> str:
    # Also of a command that is refused before it is parsed for good, so that the asker learns of it.
    if len(payload) > MAX_COMMAND_BYTES:
        return NAMELESS
    try:
        found = parse_object(payload).get("request_id")
    except Refused:
        return NAMELESS
    return found if isinstance(found, str) and ULID.fullmatch(found) else NAMELESS


def _where(error: ValidationError) -> Text:
    places = ", ".join(sorted({".".join(str(part) for part in item["loc"])[:60] for item in error.errors()})[:8])
    return Text(en=f"missing or wrong: {places}", vi=f"thiếu hoặc sai: {places}")
