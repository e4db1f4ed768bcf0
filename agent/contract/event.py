"""The event message, and how it is made of what a rule found.

`event_message` is pure. Payloads stay under 8 kB: at most 16 objects, 8 points of path each, 8 gaps.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from agent.clock import Moment
from agent.contract.base import GapSpan, ManifestFile, Message, Part, Sha256, Utc, redated, utc
from agent.values import Clip, EndReason, Event, EventObject, Gap, OutgoingClip, Phase, Role, Severity

MAX_OBJECTS = 16
MAX_PATH = 8
MAX_GAPS = 8
MAX_EVENT_BYTES = 8_000
MAX_THUMB_BYTES = 40_000
ENVELOPE_BYTES = 500
Pair = Annotated[tuple[float, ...], Field(min_length=2, max_length=2)]
Corners = Annotated[tuple[float, ...], Field(min_length=4, max_length=4)]

# The nearest event of the ONVIF analytics rules, so that a VMS can map ours.
ONVIF_TOPICS = {
    "intrusion": "tns1:RuleEngine/FieldDetector/ObjectsInside",
    "line_crossing": "tns1:RuleEngine/LineDetector/Crossed",
    "loitering": "tns1:RuleEngine/LoiteringDetector/ObjectIsLoitering",
    "crowd": "tns1:RuleEngine/CountAggregation/Counter",
    "parking": "tns1:RuleEngine/LoiteringDetector/ObjectIsLoitering",
    "congestion": "tns1:RuleEngine/CountAggregation/Counter",
    "encroachment": "tns1:RuleEngine/FieldDetector/ObjectsInside",
    "tamper": "tns1:VideoSource/GlobalSceneChange/AnalyticsService",
}


class ObjectPart(Part):
    """One participant. `box` is left, top, right, bottom; `path` its foot points, oldest first.

    `class` is `object` and `track` 0 for what nobody knows. `role` near: was close by, a witness or the culprit.
    """

    track: int
    label: str = Field(alias="class")
    score: float
    box: Corners
    dwell_s: float = 0.0
    heading_deg: float | None = None  # 0 up, 90 right
    zones: tuple[str, ...] = ()
    path: tuple[Pair, ...] = ()
    role: Role = Role.OBJECT


class ClipMedia(Part):
    """The footage of the event."""

    state: Literal["none", "recording", "queued", "uploaded", "dropped"] = "none"
    sha256: Sha256 | None = None
    bytes: int | None = None
    url: str | None = None
    from_utc: Utc | None = None
    to_utc: Utc | None = None
    gaps: tuple[GapSpan, ...] | None = None
    manifest: ManifestFile | None = None  # uploaded: what proves it
    reason: str | None = None  # dropped: why


class ThumbMedia(Part):
    """The thumbnail, which travels on its own topic."""

    state: Literal["none", "queued"] = "none"
    bytes: int | None = None


class Media(Part):
    """Pictures that belong to the event."""

    clip: ClipMedia = ClipMedia()
    thumb: ThumbMedia = ThumbMedia()


class ModelRef(Part):
    """The model that saw it; absent in motion-only mode."""

    name: str
    sha256: Sha256


class EventMessage(Message):
    """What a rule found. The same `id` comes again with a higher `rev`; each revision tells the whole."""

    schema_: Literal["event/1"] = Field(default="event/1", alias="schema")
    id: str
    rev: Annotated[int, Field(ge=1)]
    phase: Phase
    rule: str
    rule_id: str
    severity: Severity
    cam: str
    started_utc: Utc
    ended_utc: Utc | None = None
    end_reason: EndReason | None = None
    mono_ms: int  # of this revision's frame, within `boot_id`
    corrected: bool = False
    objects: tuple[ObjectPart, ...] = ()
    count: int = 0
    zone: str | None = None
    direction: Literal["in", "out"] | None = None
    media: Media = Media()
    model: ModelRef | None = None
    config_hash: Sha256 | None = None
    onvif_topic: str | None = None
    test: Literal[True] | None = None  # somebody at the device tries the way to the ward: nothing happened


@dataclass(frozen=True, slots=True)
class Origin:
    """What is the same for all events of one run of the agent."""

    model: ModelRef | None = None
    config_hash: str | None = None


def event_message(event: Event, rev: int, media: Media, origin: Origin, now: Moment) -> EventMessage:
    """The message of one revision; times taken before the clock was set are already put right if it is set `now`."""
    started, ended = redated(event.started, now), redated(event.ended, now) if event.ended else None
    message = EventMessage(
        id=event.id,
        rev=rev,
        phase=event.phase,
        rule=event.rule,
        rule_id=event.rule_id,
        severity=event.severity,
        cam=event.cam,
        started_utc=utc(started.wall_ns),
        ended_utc=utc(ended.wall_ns) if ended else None,
        end_reason=event.end_reason,
        mono_ms=event.at.mono_ns // 10**6,
        corrected=started is not event.started or ended is not event.ended,
        objects=tuple(_object(item, event.zone) for item in event.objects[:MAX_OBJECTS]),
        count=event.count,
        zone=event.zone,
        direction="in" if event.direction == "in" else "out" if event.direction == "out" else None,
        media=media,
        model=origin.model,
        config_hash=origin.config_hash,
        onvif_topic=ONVIF_TOPICS.get(event.rule),
    )
    return fitted(message)


def fitted(message: EventMessage) -> EventMessage:
    """The same message with as many objects as fit the cap; `count` still tells how many there are."""
    while message.objects and len(message.body()) > MAX_EVENT_BYTES - ENVELOPE_BYTES:
        message = message.model_copy(update={"objects": message.objects[:-1]})
    return message


def clip_media(clip: Clip | OutgoingClip, state: Literal["queued", "uploaded"], url: str | None = None) -> ClipMedia:
    """What the event says of its clip; `url` is where it was uploaded."""
    return ClipMedia(
        state=state,
        sha256=clip.sha256,
        bytes=clip.bytes,
        url=url,
        from_utc=utc(clip.start_ns),
        to_utc=utc(clip.end_ns),
        gaps=tuple(gap_span(gap) for gap in clip.gaps[:MAX_GAPS]),
        manifest=manifest_file(clip) if isinstance(clip, OutgoingClip) else None,
    )


def manifest_file(clip: OutgoingClip) -> ManifestFile | None:
    """What proves a clip, once it is at the ward."""
    if clip.manifest_url is None or clip.manifest_sha256 is None:
        return None
    return ManifestFile(url=clip.manifest_url, sha256=clip.manifest_sha256)


def gap_span(gap: Gap) -> GapSpan:
    """A gap as it is told."""
    return GapSpan(from_utc=utc(gap.from_ns), to_utc=utc(gap.to_ns), cause=gap.cause)


def _object(item: EventObject, zone: str | None) -> ObjectPart:
    step = max(1, -(-len(item.path) // MAX_PATH))
    return ObjectPart(
        track=item.track,
        label=item.label,
        score=round(item.score, 3),
        box=tuple(round(edge, 4) for edge in (item.box.left, item.box.top, item.box.right, item.box.bottom)),
        dwell_s=round(item.dwell_s, 1),
        heading_deg=None if item.heading_deg is None else round(item.heading_deg, 1),
        zones=(zone,) if zone else (),
        path=tuple((round(point.x, 4), round(point.y, 4)) for point in item.path[::-1][::step][::-1]),
        role=item.role,
    )
