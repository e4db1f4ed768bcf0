"""What vision found becomes rows: the numbered revision, its thumbnail, the event, the footage it wants.

Functions on an open transaction, so that all of it or nothing is on the disk.
"""

import sqlite3
from dataclasses import dataclass, replace

from agent.clock import NS, Moment
from agent.contract.base import redated
from agent.contract.event import (
    MAX_THUMB_BYTES,
    ClipMedia,
    Media,
    Origin,
    ThumbMedia,
    event_message,
)
from agent.contract.topics import Topics
from agent.errors import Rejected
from agent.i18n import Text
from agent.spool.events import NO_HEAD, KnownEvent, load, load_wanted, moved_to, settle, store, want
from agent.spool.messages import Place, Role, count_loss, insert, number
from agent.values import ClipWanted, Draft, Event, Phase, Severity

ALERT_PRIORITY, EVENT_PRIORITY, THUMB_PRIORITY = 10, 20, 30
# After what the ward asked for (10 to 110, see commands/clip_request.py).
CLIP_PRIORITIES = {Severity.ALERT: 130, Severity.WARNING: 150, Severity.INFO: 170}
FEW = 20  # no more than this wait: a new start is handed out at once
LOST_REVISIONS = 1_000  # no event has so many revisions
TAKEN = Text(
    en="this id is an event's; give the command an id of its own",
    vi="mã này là của một sự kiện; hãy đặt mã riêng cho lệnh",
)
ROLES = {Phase.START: Role.START, Phase.UPDATE: Role.UPDATE, Phase.END: Role.END}


@dataclass(frozen=True, slots=True)
class ClipPlan:
    """How much footage an event gets, in seconds. `grace_s` is how long the last segment may be late."""

    pre_roll_s: float
    post_roll_s: float
    max_clip_s: float
    segment_s: float
    grace_s: float = 5.0


@dataclass(frozen=True, slots=True)
class Recording:
    """What is the same for all events: where they go, who saw them, and their footage (None: no clips leave)."""

    topics: Topics
    origin: Origin
    clips: ClipPlan | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One thing handed over by vision."""

    event: Event
    thumb: bytes | None = None


@dataclass(frozen=True, slots=True)
class Now:
    """What is true at the time of writing."""

    at: Moment
    set_aside: int  # databases lost so far
    sending: bool = False  # somebody takes messages out


def record(connection: sqlite3.Connection, found: Found, how: Recording, state: Now) -> None:
    """Write one revision and all that follows from it."""
    now = state.at
    event = found.event
    known = load(connection, event.id)
    thumb = found.thumb if found.thumb is not None and len(found.thumb) <= MAX_THUMB_BYTES else None
    if found.thumb is not None and thumb is None:
        count_loss(connection, "thumb")
    media = moved_to(known, now).message.media if known else _first_media(event, how)
    if thumb is not None:
        media = media.model_copy(update={"thumb": ThumbMedia(state="queued", bytes=len(thumb))})
    revision = KnownEvent(
        message=event_message(event, _revision(event, known, state.set_aside), media, how.origin, now),
        at=redated(event.at, now),
        topic=how.topics.event(event.cam, event.rule),
        # The first revision's: a later one must not overtake it.
        priority=known.priority if known else ALERT_PRIORITY if event.severity is Severity.ALERT else EVENT_PRIORITY,
        lasted_ms=(event.at.mono_ns - event.started.mono_ns) // 10**6,
        open=event.phase is not Phase.END,
        lost=known.lost if known else False,
        head=known.head if known else NO_HEAD,
    )
    # Marked now, it needs no second write when it leaves; bounded, since marked starts cannot be evicted.
    handed = event.phase is Phase.START and state.sending and number(connection) < FEW
    head = store(connection, revision, ROLES[event.phase], handed)
    if thumb is not None and not revision.lost:
        topic = how.topics.thumb(event.cam, event.id)
        draft = Draft(topic, thumb, revision.at, THUMB_PRIORITY, binary=True)
        insert(connection, draft, Place(Role.THUMB, event.id, head))
    if how.clips is not None and event.clip:
        _want_clip(connection, event, how.clips, known is None)
    if event.phase is Phase.END:
        settle(connection, event.id)


def _first_media(event: Event, how: Recording) -> Media:
    return Media(clip=ClipMedia(state="recording" if event.clip and how.clips is not None else "none"))


def _revision(event: Event, known: KnownEvent | None, set_aside: int) -> int:
    if known is not None:
        return known.message.rev + 1
    # The rest of an event whose row went with a damaged database counts on above what it can have had.
    return 1 if event.phase is Phase.START else LOST_REVISIONS * set_aside + 1


def is_events(connection: sqlite3.Connection, clip_id: str) -> bool:
    """Is it the id of an event that is not over yet, or of an event's clip?"""
    found = connection.execute(
        "SELECT 1 FROM events WHERE id = :id UNION ALL SELECT 1 FROM wanted WHERE id = :id AND priority >= :first"
        " UNION ALL SELECT 1 FROM clips WHERE id = :id AND priority >= :first",
        {"id": clip_id, "first": min(CLIP_PRIORITIES.values())},
    )
    return found.fetchone() is not None


def need_own_id(connection: sqlite3.Connection, wanted: ClipWanted) -> None:
    """What somebody asked for may not stand in an event's place. Raises Rejected."""
    if wanted.priority < min(CLIP_PRIORITIES.values()) and is_events(connection, wanted.id):
        raise Rejected(TAKEN)


def _want_clip(connection: sqlite3.Connection, event: Event, plan: ClipPlan, first: bool) -> None:
    wanted = load_wanted(connection, event.id)
    if wanted is None and first:
        start = event.started.shifted(-plan.pre_roll_s)
        end = start.shifted(plan.max_clip_s)
        wanted = ClipWanted(event.id, event.cam, start, end, end, CLIP_PRIORITIES[event.severity])
    if wanted is None:
        return  # cut already
    end = wanted.end
    if event.ended is not None:
        nearer_s = (event.ended.mono_ns - end.mono_ns) / NS + plan.post_roll_s
        end = end.shifted(min(0.0, nearer_s))
    want(connection, replace(wanted, end=end, due=end.shifted(plan.segment_s + plan.grace_s)))
