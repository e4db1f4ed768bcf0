"""The guards of the door: their order, their words, and what none of them costs a good command."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from nacl.signing import SigningKey

from agent.app.command_keys import read_command_keys
from agent.clock import FLOOR_WALL_NS
from agent.commands.door import LARGE_AT_ONCE, OF_ONE_A_MINUTE, SMALL_AT_ONCE, Trust
from agent.commands.floor import TimeFloor
from agent.commands.inbox import NAMED_A_MINUTE, NAMELESS, Inbox, Reply
from agent.commands.refused import REASONS
from agent.commands.seen import SeenRequests
from agent.contract.base import utc
from agent.contract.commands import Refusal
from agent.values import Access, Draft
from tests.commands.orders import BY, NS, TOPICS, TurnedClock, order, said, sent
from tests.commands.signing import public_pem, signed


class Bell:
    """A command that counts its runs."""

    def __init__(self, name: str, signed: bool = False) -> None:
        self.name = name
        self.signed = signed
        self.runs = 0

    def run(self, fields: dict[str, Any]) -> Reply:
        self.runs += 1
        if fields.get("break"):
            raise OSError("nobody foresaw this")
        return Reply("done")


class Gate:
    """An inbox; with `key` the ward's command key is pinned."""

    def __init__(self, directory: Path, key: SigningKey | None = None) -> None:
        self.directory = directory
        self.clock = TurnedClock()
        self.bells = {
            name: Bell(name, name == "wipe")
            for name in ("rebirth", "clip.request", "config.apply", "live.keepalive", "restart", "wipe")
        }
        self.kept: list[Draft] = []
        self.noted: list[Access] = []
        self.seen = SeenRequests(directory / "commands.db")
        self.floor = TimeFloor(directory / "time-floor", self.clock)
        (directory / "key.pem").write_text(public_pem(key) if key else "")
        verifies = read_command_keys(directory / "key.pem") if key else None
        trust = Trust(self.seen, verifies, self.floor.ns, self.noted.append)
        self.inbox = Inbox(TOPICS, list(self.bells.values()), trust, self.kept.append, self.clock)

    def say(self, fields: Any, name: str = "rebirth", retained: bool = False) -> dict[str, Any] | None:
        payload = fields if isinstance(fields, bytes) else sent(fields)
        draft = self.inbox.receive(TOPICS.command(name), payload, retained)
        return said(draft) if draft else None

    def code(self, fields: Any, name: str = "rebirth", retained: bool = False) -> str | None:
        answer = self.say(fields, name, retained)
        return str(answer.get("code", answer["result"])) if answer else None

    def now(self) -> str:
        return utc(self.clock.now().wall_ns)


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    return Gate(tmp_path)


KEY = SigningKey(b"k" * 32)
CLIP = {
    "by": BY,
    "cam": "gate",
    "from_utc": "2026-01-01T00:00:00.000Z",
    "to_utc": "2026-01-01T00:01:00.000Z",
}


@dataclass
class Try:
    """One message with things wrong with it, in the order in which they are looked for."""

    gate: Gate
    name: str = "rebirth"
    fields: dict[str, Any] = field(default_factory=order)
    retained: bool = False
    sign: bool = True
    wrap: Callable[[bytes], bytes] = lambda payload: payload

    def code(self) -> str | None:
        fields = signed(KEY, self.name, self.fields) if self.sign else self.fields
        return self.gate.code(self.wrap(sent(fields)), self.name, self.retained)


def retained(one: Try) -> None:
    one.retained = True


def too_large(one: Try) -> None:
    one.fields["more"] = "x" * 8_000


def bad_json(one: Try) -> None:
    one.wrap = lambda payload: payload[:-1] + b', "expires_in_s": 60}'


def schema(one: Try) -> None:
    one.fields["expires_in_s"] = "soon"


def unauthorised(one: Try) -> None:
    one.sign = False


def expired(one: Try) -> None:
    one.fields["issued_utc"] = utc(FLOOR_WALL_NS - 3600 * NS)


def replayed(one: Try) -> None:
    one.gate.seen.remember(one.fields["request_id"])


def rate_limited(one: Try) -> None:
    for _ in range(60):
        one.gate.code(signed(KEY, "live.keepalive", order(job_id=order()["request_id"])), "live.keepalive")


def unknown_command(one: Try) -> None:
    one.name = "make.coffee"


ORDER = (retained, too_large, bad_json, schema, unauthorised, expired, replayed, rate_limited, unknown_command)


@pytest.mark.fault("C29", "commands with something wrong: each names its reason")
@pytest.mark.parametrize("spoil", ORDER, ids=lambda spoil: spoil.__name__)
def test_each_guard_names_its_reason_before_those_that_come_after(spoil: Callable[[Try], None], tmp_path: Path) -> None:
    one = Try(Gate(tmp_path, KEY))
    for later in ORDER[ORDER.index(spoil) :]:
        later(one)
    assert one.code() == spoil.__name__
    assert one.gate.bells["rebirth"].runs == 0


def test_what_is_in_order_passes_all_of_them(tmp_path: Path) -> None:
    assert Try(Gate(tmp_path, KEY)).code() == "done"


@pytest.mark.parametrize("code", Refusal)
def test_every_refusal_has_words_in_both_languages(code: Refusal) -> None:
    words = REASONS[code]
    assert words.en and words.vi and words.en != words.vi


def test_each_command_is_checked_against_its_own_schema_before_it_runs(gate: Gate) -> None:
    answer = gate.say(order(by=BY, cam="gate"), "clip.request")
    assert answer is not None and answer["code"] == "schema"
    assert "from_utc" in answer["text"]["en"]
    assert gate.bells["clip.request"].runs == 0
    assert gate.code(order(**CLIP), "clip.request") == "done"


def test_a_long_command_is_one_that_carries_a_configuration(gate: Gate) -> None:
    config = order(by=BY, yaml="x" * 40_000)
    assert gate.code(config, "config.apply") == "done"
    assert gate.code(config | {"yaml": "x" * 64_000}, "config.apply") == "too_large"
    assert gate.code(order(more="x" * 8_000)) == "too_large"


def test_refusals_of_what_cannot_be_read_still_find_their_asker(gate: Gate) -> None:
    wish = order()
    broken = sent(wish)[:-1]
    answer = gate.say(broken)
    assert answer is not None and (answer["code"], answer["request_id"]) == ("bad_json", wish["request_id"])
    nameless = gate.say(b"{")
    assert nameless is not None and nameless["request_id"] == NAMELESS


# What refusals cost others


def test_nobody_without_the_key_uses_up_what_the_ward_may_say(tmp_path: Path) -> None:
    gate = Gate(tmp_path, KEY)
    for _ in range(200):
        gate.code(order())
        gate.code(b"rubbish")
        gate.code(order(expires_in_s=-1))
    assert gate.inbox.unanswered > 500
    assert gate.code(signed(KEY, "rebirth", order())) == "done"
    assert gate.code(signed(KEY, "rebirth", order(issued_utc=utc(FLOOR_WALL_NS - 3600 * NS)))) == "expired"


def test_one_kind_of_command_leaves_the_others_their_pace(gate: Gate) -> None:
    codes = [gate.code(order()) for _ in range(OF_ONE_A_MINUTE + 5)]
    assert codes == ["done"] * OF_ONE_A_MINUTE + ["rate_limited"] * 5
    assert gate.code(order(**CLIP), "clip.request") == "done"


def test_long_rubbish_is_not_read_for_ever_and_short_commands_are_still_heard(gate: Gate) -> None:
    long = order(yaml="x" * 60_000, by=7)
    codes = [gate.code(long, "config.apply") for _ in range(10)]
    read = LARGE_AT_ONCE // len(sent(long))
    assert codes == ["schema"] * read + ["rate_limited"] * (10 - read)
    assert gate.code(order()) == "done"
    gate.clock.seconds = 2.0
    assert gate.code(long, "config.apply") == "schema"


def test_more_than_a_thread_can_read_is_dropped_unread(gate: Gate) -> None:
    for _ in range(SMALL_AT_ONCE):
        gate.inbox.receive(TOPICS.command("rebirth"), b"?", False)
    wish = order()
    gate.inbox.receive(TOPICS.command("rebirth"), sent(wish), False)
    assert gate.inbox.refused == {"bad_json": SMALL_AT_ONCE, "rate_limited": 1}
    gate.clock.seconds = 1.0
    assert gate.code(wish) == "done", "what was not read is not remembered either"


@pytest.mark.fault("C31", "a flood of bad commands is answered within a pace, and counted")
def test_every_refusal_is_answered_or_counted(gate: Gate) -> None:
    answers = [gate.code(order(expires_in_s=0)) for _ in range(100)]
    assert len([answer for answer in answers if answer]) == NAMED_A_MINUTE
    assert gate.inbox.unanswered == 100 - NAMED_A_MINUTE
    assert gate.inbox.refused == {"schema": 100}
    gate.clock.seconds = 61.0
    assert gate.code(order(expires_in_s=0)) == "schema"


def test_refusals_leave_without_the_spool_and_answers_through_it(gate: Gate) -> None:
    topic = TOPICS.command("rebirth")
    refusal = gate.inbox.take(topic, b"rubbish", False)
    assert refusal is not None and json.loads(refusal.body)["code"] == "bad_json"
    assert gate.kept == []
    assert gate.inbox.take(topic, sent(order()), False) is None
    assert [json.loads(draft.body)["result"] for draft in gate.kept] == ["done"]


def test_the_log_tells_the_first_ones_and_then_a_number(gate: Gate, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="agent.commands")
    for tenth in range(600 * 3):
        gate.clock.seconds = tenth / 10
        gate.inbox.receive(TOPICS.command("rebirth"), b"rubbish", False)
    lines = [record.getMessage() for record in caplog.records]
    assert 30 <= len(lines) <= 33
    assert next(line for line in lines if "more commands were refused" in line).startswith("590 more")


def test_refused_commands_touch_no_disk(gate: Gate) -> None:
    gate.code(order())
    files = {path: path.stat().st_mtime_ns for path in gate.directory.iterdir()}
    for _ in range(50):
        gate.code(order(expires_in_s=0))
        gate.code(b"rubbish")
        gate.code(order(), "make.coffee")
    assert {path: path.stat().st_mtime_ns for path in gate.directory.iterdir()} == files


def test_a_command_that_breaks_is_answered_before_the_error_goes_on(gate: Gate) -> None:
    with pytest.raises(OSError, match="foresaw"):
        gate.inbox.take(TOPICS.command("rebirth"), sent(order() | {"break": True}), False)
    answer = json.loads(gate.kept[0].body)
    assert (answer["result"], answer["code"]) == ("rejected", "busy")


# Signatures


def test_with_a_pinned_key_all_commands_are_signed(tmp_path: Path) -> None:
    gate = Gate(tmp_path, KEY)
    wish = signed(KEY, "rebirth", order())
    assert gate.code(order()) == "unauthorised"
    assert gate.code(wish, "restart") == "schema"
    other = SigningKey(b"o" * 32)
    assert gate.code(signed(other, "rebirth", order())) == "unauthorised"
    assert gate.code(wish | {"expires_in_s": 61}) == "unauthorised"
    assert gate.code(wish | {"more": 1}) == "unauthorised"
    assert gate.code(wish | {"signature": "?"}) == "unauthorised"
    assert gate.code(signed(KEY, "restart", order(by=BY))) == "unauthorised"
    assert gate.code(wish) == "done"


@pytest.mark.fault("C32", "wipe without a signature")
def test_what_always_needs_a_signature_is_refused_without_a_key(gate: Gate) -> None:
    answer = gate.say(order(by=BY, scope="all"), "wipe")
    assert answer is not None and answer["code"] == "unauthorised"
    assert "commands.key" in answer["text"]["en"]
    assert gate.bells["wipe"].runs == 0


def test_attempts_to_get_footage_are_noted_but_not_without_end(tmp_path: Path) -> None:
    gate = Gate(tmp_path, KEY)
    for _ in range(50):
        gate.code(order(**CLIP), "clip.request")
        gate.code(order())
    assert len(gate.noted) == 6
    first = gate.noted[0]
    assert (first.action, first.by, first.cam, first.result) == ("clip", "O-17", "gate", "unauthorised")
    assert first.to_ns - first.from_ns == 60 * NS


def test_an_attempt_to_wipe_is_noted(gate: Gate) -> None:
    gate.code(order(by=BY, scope="all"), "wipe")
    assert [(access.action, access.by, access.cam) for access in gate.noted] == [("wipe", "O-17", "")]


# Time


def test_without_a_right_clock_what_is_surely_over_is_expired(gate: Gate, tmp_path: Path) -> None:
    gate.clock.seconds = 86_400.0
    gate.floor.keep()
    later = Gate(tmp_path)
    later.clock.right = False
    assert later.code(order()) == "expired"
    assert later.code(order(issued_utc=utc(FLOOR_WALL_NS + 86_400 * NS))) == "done"
    later.clock.seconds = 120.0
    assert later.code(order(issued_utc=utc(FLOOR_WALL_NS + 86_400 * NS))) == "expired", "time has gone by since"


def test_without_a_right_clock_what_changes_something_belongs_to_this_connection(gate: Gate) -> None:
    gate.clock.right = False
    gate.inbox.connected("session-2")
    assert gate.code(order(by=BY), "restart") == "busy"
    assert gate.code(order(by=BY, session="session-1"), "restart") == "busy"
    assert gate.bells["restart"].runs == 0
    assert gate.code(order(by=BY, session="session-2"), "restart") == "done"
    assert gate.code(order()) == "done", "what only tells may be old"
    gate.clock.right = True
    assert gate.code(order(by=BY, session="session-1"), "restart") == "done"


def test_no_session_is_that_of_a_node_that_never_connected(gate: Gate) -> None:
    gate.clock.right = False
    assert gate.code(order(by=BY, session=""), "restart") == "busy"


@pytest.mark.fault("C30", "a replay after a jump of the clock")
def test_steps_of_the_clock_make_no_replay(gate: Gate) -> None:
    wish = order(expires_in_s=86_400)
    assert gate.code(wish) == "done"
    gate.clock.seconds = 10 * 365 * 86_400.0
    assert gate.code(order(issued_utc=gate.now())) == "done"
    gate.clock.seconds = 60.0
    assert gate.code(wish) == "replayed"


def test_a_wrong_jump_ahead_is_forgotten_with_the_floor(gate: Gate, tmp_path: Path) -> None:
    for seconds in (10 * 365 * 86_400.0, 60.0):
        gate.clock.seconds = seconds
        gate.floor.keep(now_at_once=True)
    again = TimeFloor(tmp_path / "time-floor", TurnedClock())
    assert again.ns() == FLOOR_WALL_NS + 60 * NS


@pytest.mark.parametrize("content", [b"", b"soon", b"-5", b"9" * 50, b"\xff"])
def test_a_damaged_floor_is_that_of_a_new_node(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "time-floor").write_bytes(content)
    assert TimeFloor(tmp_path / "time-floor", TurnedClock()).ns() == FLOOR_WALL_NS


def test_what_was_said_before_the_memory_was_lost_is_not_done_again(tmp_path: Path) -> None:
    (tmp_path / "commands.db").write_bytes(b"this is no database" * 100)
    gate = Gate(tmp_path)
    assert gate.seen.lost_ns is not None
    gate.clock.seconds = (gate.seen.lost_ns - FLOOR_WALL_NS) / NS + 60
    before, after = (utc(gate.seen.lost_ns + round(s * NS)) for s in (-30, 30))
    assert gate.code(order(issued_utc=before, expires_in_s=3600)) == "replayed"
    assert gate.code(order(issued_utc=after, expires_in_s=3600)) == "done"


def test_health_tells_what_came(gate: Gate) -> None:
    gate.code(order())
    for _ in range(40):
        gate.code(order(expires_in_s=0))
    gate.code(order(), "make.coffee")
    told = gate.inbox.health()
    assert (told.accepted, told.refused, told.unanswered) == (1, 41, 11)
    assert told.by_code == {"schema": 40, "unknown_command": 1}
