"""A door to be fuzzed: all commands of the contract behind it, the ward's key pinned; what must hold of each answer."""

import contextlib
import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from nacl.signing import SigningKey
from ulid import ULID

from agent.app.command_keys import read_command_keys
from agent.clock import FLOOR_WALL_NS
from agent.commands.door import Trust
from agent.commands.inbox import Inbox, Reply
from agent.commands.seen import SeenRequests
from agent.contract.base import utc
from agent.contract.commands import Refusal, ResponseMessage
from agent.contract.requests import REQUESTS
from agent.contract.topics import COMMANDS
from tests.commands.orders import BY, TOPICS, TurnedClock
from tests.commands.signing import public_pem, signed

KEY = SigningKey(b"k" * 32)
COMMANDS_AND_MORE = (*COMMANDS, "make.coffee", "")
CODES = {code.value for code in Refusal}
ASKED: dict[str, Any] = {
    "by": BY,
    "cam": "gate",
    "from_utc": utc(FLOOR_WALL_NS),
    "to_utc": utc(FLOOR_WALL_NS + 60 * 10**9),
    "until_utc": utc(FLOOR_WALL_NS + 3600 * 10**9),
    "job_id": "01JZ5Y8C3N7Q2R4S6T8V0W1X2Y",
    "hold_id": "01JZ5Y8C3N7Q2R4S6T8V0W1X2Y",
    "yaml": "node: {id: gate-1}\n",
}


class Obeyed:
    """A command that reads its own request, as they all do, and does nothing."""

    def __init__(self, name: str) -> None:
        self.name = name

    def run(self, fields: dict[str, Any]) -> Reply:
        REQUESTS[self.name].model_validate(fields)
        return Reply("done")


class FuzzedDoor:
    """Time goes on between messages, so that paces silence some and not all."""

    def __init__(self, directory: Path) -> None:
        self.clock = TurnedClock()
        self.names = tuple(REQUESTS)
        (directory / "key.pem").write_text(public_pem(KEY))
        trust = Trust(SeenRequests(directory / "commands.db"), read_command_keys(directory / "key.pem"))
        self.inbox = Inbox(TOPICS, [Obeyed(name) for name in REQUESTS], trust, lambda _draft: None, self.clock)
        self.inbox.connected("session-1")
        self.heard = 0

    def valid(self, name: str) -> dict[str, Any]:
        """A command of that name that is in order now."""
        return valid(name) | {"issued_utc": utc(self.clock.now().wall_ns)}

    @staticmethod
    def written(name: str, value: Any, sign: bool) -> bytes:
        """On the wire; signed where that can be."""
        if sign and isinstance(value, dict):
            with contextlib.suppress(ValueError, RecursionError):
                value = signed(KEY, name, value)
        return json.dumps(value).encode()

    def hear(self, name: str, payload: bytes, retained: bool) -> dict[str, Any] | None:
        """One message; asserts what must hold of its answer."""
        self.clock.seconds += 0.5
        inbox = self.inbox
        before = (inbox.accepted, sum(inbox.refused.values()), inbox.unanswered)
        answer = inbox.receive(TOPICS.command(name), payload, retained)
        accepted, refused, unanswered = (
            now - then
            for now, then in zip((inbox.accepted, sum(inbox.refused.values()), inbox.unanswered), before, strict=True)
        )
        self.heard += 1
        if not payload:
            assert answer is None and (accepted, refused) == (0, 0)
            return None
        assert (accepted, refused) in ((1, 0), (0, 1)), "one or the other"
        if answer is None:
            assert (refused, unanswered) == (1, 1), "silence is counted"
            return None
        said: dict[str, Any] = json.loads(answer.body)
        ResponseMessage.model_validate(said)
        assert answer.topic == TOPICS.response(said["request_id"]) and answer.topic.count("/") == 5
        assert (said["result"] == "rejected") == (refused == 1) == (said.get("code") in CODES)
        if refused:
            assert said["text"]["vi"] and said["text"]["en"]
        return said


def valid(name: str) -> dict[str, Any]:
    """All that its request must have, and nothing more."""
    fields: dict[str, Any] = {"request_id": str(ULID()), "issued_utc": utc(FLOOR_WALL_NS), "expires_in_s": 60}
    model = REQUESTS.get(name)
    needed = [field for field, info in model.model_fields.items() if info.is_required()] if model else []
    return {field: ASKED[field] for field in needed if field in ASKED} | fields


def json_values() -> st.SearchStrategy[Any]:
    """What JSON of Python can write, NaN and halves of surrogate pairs included."""
    texts = st.text(alphabet=st.characters(), max_size=30) | st.sampled_from(("\ud800", "../../x", "\x00", "#", "+"))
    plain = st.none() | st.booleans() | st.integers() | st.floats() | texts
    return st.recursive(
        plain, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=20
    )


def mutated(name: str, most: int = 3) -> st.SearchStrategy[dict[str, Any]]:
    """A valid command with up to `most` parts replaced, taken away or added."""

    @st.composite
    def made(draw: st.DrawFn) -> dict[str, Any]:
        fields = valid(name)
        for _ in range(draw(st.integers(0, most))):
            key = draw(st.sampled_from((*fields, "session", "signature", "max_mb", "limit", "extra")))
            change = draw(st.sampled_from(("away", "any", "time", "number")))
            if change == "away":
                fields.pop(key, None)
            elif change == "time":
                seconds = draw(st.floats(-1e12, 1e12) | st.sampled_from((0.0, 599.0, 601.0, -61.0)))
                fields[key] = stamp(seconds)
            elif change == "number":
                fields[key] = draw(st.floats() | st.integers())
            else:
                fields[key] = draw(json_values())
        return fields

    return made()


def stamp(seconds: float) -> str:
    """A time as the contract writes it, as far as years go; else something like it."""
    try:
        return utc(FLOOR_WALL_NS + round(seconds * 10**9))
    except (ValueError, OverflowError):
        return "99999-12-31T23:59:60.000Z"


__all__ = ["COMMANDS_AND_MORE", "FuzzedDoor", "json_values", "mutated", "valid"]
