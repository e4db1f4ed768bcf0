"""Commands as a ward writes them, and a clock that tests turn."""

import json
from typing import Any

from ulid import ULID

from agent.clock import FLOOR_WALL_NS, Clock, Moment
from agent.contract.base import utc
from agent.contract.topics import Topics
from agent.values import Draft

NS = 10**9
TOPICS = Topics("camera", "ward-1", "node-1")
BY = {"officer": "O-17", "case": "C-2026-4", "reason": "theft at the gate"}


class TurnedClock(Clock):
    """Stands still until it is turned; trusted unless told otherwise."""

    def __init__(self) -> None:
        self.boot_id = "boot-1"
        self.seconds = 0.0
        self.right = True

    def now(self) -> Moment:
        return Moment(round(self.seconds * NS), FLOOR_WALL_NS + round(self.seconds * NS), self.right, self.boot_id)

    def mono_s(self) -> float:
        return self.seconds

    def trusted(self) -> bool:
        return self.right


def order(**fields: Any) -> dict[str, Any]:
    return {"request_id": str(ULID()), "issued_utc": utc(FLOOR_WALL_NS), "expires_in_s": 60} | fields


def sent(fields: Any) -> bytes:
    return json.dumps(fields).encode()


def said(draft: Draft | None) -> dict[str, Any]:
    assert draft is not None
    body: dict[str, Any] = json.loads(draft.body)
    assert draft.topic == TOPICS.response(body["request_id"])
    return body
