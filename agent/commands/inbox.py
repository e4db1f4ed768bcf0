"""Every command comes in here, passes the door or is refused, runs once, and is answered.

What was taken is answered through `put`, durably. What the door refuses is answered at once and without the disk, and
no more often than a person would read; the rest is counted.
"""

import logging
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from pydantic import ValidationError

from agent.clock import Clock
from agent.commands.door import Door, Request, Trust
from agent.commands.pace import Pace
from agent.commands.refused import Refused
from agent.contract.answers import Answer
from agent.contract.base import Words
from agent.contract.commands import MAX_SMALL_BYTES, Refusal, ResponseMessage
from agent.contract.health import CommandsHealth
from agent.contract.topics import Topics
from agent.errors import AgentError, StorageError
from agent.i18n import Text
from agent.values import Draft

log = logging.getLogger(__name__)
NAMELESS = "unknown"  # the answer's address when the request did not tell a usable id
REQUEST_ID = re.compile(rb'"request_id"\s*:\s*"([0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{26})"')
NAMED_A_MINUTE = 30  # refusals that are answered: of what tells an id
NAMELESS_A_MINUTE = 10
LINES_A_MINUTE = 10  # refusals that are logged one by one
MINUTE_S = 60.0
ANSWER_PRIORITY = 5
BROKEN = Text(
    en="the node failed at this command; its log tells more",
    vi="thiết bị gặp lỗi khi thực hiện lệnh này; xem nhật ký của thiết bị",
)


@dataclass(frozen=True, slots=True)
class Reply:
    """A command was taken: `done` at once, or `accepted` with a job that goes on."""

    result: Literal["accepted", "done"]
    job_id: str | None = None
    answer: Answer | None = None
    then: Callable[[], None] | None = None  # once the answer is kept: so that a second one comes after it


class Command(Protocol):
    """One command. `run` is quick: longer work becomes a job. `signed = True`: only with the ward's signature."""

    @property
    def name(self) -> str:
        """As in the topic."""

    def run(self, fields: dict[str, Any]) -> Reply:
        """Carry it out. Raises Refused, ValidationError (schema) or another AgentError (busy)."""


@dataclass(frozen=True, slots=True)
class _Said:
    draft: Draft
    kept: bool  # through the spool
    then: Callable[[], None] | None = None


class Inbox:
    """Used by the one thread that hears the broker; the counts may be read by others. `put` takes answers to keep."""

    def __init__(
        self,
        topics: Topics,
        commands: Sequence[Command],
        trust: Trust,
        put: Callable[[Draft], None],
        clock: Clock,
    ) -> None:
        self._topics = topics
        self._commands = {command.name: command for command in commands}
        self._door = Door(topics, frozenset(self._commands), trust, clock)
        self._put = put
        self._clock = clock
        self._named = Pace(NAMED_A_MINUTE, MINUTE_S, clock)
        self._nameless = Pace(NAMELESS_A_MINUTE, MINUTE_S, clock)
        self._wards = Pace(NAMED_A_MINUTE, MINUTE_S, clock)  # with a valid signature
        self._lines = Pace(LINES_A_MINUTE, MINUTE_S, clock)
        self._unlogged = 0
        self._unlogged_s = 0.0
        self.accepted = 0
        self.refused: Counter[str] = Counter()  # by code
        self.unanswered = 0  # because there were too many, or the disk was full

    def names(self) -> tuple[str, ...]:
        """The commands that this node obeys."""
        return tuple(sorted(self._commands))

    def health(self) -> CommandsHealth:
        """What came since the start. From any thread."""
        refused = dict(self.refused)
        return CommandsHealth(
            accepted=self.accepted, refused=sum(refused.values()), unanswered=self.unanswered, by_code=refused or None
        )

    def connected(self, session: str) -> None:
        """A new connection to the broker; commands that name its `session` were said since."""
        self._door.session = session

    def take(self, topic: str, payload: bytes, retained: bool) -> Draft | None:
        """One message from a command topic. Returns a refusal to send without the spool, if there is one.

        All other answers go to `put`; a full disk costs the answer, not the line.
        """
        said = self._hear(topic, payload, retained)
        if said is None or not said.kept:
            return said.draft if said else None
        self._keep(said.draft)
        if said.then:
            said.then()
        return None

    def receive(self, topic: str, payload: bytes, retained: bool) -> Draft | None:
        """The answer to one message; None when it is for another node, empty, or one of too many to answer."""
        said = self._hear(topic, payload, retained)
        if said and said.then:
            said.then()
        return said.draft if said else None

    def _hear(self, topic: str, payload: bytes, retained: bool) -> _Said | None:
        ours = self._topics.command("")
        if not topic.startswith(ours) or not payload:  # empty: a retained command is being cleared
            return None
        name = topic.removeprefix(ours).replace("/", ".")  # RabbitMQ tells cmd/clip.request as cmd/clip/request
        command = self._commands.get(name)
        try:
            request = self._door.read(name, command, payload, retained)
        except (Refused, ValidationError) as refused:
            return self._refusal(name, _request_id(payload), refused, None)
        request_id = request.message.request_id
        try:
            self._door.admit(request)
        except (Refused, StorageError) as refused:
            return self._refusal(name, request_id, refused, self._wards if self._door.pinned else None)
        assert command is not None
        with self._told_if_it_breaks(request):
            message, then = self._run(command, request)
            return _Said(self._answer(message), kept=True, then=then)

    def _run(self, command: Command, request: Request) -> tuple[ResponseMessage, Callable[[], None] | None]:
        name, request_id = request.name, request.message.request_id
        try:
            reply = command.run(request.fields)
        except (Refused, ValidationError, AgentError) as error:
            refused = _as_refused(error)
            self.refused[refused.code.value] += 1
            log.info("command %s %s refused: %s", name, request_id, refused.code.value)
            return _rejected(name, request_id, refused), None
        self.accepted += 1
        log.info("command %s %s: %s", name, request_id, reply.result)
        message = ResponseMessage(
            request_id=request_id, command=name, result=reply.result, job_id=reply.job_id, answer=reply.answer
        )
        return message, reply.then

    @contextmanager
    def _told_if_it_breaks(self, request: Request) -> Iterator[None]:
        whole = False
        try:
            yield
            whole = True
        finally:
            if not whole:
                broken = Refused(Refusal.BUSY, BROKEN)
                self._keep(self._answer(_rejected(request.name, request.message.request_id, broken)))

    def _keep(self, answer: Draft) -> None:
        try:
            self._put(answer)
        except StorageError as error:
            self.unanswered += 1
            log.warning("the answer to a command could not be kept: %s", error)

    def _refusal(
        self, name: str, request_id: str, error: Refused | ValidationError | AgentError, pace: Pace | None
    ) -> _Said | None:
        code = error.code.value if isinstance(error, Refused) else _code(error).value
        self.refused[code] += 1
        self._tell(name, request_id, code)
        pace = pace or (self._nameless if request_id == NAMELESS else self._named)
        if not pace.allow():
            self.unanswered += 1
            return None
        return _Said(self._answer(_rejected(name, request_id, _as_refused(error))), kept=False)

    def _tell(self, name: str, request_id: str, code: str) -> None:
        """In the log: the first ones of a minute, then a number."""
        now_s = self._clock.mono_s()
        if self._unlogged and now_s - self._unlogged_s >= MINUTE_S:
            log.warning("%d more commands were refused within %.0f s", self._unlogged, now_s - self._unlogged_s)
            self._unlogged = 0
        if self._lines.allow():
            log.info("command %s %s refused: %s", name[:40], request_id, code)
            return
        self._unlogged_s = self._unlogged_s if self._unlogged else now_s
        self._unlogged += 1

    def _answer(self, message: ResponseMessage) -> Draft:
        topic = self._topics.response(message.request_id)
        return Draft(topic, message.body(), self._clock.now(), ANSWER_PRIORITY)


def _rejected(name: str, request_id: str, refused: Refused) -> ResponseMessage:
    return ResponseMessage(
        request_id=request_id,
        command=name[:40],
        result="rejected",
        code=refused.code,
        text=Words.of(refused.text),
        answer=refused.answer,
    )


def _request_id(payload: bytes) -> str:
    # Also of what cannot be parsed, so that the asker learns of it.
    found = REQUEST_ID.search(payload, 0, MAX_SMALL_BYTES)
    return found.group(1).decode() if found else NAMELESS


def _code(error: ValidationError | AgentError) -> Refusal:
    return Refusal.SCHEMA if isinstance(error, ValidationError) else Refusal.BUSY


def _as_refused(error: Refused | ValidationError | AgentError) -> Refused:
    if isinstance(error, Refused):
        return error
    return Refused(_code(error), _where(error) if isinstance(error, ValidationError) else error.text)


def _where(error: ValidationError) -> Text:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    places = ", ".join(sorted({".".join(str(part) for part in item["loc"])[:60] for item in found})[:8])
    return Text(en=f"missing or wrong: {places}", vi=f"thiếu hoặc sai: {places}")
