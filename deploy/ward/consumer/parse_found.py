"""What cameras found: events and their pictures."""

from datetime import datetime, timedelta, timezone

from .fields import Fields
from .topics import Topic
from .values import Clip, Event, Seen, Sender, Thumb
from .words import Refusal, Words

MOST_THUMB_BYTES = 40_000
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
ULID = {letter: value for value, letter in enumerate("0123456789ABCDEFGHJKMNPQRSTVWXYZ")}
TIME_LETTERS, ALL_LETTERS = 10, 26
CLIP_STATES = ("none", "recording", "queued", "uploaded", "dropped")


def event(topic: Topic, sender: Sender, fields: Fields) -> Event:
    """One revision. Raises Refusal."""
    if fields.text("cam") != topic.cam or fields.text("rule") != topic.name:
        raise Refusal("schema", Words(en="cam or rule is not its topic's", vi="cam hoặc rule khác với chủ đề"))
    id_, rev = fields.text("id"), fields.whole("rev")
    if not 1 <= rev < 2**31 or not 1 <= len(id_) <= 100:
        raise Refusal("schema", Words(en="rev or id is out of bounds", vi="rev hoặc id ngoài giới hạn"))
    return Event(
        sender=sender,
        id=id_,
        made_at=made_at(id_),
        rev=rev,
        phase=fields.one_of("phase", "start", "update", "end"),
        rule=topic.name,
        rule_id=fields.text("rule_id"),
        severity=fields.one_of("severity", "info", "warning", "alert"),
        cam=topic.cam,
        started_at=fields.when("started_utc"),
        ended_at=fields.maybe_when("ended_utc"),
        end_reason=fields.maybe_text("end_reason"),
        count=min(max(fields.maybe_whole("count") or 0, 0), 2**31 - 1),
        zone=fields.maybe_text("zone"),
        direction=fields.maybe_text("direction"),
        clip=_clip(fields.maybe_part("media").maybe_part("clip")),
        objects=tuple(_seen(one) for one in fields.parts("objects")),
        body=fields.as_json(),
    )


def thumb(topic: Topic, payload: bytes, received_at: datetime) -> Thumb:
    """The picture of one event. Raises Refusal."""
    if len(payload) > MOST_THUMB_BYTES:
        raise Refusal("too_large", Words(en="a picture of more than 40 kB", vi="ảnh lớn hơn 40 kB"))
    if not payload.startswith(b"\xff\xd8\xff"):
        raise Refusal("schema", Words(en="this is no JPEG", vi="đây không phải JPEG"))
    return Thumb(topic.node, topic.cam, topic.name, made_at(topic.name), received_at, payload)


def made_at(id_: str) -> datetime:
    """The time inside a ULID; 1970 for an id that is none. Always the same for the same id."""
    letters = id_.upper()
    if len(letters) != ALL_LETTERS or any(letter not in ULID for letter in letters):
        return EPOCH
    milliseconds = 0
    for letter in letters[:TIME_LETTERS]:
        milliseconds = milliseconds * 32 + ULID[letter]
    try:
        return EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return EPOCH


def _clip(fields: Fields) -> Clip:
    if not fields.has("state"):
        return Clip("none")
    manifest = fields.maybe_part("manifest")
    return Clip(
        state=fields.one_of("state", *CLIP_STATES),
        url=fields.maybe_text("url"),
        sha256=fields.maybe_text("sha256"),
        bytes=fields.maybe_whole("bytes"),
        from_at=fields.maybe_when("from_utc"),
        to_at=fields.maybe_when("to_utc"),
        reason=fields.maybe_text("reason"),
        manifest_url=manifest.maybe_text("url"),
        manifest_sha256=manifest.maybe_text("sha256"),
    )


def _seen(fields: Fields) -> Seen:
    return Seen(
        track=fields.whole("track"),
        label=fields.text("class"),
        score=fields.number("score"),
        box=fields.numbers("box", 4),
        dwell_s=fields.maybe_number("dwell_s") or 0.0,
        role=fields.maybe_text("role") or "object",
    )
