"""What the inbox refuses, in which words, and that an accepted command runs once."""

import json
from pathlib import Path
from typing import Any

import pytest

from agent.clock import FLOOR_WALL_NS
from agent.commands.door import Trust
from agent.commands.inbox import Inbox
from agent.commands.rebirth import RebirthCommand
from agent.commands.seen import SeenRequests
from agent.contract.base import utc
from agent.contract.commands import ResponseMessage
from agent.errors import StorageError
from agent.i18n import Text
from agent.values import Draft
from tests.commands.orders import BY, NS, TOPICS, TurnedClock, order, said, sent

REBIRTH = TOPICS.command("rebirth")


class Desk:
    """An inbox with one command that counts its runs."""

    def __init__(self, directory: Path) -> None:
        self.clock = TurnedClock()
        self.runs = 0
        self.answers: list[Draft] = []
        self.directory = directory
        self.inbox = self.reopened()

    def reopened(self) -> Inbox:
        seen = SeenRequests(self.directory / "commands.db")
        return Inbox(TOPICS, [RebirthCommand(self._ran)], Trust(seen), self.answers.append, self.clock)

    def receive(self, payload: bytes, topic: str = REBIRTH, retained: bool = False) -> dict[str, Any]:
        return said(self.inbox.receive(topic, payload, retained))

    def _ran(self) -> None:
        self.runs += 1


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_an_accepted_command_runs_and_is_answered(desk: Desk) -> None:
    wish = order()
    answer = desk.receive(sent(wish))
    assert answer["result"] == "done"
    assert answer["request_id"] == wish["request_id"]
    assert answer["command"] == "rebirth"
    assert desk.runs == 1
    ResponseMessage.model_validate(answer)


@pytest.mark.parametrize(
    ("told", "name"),
    [("cmd/clip.request", "clip.request"), ("cmd/clip/request", "clip.request"), ("cmd/clip/x/y", "clip.x.y")],
)
def test_a_broker_that_tells_dots_as_slashes_is_understood(desk: Desk, told: str, name: str) -> None:
    answer = desk.receive(sent(order()), REBIRTH.removesuffix("cmd/rebirth") + told)
    assert (answer["result"], answer["command"]) == ("rejected", name)


def test_the_answer_goes_to_the_spool(desk: Desk) -> None:
    desk.inbox.take(REBIRTH, sent(order()), False)
    assert [json.loads(draft.body)["result"] for draft in desk.answers] == ["done"]


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"x" * 8_001, "too_large"),
        (b"not json", "bad_json"),
        (b"\xff\xfe{}", "bad_json"),
        (b'{"a": NaN}', "bad_json"),
        (b'{"a": 1e999}', "bad_json"),
        (b'{"a": 1, "a": 2}', "bad_json"),
        (b"[1]", "bad_json"),
        (b'{"a":' * 20 + b"1" + b"}" * 20, "bad_json"),
        (b"[" * 7_000, "bad_json"),
        (b'{"a":' + b"9" * 5000 + b"}", "bad_json"),
        (sent({}), "schema"),
        (sent(order(expires_in_s=0)), "schema"),
        (sent(order(expires_in_s="soon")), "schema"),
        (sent(order(request_id="../../evil")), "schema"),
        (sent(order(issued_utc="2026-13-01T00:00:00.000Z")), "schema"),
        (sent(order(issued_utc=utc(FLOOR_WALL_NS + 3600 * NS))), "schema"),
        (sent(order(issued_utc=utc(FLOOR_WALL_NS - 61 * NS))), "expired"),
    ],
)
def test_refusals_name_their_reason(desk: Desk, payload: bytes, code: str) -> None:
    answer = desk.receive(payload)
    assert (answer["result"], answer["code"]) == ("rejected", code)
    assert answer["text"]["vi"] and answer["text"]["en"]
    assert desk.runs == 0


def test_a_refused_command_with_an_id_is_answered_to_its_asker(desk: Desk) -> None:
    wish = order(expires_in_s=-1)
    assert desk.receive(sent(wish))["request_id"] == wish["request_id"]


def test_a_retained_command_is_refused_before_anything_else(desk: Desk) -> None:
    assert desk.receive(b"not even json", retained=True)["code"] == "retained"
    assert desk.receive(sent(order()), retained=True)["code"] == "retained"
    assert desk.runs == 0


def test_a_week_of_replays_is_refused_also_after_a_restart(desk: Desk) -> None:
    wish = order(expires_in_s=86_400)
    assert desk.receive(sent(wish))["result"] == "done"
    assert desk.receive(sent(wish))["code"] == "replayed"
    desk.inbox = desk.reopened()
    assert desk.receive(sent(wish | {"request_id": wish["request_id"].lower()}))["code"] == "replayed"
    desk.clock.seconds = 6.9 * 86_400
    assert desk.receive(sent(order(issued_utc=utc(desk.clock.now().wall_ns))))["result"] == "done"
    assert desk.receive(sent(wish | {"issued_utc": utc(desk.clock.now().wall_ns)}))["code"] == "replayed"
    assert desk.runs == 2


def test_what_was_seen_is_forgotten_by_number(tmp_path: Path) -> None:
    seen = SeenRequests(tmp_path / "other.db", most=3)
    for number in range(5):
        seen.remember(f"request {number}")
    assert [seen.knows(f"request {number}") for number in range(5)] == [False, False, True, True, True]


def test_without_a_right_clock_the_time_counts_from_receipt(desk: Desk) -> None:
    desk.clock.right = False
    desk.clock.seconds = 10 * 86_400.0
    assert desk.receive(sent(order()))["result"] == "done"


def test_too_many_commands(desk: Desk) -> None:
    codes = [desk.receive(sent(order())).get("code", "done") for _ in range(25)]
    assert codes == ["done"] * 20 + ["rate_limited"] * 5
    desk.clock.seconds = 61.0
    assert desk.receive(sent(order(issued_utc=utc(desk.clock.now().wall_ns))))["result"] == "done"


def test_a_flood_of_rubbish_is_not_answered_for_ever(desk: Desk) -> None:
    answers = [desk.inbox.receive(REBIRTH, b"rubbish", False) for _ in range(100)]
    assert sum(answer is not None for answer in answers) == 10
    assert desk.inbox.unanswered == 90
    assert desk.inbox.refused == {"bad_json": 100}


@pytest.mark.parametrize(("name", "code"), [("wipe", "not_capable"), ("make.coffee", "unknown_command")])
def test_commands_that_this_node_lacks(desk: Desk, name: str, code: str) -> None:
    assert desk.receive(sent(order(by=BY)), topic=TOPICS.command(name))["code"] == code


@pytest.mark.parametrize(
    "topic", ["camera/v1/ward-1/node-2/cmd/rebirth", "camera/v1/ward-2/node-1/cmd/rebirth", "rebirth"]
)
def test_another_nodes_command_has_no_effect(desk: Desk, topic: str) -> None:
    assert desk.inbox.receive(topic, sent(order()), False) is None
    assert desk.runs == 0


def test_clearing_a_retained_command_is_no_command(desk: Desk) -> None:
    assert desk.inbox.receive(REBIRTH, b"", False) is None


@pytest.mark.fault("A11", "commands: the memory of what was seen is damaged")
def test_a_damaged_memory_is_set_aside(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "damaged.db"
    path.write_bytes(b"this is no database" * 100)
    seen = SeenRequests(path)
    seen.remember("a")
    assert seen.knows("a")
    assert (tmp_path / "damaged.corrupt").exists()


@pytest.mark.fault("A7", "commands: the disk fails")
def test_a_failing_disk_answers_busy(desk: Desk) -> None:
    seen = SeenRequests(desk.directory / "gone.db")
    seen.close()
    inbox = Inbox(TOPICS, [RebirthCommand(lambda: None)], Trust(seen), desk.answers.append, desk.clock)
    assert said(inbox.receive(REBIRTH, sent(order()), False))["code"] == "busy"


def test_an_answer_that_cannot_be_kept_does_not_end_the_line(desk: Desk) -> None:
    def full(draft: Draft) -> None:
        raise StorageError(Text(en="disk full", vi="đầy đĩa"))

    seen = SeenRequests(desk.directory / "full.db")
    inbox = Inbox(TOPICS, [RebirthCommand(lambda: None)], Trust(seen), full, desk.clock)
    inbox.take(REBIRTH, sent(order()), False)
    assert inbox.unanswered == 1
