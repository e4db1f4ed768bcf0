"""A clock that stands still until told, and things to put into a spool."""

import hashlib
import json
from pathlib import Path
from typing import Any

from agent.clock import NS, Clock, Moment
from agent.config.model import SpoolSection
from agent.contract.event import Origin
from agent.contract.topics import Topics
from agent.spool import ClipPlan, Found, Recording, Spool
from agent.values import (
    Box,
    Clip,
    ClipWanted,
    Draft,
    EndReason,
    Event,
    EventObject,
    OutgoingMessage,
    Phase,
    Severity,
)

T0 = 1_780_000_000 * NS
TOPICS = Topics("camera", "ward-1", "node-7")
HOW = Recording(TOPICS, Origin(), ClipPlan(pre_roll_s=5, post_roll_s=5, max_clip_s=120, segment_s=10, grace_s=5))


class StillClock(Clock):
    """Moves only when a test moves it."""

    def __init__(self, boot: str = "boot-a", trusted: bool = True, wall_ns: int = T0) -> None:
        self.boot_id = boot
        self.moment = Moment(1000 * NS, wall_ns, trusted, boot)

    def now(self) -> Moment:
        return self.moment

    def mono_s(self) -> float:
        return self.moment.mono_s

    def pass_s(self, seconds: float) -> None:
        self.moment = self.moment.shifted(seconds)

    def set_right(self, wall_ns: int = T0) -> None:
        """The clock is set now."""
        self.moment = Moment(self.moment.mono_ns, wall_ns, True, self.boot_id)

    @property
    def error_ms(self) -> int | None:
        return None


def section(messages: int = 1000, clips: str = "1MB") -> SpoolSection:
    return SpoolSection.model_validate({"messages": messages, "clips_budget": clips})


def open_spool(directory: Path, clock: Clock, messages: int = 1000, clips: str = "1MB") -> Spool:
    return Spool(directory, section(messages, clips), clock)


def draft(clock: Clock, number: int = 0, priority: int = 10, **more: Any) -> Draft:
    return Draft(TOPICS.health(), json.dumps({"n": number}).encode(), clock.now(), priority, **more)


def event(
    clock: Clock, event_id: str = "e1", phase: Phase = Phase.START, started: Moment | None = None, **more: Any
) -> Event:
    now = clock.now()
    ended = {"ended": now, "end_reason": EndReason.OVER} if phase is Phase.END else {}
    return Event(
        **{
            "id": event_id,
            "phase": phase,
            "rule": "intrusion",
            "rule_id": "intrusion-gate",
            "severity": Severity.WARNING,
            "cam": "gate",
            "started": started or now,
            "at": now,
            "objects": (EventObject(1, "person", 0.9, Box(0.1, 0.1, 0.2, 0.2)),),
            "count": 1,
            **ended,
            **more,
        }
    )


def found(clock: Clock, event_id: str = "e1", phase: Phase = Phase.START, **more: Any) -> Found:
    return Found(event(clock, event_id, phase, **more))


def make_clip(spool: Spool, clip_id: str = "e1", data: bytes = b"moving pictures", priority: int = 50) -> Clip:
    path = spool.clips_directory / f"{clip_id}.mp4"
    path.write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    return Clip(clip_id, "gate", path, T0, T0 + 10 * NS, len(data), digest, (), priority)


def queue_clip(spool: Spool, clip: Clip) -> None:
    """The clip was cut."""
    at = Moment(0, T0, True, "boot")
    spool.clip_ready(ClipWanted(clip.id, clip.cam, at, at, at), clip)


def wanted(clock: Clock, wanted_id: str = "e1") -> ClipWanted:
    now = clock.now()
    return ClipWanted(wanted_id, "gate", now, now.shifted(10), now.shifted(20))


def read(message: OutgoingMessage) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(message.payload)
    return fields


def all_pending(spool: Spool) -> list[dict[str, Any]]:
    """Everything that waits, as JSON, thumbnails left out."""
    return [read(message) for message in spool.pending(10_000) if "/thumb/" not in message.topic]
