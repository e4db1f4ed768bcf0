"""Messages as rows: which values go into which statement."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import astuple
from datetime import datetime

from . import statements as to
from .statements import Statement
from .values import (
    Availability,
    Birth,
    Command,
    Event,
    Fault,
    FaultCleared,
    Health,
    Job,
    Message,
    Refused,
    Response,
    Sender,
    Thumb,
)

Row = tuple[object, ...]


def rows_of(messages: Iterable[Message], ward: str) -> dict[Statement, list[Row]]:
    """All rows of a batch by statement, in the order of their keys, each once."""
    found: dict[Statement, dict[Row, Row]] = defaultdict(dict)
    for message in messages:
        for statement, row in _rows(message):
            key = row[: statement.key]
            if statement in MERGED and key in found[statement]:
                key = (*key, len(found[statement]))  # each has its say, in the order of arrival
            found[statement][key] = row
    found[to.NODE] = {(node,): (node, ward, seen_at) for node, seen_at in _alive(messages).items()}
    return {one: [rows[key] for key in sorted(rows, key=_sortable)] for one, rows in found.items()}


WITH_SENDER = (Event, Health, Birth, Availability, Fault, Job, Response)
MERGED = {to.BIRTH, to.SESSION, to.FAULT, to.JOB, to.JOB_FILE, to.REFUSED, to.NODE_KEY}


def _sortable(key: Row) -> tuple[str, ...]:
    return tuple(f"{part:020}" if isinstance(part, int) else str(part) for part in key)


def _rows(message: Message) -> Iterator[tuple[Statement, Row]]:
    match message:
        case Event():
            yield from _event(message)
        case Health():
            yield from _health(message)
        case Birth():
            yield from _birth(message)
        case Availability(sender, session, state):
            over = state != "online"
            yield to.SESSION, (sender.node, session, sender.seen_at, state if over else None, _ended(sender, over))
        case Job():
            yield from _job(message)
        case Fault(sender):
            yield to.FAULT, (sender.node, message.code, message.since, sender.seen_at, *_fault(message))
        case Thumb():
            yield (
                to.THUMB,
                (message.node, message.event_id, message.made_at, message.cam, message.received_at, message.jpeg),
            )
        case Command():
            yield to.COMMAND, astuple(message)
        case Response(sender):
            said = (message.code, message.text_vi, message.text_en, message.job_id, message.answer)
            key = (sender.node, message.request_id, message.result)
            yield to.RESPONSE, (*key, message.command, sender.sent_at, sender.received_at, *said)
        case Refused(at, topic, why, vi, en, size, sha256, excerpt):
            yield to.REFUSED, (topic, sha256, at, why, vi, en, size, excerpt)
        case FaultCleared():
            return


def _alive(messages: Iterable[Message]) -> dict[str, datetime]:
    """When each node was last alive."""
    found: dict[str, datetime] = {}
    for message in messages:
        # A Will was written when its session began, and says nothing of the time at which it is sent.
        if isinstance(message, WITH_SENDER) and not (isinstance(message, Availability) and message.state == "offline"):
            sender = message.sender
            found[sender.node] = max(sender.seen_at, found.get(sender.node, sender.seen_at))
    return found


def _ended(sender: Sender, over: bool) -> object:
    return sender.received_at if over and not sender.retained else None


def _event(event: Event) -> Iterator[tuple[Statement, Row]]:
    sender, clip = event.sender, event.clip
    yield (
        to.EVENT,
        (
            *(sender.node, event.id, event.made_at, event.rev, event.phase, event.rule, event.rule_id, event.severity),
            *(event.cam, event.started_at, event.ended_at, event.end_reason, sender.clock_trusted, event.count),
            *(event.zone, event.direction, clip.state, clip.url, clip.sha256, clip.bytes, clip.from_at, clip.to_at),
            *(clip.reason, clip.manifest_url, clip.manifest_sha256),
        ),
    )
    key = (sender.node, event.id, event.rev)
    yield to.EVENT_REV, (*key, event.made_at, sender.seq, sender.sent_at, sender.received_at, event.body)
    for ordinal, seen in enumerate(event.objects):
        what = (seen.track, seen.label, seen.score, list(seen.box), seen.dwell_s, seen.role)
        yield to.EVENT_OBJECT, (*key, ordinal, event.made_at, *what)


def _health(health: Health) -> Iterator[tuple[Statement, Row]]:
    sender = health.sender
    key, seen = (health.at, sender.boot_id), sender.seen_at
    yield (
        to.HEALTH,
        (
            *(sender.node, *key, seen, sender.received_at, health.uptime_s, health.rss_mb, health.cpu_pct),
            *(health.temp_c, health.disk_free_mb, health.rtt_ms, health.reconnects, health.spool_messages),
            *(health.spool_oldest_s, health.spool_clips, health.dropped_total, list(health.faults)),
        ),
    )
    for cam in health.cams:
        yield (
            to.HEALTH_CAM,
            (
                *(sender.node, cam.id, *key, seen, health.uptime_s, cam.state, cam.cause, cam.view, cam.fps),
                *(cam.recorded_s, cam.expected_s, cam.gap_s, cam.footage_oldest_at, cam.footage_bytes, cam.chain_link),
            ),
        )
        for gap in cam.gaps:
            yield to.GAP, (sender.node, cam.id, gap.from_at, gap.to_at, gap.cause)


def _birth(birth: Birth) -> Iterator[tuple[Statement, Row]]:
    sender = birth.sender
    yield (
        to.BIRTH,
        (
            *(sender.node, birth.ward, sender.seen_at, birth.session, birth.label, birth.agent_version),
            *(birth.config_hash, birth.insecure, birth.timezone, birth.latitude, birth.longitude, birth.cameras),
            list(birth.capabilities),
        ),
    )
    yield to.SESSION, (sender.node, birth.session, sender.seen_at, None, None)
    if birth.key_fingerprint and birth.public_key:
        yield to.NODE_KEY, (sender.node, birth.key_fingerprint, birth.public_key, sender.seen_at)


def _fault(fault: Fault) -> Row:
    words = (fault.text_vi, fault.text_en, fault.remedy_vi, fault.remedy_en)
    return (fault.severity, list(fault.sources), *words)


def _job(job: Job) -> Iterator[tuple[Statement, Row]]:
    sender = job.sender
    seq = -1 if sender.seq is None else sender.seq
    said = (job.kind, job.state, job.error_vi, job.error_en, job.reason_vi, job.reason_en, job.until_at)
    kept = (job.cam, job.from_at, job.to_at, job.coverage_s, job.bytes_total, job.bytes_sent)
    yield to.JOB, (sender.node, job.job_id, job.request_id, seq, sender.seen_at, *said, *kept)
    for file in job.files:
        yield to.JOB_FILE, (sender.node, job.job_id, *astuple(file))
