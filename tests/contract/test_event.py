"""Events become messages that fit their cap and carry right times."""

from pathlib import Path

from agent.clock import NS, Moment
from agent.contract.base import utc
from agent.contract.event import (
    ENVELOPE_BYTES,
    MAX_EVENT_BYTES,
    EventMessage,
    Media,
    ModelRef,
    Origin,
    clip_media,
    event_message,
)
from agent.values import Box, Clip, Event, EventObject, Gap, Phase, Point, Severity

T0 = 1_780_000_000 * NS
AT = Moment(10 * NS, T0, True, "boot-a")
ORIGIN = Origin(model=ModelRef(name="ssdlite", sha256="a" * 64), config_hash="b" * 64)


def an_event(objects: int = 1, zone: str = "via-he") -> Event:
    seen = EventObject(
        track=7,
        label="person",
        score=0.87654,
        box=Box(0.1, 0.2, 0.3, 0.45678),
        dwell_s=3.21,
        heading_deg=89.99,
        path=tuple(Point(0.01 * step, 0.5) for step in range(20)),
    )
    return Event(
        id="01JZ0000000000000000000000",
        phase=Phase.START,
        rule="intrusion",
        rule_id="intrusion-via-he",
        severity=Severity.ALERT,
        cam="gate",
        started=AT.shifted(-1),
        at=AT,
        objects=(seen,) * objects,
        count=objects,
        zone=zone,
    )


def test_the_body_reads_as_the_contract_says() -> None:
    message = event_message(an_event(), 1, Media(), ORIGIN, AT)
    text = message.body().decode()
    assert '"schema":"event/1"' in text
    assert '"class":"person"' in text
    assert '"started_utc":"' + utc(T0 - NS) in text
    assert "ended_utc" not in text
    assert EventMessage.model_validate_json(text) == message
    assert message.onvif_topic == "tns1:RuleEngine/FieldDetector/ObjectsInside"


def test_a_path_keeps_its_newest_point_and_is_short() -> None:
    path = event_message(an_event(), 1, Media(), ORIGIN, AT).objects[0].path
    assert len(path) <= 8
    assert path[-1] == (0.19, 0.5)


def test_a_crowd_fits_the_cap_and_keeps_its_count() -> None:
    message = event_message(an_event(300, "z" * 63), 1, Media(), ORIGIN, AT)
    assert len(message.body()) <= MAX_EVENT_BYTES - ENVELOPE_BYTES
    assert len(message.objects) >= 10
    assert message.count == 300


def test_times_before_the_clock_was_set_are_right_once_it_is() -> None:
    early = Moment(10 * NS, 50 * NS, False, "boot-a")
    event = Event(
        id="x",
        phase=Phase.END,
        rule="crowd",
        rule_id="crowd",
        severity=Severity.INFO,
        cam="gate",
        started=early,
        at=early.shifted(5),
        ended=AT,
    )
    message = event_message(event, 2, Media(), ORIGIN, Moment(20 * NS, T0 + 10 * NS, True, "boot-a"))
    assert message.started_utc == utc(T0)
    assert message.corrected
    assert message.ended_utc == utc(T0)


def test_a_clip_with_many_gaps_is_told_in_short() -> None:
    gaps = tuple(Gap(T0 + n, T0 + n + 1, "reconnect") for n in range(50))
    clip = Clip("x", "gate", Path("x.mp4"), T0, T0 + NS, 9, "c" * 64, gaps)
    media = clip_media(clip, "uploaded", "https://ward/files/1")
    assert media.gaps is not None
    assert len(media.gaps) == 8
    assert "x.mp4" not in media.model_dump_json()
