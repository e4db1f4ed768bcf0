"""The commands about the picture of now: who looks is written down first, refusals say why, jobs end in words."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from agent.clock import FLOOR_WALL_NS
from agent.commands.live import LiveDoors, LiveKeepaliveCommand, LiveStartCommand, LiveStopCommand
from agent.commands.live_jobs import live_job, live_job_interrupted
from agent.commands.refused import Refused
from agent.contract.base import utc
from agent.contract.commands import Refusal
from agent.contract.jobs import JobMessage
from agent.errors import StorageError
from agent.i18n import Text
from agent.values import Access, LiveGrant, LiveNews, LiveNo, LiveWish
from tests.commands.orders import BY, NS, TOPICS, TurnedClock, order

GRANT = LiveGrant(kbps=700, encoded=False, lasts_s=120.0, keepalive_s=30.0)
WHY = Text(en="because", vi="vì vậy")


class Pusher:
    """What pushes; `log` holds what it was told, in order."""

    def __init__(self) -> None:
        self.clock = TurnedClock()
        self.log: list[object] = []
        self.found: LiveGrant | LiveNo = GRANT
        self.disk: StorageError | None = None
        doors = LiveDoors(lambda _wish: self.found, lambda wish, _grant: self.log.append(wish), self._note)
        self.command = LiveStartCommand(frozenset({"gate"}), doors, self.clock)

    def _note(self, access: Access) -> None:
        if self.disk is not None:
            raise self.disk
        self.log.append(access)

    def start(self, **fields: Any) -> Any:
        return self.command.run(order(cam="gate", by=BY) | fields)


def test_who_looks_is_written_down_before_the_first_picture_leaves() -> None:
    pusher = Pusher()
    reply = pusher.start(max_kbps=800, max_s=300)
    access, wish = pusher.log
    assert isinstance(access, Access) and isinstance(wish, LiveWish)
    assert (access.action, access.by, access.case, access.cam, access.result) == (
        "live",
        BY["officer"],
        BY["case"],
        "gate",
        "granted",
    )
    assert access.to_ns - access.from_ns == 120 * NS
    assert (wish.job_id, wish.max_kbps, wish.max_s) == (reply.job_id, 800, 300.0)
    assert reply.result == "accepted" and reply.answer.live.model_dump() == {
        "kbps": 700,
        "encoded": False,
        "ends_utc": utc(FLOOR_WALL_NS + 120 * NS),
        "keepalive_s": 30.0,
    }


def test_without_its_line_in_the_log_nothing_leaves() -> None:
    pusher = Pusher()
    pusher.disk = StorageError(WHY)
    with pytest.raises(StorageError):
        pusher.start()
    assert pusher.log == []


@pytest.mark.parametrize("missing", ["by", "cam"])
def test_nobody_looks_without_a_name_a_case_and_a_reason(missing: str) -> None:
    pusher = Pusher()
    fields = order(cam="gate", by=BY)
    del fields[missing]
    with pytest.raises(ValidationError):
        pusher.command.run(fields)
    assert pusher.log == []


def test_a_refusal_says_why_and_is_written_down_too() -> None:
    pusher = Pusher()
    pusher.found = LiveNo("busy", WHY)
    with pytest.raises(Refused) as caught:
        pusher.start()
    assert (caught.value.code, caught.value.text) == (Refusal.BUSY, WHY)
    (access,) = pusher.log
    assert isinstance(access, Access) and access.result == "busy"


def test_a_camera_that_is_not_here() -> None:
    pusher = Pusher()
    with pytest.raises(Refused) as caught:
        pusher.start(cam="roof")
    assert caught.value.code is Refusal.NOT_FOUND
    assert [type(one) for one in pusher.log] == [Access]


def test_nobody_looks_while_the_clock_is_not_set() -> None:
    pusher = Pusher()
    pusher.clock.right = False
    with pytest.raises(Refused) as caught:
        pusher.start()
    assert caught.value.code is Refusal.BUSY


@pytest.mark.parametrize("command", [LiveKeepaliveCommand, LiveStopCommand])
def test_keepalive_and_stop_name_a_job_that_is_shown(
    command: type[LiveKeepaliveCommand] | type[LiveStopCommand],
) -> None:
    known = order()["request_id"]
    one = command(lambda job_id: job_id == known)
    assert one.run(order(job_id=known)).result == "done"
    with pytest.raises(Refused) as caught:
        one.run(order(job_id=order()["request_id"]))
    assert caught.value.code is Refusal.NOT_FOUND


@pytest.mark.parametrize(
    ("state", "place"), [("done", "reason"), ("failed", "error")], ids=["meant to end", "broke off"]
)
def test_a_job_ends_in_words(state: Any, place: str) -> None:
    wish = LiveWish("J" * 26, "gate", "O", "C", "R")
    draft = live_job(TOPICS, LiveNews(wish, state, 1234, why=WHY), TurnedClock().now())
    body = json.loads(draft.body)
    assert draft.retain and draft.topic == TOPICS.job(wish.job_id)
    assert (body["kind"], body["state"], body["bytes_sent"]) == ("live", state, 1234)
    assert body[place] == {"en": WHY.en, "vi": WHY.vi}
    JobMessage.model_validate(body)


def test_a_job_that_a_crash_cut_off_has_failed() -> None:
    body = json.loads(live_job_interrupted(TOPICS, ("J" * 26, "gate"), WHY, TurnedClock().now()).body)
    assert (body["state"], body["cam"], body["error"]["en"]) == ("failed", "gate", WHY.en)
