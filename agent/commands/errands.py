"""Commands that read the disk or wait for a camera: taken at once, done by a thread of their own, answered then.

The thread that hears the broker only checks what is asked and puts it into a short queue; the first answer says
`accepted`, the second tells what came of it under the same request id.
"""

import logging
import queue
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from agent.clock import Clock
from agent.commands.inbox import ANSWER_PRIORITY, BROKEN, Command, Reply
from agent.commands.refused import Refused
from agent.contract.base import Words
from agent.contract.commands import CommandMessage, Refusal, ResponseMessage
from agent.contract.topics import Topics
from agent.errors import AgentError, StorageError
from agent.i18n import Text
from agent.values import Draft
from agent.worker import Outcome

log = logging.getLogger(__name__)
MOST = 8
WAIT_S = 2.0


@dataclass(frozen=True, slots=True)
class Errand:
    """What is still to be done for a request."""

    command: str
    request_id: str
    run: Callable[[], Reply]


class Errands:
    """The queue and the answers; thread-safe. `put` takes drafts."""

    def __init__(self, topics: Topics, put: Callable[[Draft], None], clock: Clock) -> None:
        self._topics = topics
        self._put = put
        self._clock = clock
        self._queue: queue.Queue[Errand | None] = queue.Queue(MOST + 1)

    def give(self, errand: Errand) -> None:
        """Soon. Raises Refused(busy) when enough waits already."""
        self.need_room()
        self._queue.put_nowait(errand)

    def need_room(self) -> None:
        """For one more, by the only thread that gives. Raises Refused(busy)."""
        if self._queue.qsize() >= MOST:
            raise Refused(
                Refusal.BUSY,
                Text(
                    en=f"{MOST} other commands are still being worked on; try again later",
                    vi=f"còn {MOST} lệnh khác đang được xử lý; hãy thử lại sau",
                ),
            )

    def wake(self) -> None:
        """End the wait of the thread that works."""
        try:
            self._queue.put_nowait(None)
        except queue.Full:
            return  # then it does not wait

    def work(self) -> bool:
        """Do the next one and tell what came of it; False when there is none for a while."""
        try:
            errand = self._queue.get(timeout=WAIT_S)
        except queue.Empty:
            return False
        if errand is None:
            return False
        message: ResponseMessage | None = None
        try:
            message = done(errand)
            log.info("command %s %s: %s", errand.command, errand.request_id, message.result)
        finally:  # what nobody foresaw ends this worker, but not without an answer
            self._answer(message or _refusal(errand, Refused(Refusal.BUSY, BROKEN)))
        return True

    def _answer(self, message: ResponseMessage) -> None:
        topic = self._topics.response(message.request_id)
        try:
            self._put(Draft(topic, message.body(), self._clock.now(), ANSWER_PRIORITY))
        except StorageError as error:
            log.warning("the answer to a command could not be kept: %s", error)


class ErrandJob:
    """Job "errands"."""

    def __init__(self, errands: Errands) -> None:
        self._errands = errands

    def run_once(self) -> Outcome:
        """One errand, or a while of waiting for it."""
        return Outcome.WORKED if self._errands.work() else Outcome.IDLE

    def close(self) -> None:
        """Nothing to give back."""


class Later:
    """A command whose work is an errand. What is asked is checked at once."""

    def __init__(self, command: Command, errands: Errands, job: bool = False) -> None:
        self._command = command
        self._errands = errands
        self._job = job
        self.name = command.name
        self.signed: bool = getattr(command, "signed", False)

    def run(self, fields: dict[str, Any]) -> Reply:
        """Raises Refused(busy), ValidationError."""
        from agent.contract.requests import REQUESTS  # noqa: PLC0415  # loaded with the first command

        request_id = REQUESTS.get(self.name, CommandMessage).model_validate(fields).request_id
        self._errands.need_room()
        errand = Errand(self.name, request_id, lambda: self._command.run(fields))
        return Reply("accepted", job_id=request_id if self._job else None, then=lambda: self._errands.give(errand))


def done(errand: Errand) -> ResponseMessage:
    """Carry it out; every error of ours becomes an answer."""
    try:
        reply = errand.run()
    except Refused as refused:
        return _refusal(errand, refused)
    except ValidationError:
        return _refusal(errand, Refused(Refusal.SCHEMA))
    except AgentError as error:
        return _refusal(errand, Refused(Refusal.BUSY, error.text))
    return ResponseMessage(
        request_id=errand.request_id,
        command=errand.command,
        result=reply.result,
        job_id=reply.job_id,
        answer=reply.answer,
    )


def _refusal(errand: Errand, refused: Refused) -> ResponseMessage:
    return ResponseMessage(
        request_id=errand.request_id,
        command=errand.command,
        result="rejected",
        code=refused.code,
        text=Words.of(refused.text),
        answer=refused.answer,
    )
