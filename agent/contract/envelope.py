"""The envelope: what is true of a message only at the moment it leaves.

`seal` adds node, seq, boot_id, sent_utc, clock and late to a body. Times that were written in this boot before the
clock was set are moved to the right time, and `corrected` says so.
"""

import json
from typing import Any, Literal

from agent.clock import NS, Clock, Moment
from agent.contract.base import Message, Part, Utc, parse_utc, redated, utc
from agent.contract.topics import node_of

LATE_NS = 60 * NS


class ClockFacts(Part):
    """The clock behind the times of this message."""

    trusted: bool
    source: Literal["ntp", "none"]
    error_ms: int | None = None


class Envelope(Message):
    """What every message carries beside its own fields."""

    node: str
    seq: int | None = None  # 64 bit, grows for ever; only on messages that must not be lost
    boot_id: str  # of the boot in which the message was written
    sent_utc: Utc
    clock: ClockFacts
    late: bool | None = None  # true: sent more than 60 s after what it tells of
    corrected: bool | None = None  # true: written before the clock was set, times since put right


def seal(body: bytes, topic: str, at: Moment, clock: Clock, seq: int | None = None) -> bytes:
    """The payload to publish now for a `body` (JSON object) that was written at `at`.

    Raises ValueError when the body is no JSON object or the topic is none of a node's.
    """
    fields = json.loads(body)
    if not isinstance(fields, dict):
        raise ValueError("the body of a message is a JSON object")
    now = clock.now()
    right = redated(at, now)
    if right is not at:
        fields = shifted_times(fields, right.wall_ns - at.wall_ns) | {"corrected": True}
    envelope = Envelope(
        node=node_of(topic),
        seq=seq,
        boot_id=at.boot_id,
        sent_utc=utc(now.wall_ns),
        clock=ClockFacts(
            trusted=right.trusted,
            source=("ntp" if right.trusted else "none"),
            error_ms=clock.error_ms if now.trusted else None,
        ),
        late=True if _late(right, now) else None,
    )
    fields |= envelope.model_dump(exclude_none=True)
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


def shifted_times(fields: dict[str, Any], delta_ns: int) -> dict[str, Any]:
    """The same fields with every `*_utc`, at any depth, `delta_ns` later."""
    return {key: _shifted_field(key, item, delta_ns) for key, item in fields.items()}


def _late(at: Moment, now: Moment) -> bool:
    if at.boot_id == now.boot_id:
        return now.mono_ns - at.mono_ns > LATE_NS
    # Another boot: only two set clocks can be compared, and a restart takes its time.
    return not (at.trusted and now.trusted) or now.wall_ns - at.wall_ns > LATE_NS


def _shifted(value: Any, delta_ns: int) -> Any:
    if isinstance(value, dict):
        return shifted_times(value, delta_ns)
    if isinstance(value, list):
        return [_shifted(item, delta_ns) for item in value]
    return value


def _shifted_field(key: str, value: Any, delta_ns: int) -> Any:
    if key.endswith("_utc") and isinstance(value, str):
        return utc(parse_utc(value) + delta_ns)
    return _shifted(value, delta_ns)
