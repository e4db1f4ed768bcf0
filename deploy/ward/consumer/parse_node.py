"""What nodes say of themselves: availability, birth, health, faults."""

from .fields import Fields
from .topics import Topic
from .values import Availability, Birth, CameraHealth, Fault, Gap, Health, Sender
from .words import Refusal, Words


def availability(topic: Topic, sender: Sender, fields: Fields) -> Availability:
    """Raises Refusal; so do all of these."""
    return Availability(sender, fields.text("session"), fields.one_of("state", "online", "stopped", "offline"))


def birth(topic: Topic, sender: Sender, fields: Fields) -> Birth:
    """Who and what a node is."""
    config, location, evidence = fields.part("config"), fields.maybe_part("location"), fields.maybe_part("evidence")
    return Birth(
        sender=sender,
        ward=topic.ward,
        session=fields.text("session"),
        label=fields.maybe_text("label") or "",
        agent_version=fields.part("agent").text("version"),
        config_hash=config.text("hash"),
        insecure=config.has("insecure") and config.flag("insecure"),
        timezone=fields.maybe_text("timezone"),
        latitude=location.maybe_number("latitude"),
        longitude=location.maybe_number("longitude"),
        cameras=fields.as_json("cameras"),
        capabilities=fields.texts("capabilities"),
        key_fingerprint=evidence.maybe_text("fingerprint"),
        public_key=evidence.maybe_text("public_key"),
    )


def fault(topic: Topic, sender: Sender, fields: Fields) -> Fault:
    """One open fault."""
    if fields.text("code") != topic.name:
        raise Refusal("schema", Words(en="code is not its topic's", vi="code khác với chủ đề"))
    text, remedy = fields.part("text"), fields.part("remedy")
    return Fault(
        sender=sender,
        code=topic.name,
        severity=fields.one_of("severity", "info", "warning", "alert"),
        since=fields.when("since_utc"),
        sources=fields.texts("sources"),
        text_vi=text.text("vi"),
        text_en=text.text("en"),
        remedy_vi=remedy.text("vi"),
        remedy_en=remedy.text("en"),
    )


def health(topic: Topic, sender: Sender, fields: Fields) -> Health:
    """How a node is."""
    agent, spool = fields.part("agent"), fields.part("spool")
    net = fields.maybe_part("net")
    return Health(
        sender=sender,
        at=fields.when("at_utc"),
        uptime_s=agent.number("uptime_s"),
        rss_mb=agent.number("rss_mb"),
        cpu_pct=agent.number("cpu_pct"),
        temp_c=fields.maybe_part("board").maybe_number("temp_c"),
        disk_free_mb=fields.maybe_part("disk").maybe_number("free_mb"),
        rtt_ms=net.maybe_number("rtt_ms"),
        reconnects=net.maybe_whole("reconnects"),
        spool_messages=spool.whole("messages"),
        spool_oldest_s=spool.number("oldest_age_s"),
        spool_clips=spool.whole("clips"),
        dropped_total=spool.maybe_whole("dropped_total") or 0,
        faults=fields.texts("faults"),
        cams=tuple(_camera(one) for one in fields.parts("cams")),
    )


def _camera(fields: Fields) -> CameraHealth:
    return CameraHealth(
        id=fields.text("id"),
        state=fields.text("state"),
        cause=fields.maybe_text("cause"),
        view=fields.maybe_text("view"),
        fps=fields.maybe_number("fps") or 0.0,
        recorded_s=fields.maybe_number("recorded_s"),
        expected_s=fields.maybe_number("expected_s"),
        gap_s=fields.maybe_number("gap_s"),
        footage_oldest_at=fields.maybe_when("footage_oldest_utc"),
        footage_bytes=fields.maybe_whole("footage_bytes"),
        chain_link=fields.maybe_part("chain").maybe_text("link"),
        gaps=tuple(Gap(one.when("from_utc"), one.when("to_utc"), one.text("cause")) for one in fields.parts("gaps")),
    )
