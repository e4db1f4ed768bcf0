"""One example of each message, as it stands on the wire: shown in the published reference, kept as golden fixtures."""

from collections.abc import Mapping
from dataclasses import dataclass

from agent.clock import NS, Clock, Moment
from agent.contract.answers import Answer, LiveAnswer
from agent.contract.base import GapSpan, ManifestFile, Message, Words, utc
from agent.contract.birth import (
    AgentFacts,
    BirthMessage,
    BoardFacts,
    CameraFacts,
    ConfigFacts,
    EvidenceFacts,
    ModelFacts,
    RuleFacts,
)
from agent.contract.commands import Officer, ResponseMessage, ServerState
from agent.contract.envelope import seal
from agent.contract.event import ClipMedia, EventMessage, Media, ModelRef, ObjectPart, ThumbMedia
from agent.contract.health import (
    AgentHealth,
    BoardHealth,
    CameraHealth,
    DiskHealth,
    HealthMessage,
    NetHealth,
    SpoolHealth,
)
from agent.contract.jobs import JobFile, JobMessage, TimeRange
from agent.contract.messages import AvailabilityMessage, FaultMessage, StateMessage
from agent.contract.requests import REQUESTS
from agent.contract.topics import Topics
from agent.values import EndReason, Phase, Severity

NOON_NS = 1_782_475_200 * NS  # 2026-06-26, 12:00 UTC
REQUEST = "01KW1XDFA0G3Z9T7R5M2C8B4VQ"
EVENT = "01KW1XBB0Q6H4J2N8P0S3D5F7K"
SHA, OTHER_SHA = "5f" * 32, "c4" * 32
TOPICS = Topics("camera", "phuong-ben-thanh", "node-0012")
BY = Officer(officer="CA-0417", case="2026/118", reason="mất xe máy trước cổng chợ")
KEY = (
    "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
    "-----END PUBLIC KEY-----\n"
)


@dataclass(frozen=True, slots=True)
class Example:
    """`payload` as published; `channel` as in the AsyncAPI document."""

    channel: str
    topic: str
    payload: bytes


def examples() -> tuple[Example, ...]:
    """One of each channel that carries JSON."""
    made = (
        _node("availability", TOPICS.availability(), AvailabilityMessage(state="online", session="9b1d" * 8)),
        _node("birth", TOPICS.birth(), _birth()),
        _node("health", TOPICS.health(), _health()),
        _node("fault", TOPICS.fault("camera_unreachable"), _fault()),
        _node("event", TOPICS.event("cong-cho", "intrusion"), _event(), seq=4711),
        _node("state", TOPICS.state("cong-cho", "line_crossing-cong"), _state()),
        _node("job", TOPICS.job(REQUEST), _job(), seq=4712),
        _node("response", TOPICS.response(REQUEST), _response(), seq=4713),
    )
    asked = tuple(_asked(name) for name in REQUESTS)
    state = ServerState(state="online", sent_utc=utc(NOON_NS))
    body = state.model_dump_json(by_alias=True, exclude_none=True).encode()
    return (*made, *asked, Example("server-state", TOPICS.server_state(), body))


def _node(channel: str, topic: str, message: Message, seq: int | None = None) -> Example:
    return Example(channel, topic, seal(message.body(), topic, _Noon().now(), _Noon(), seq))


def _asked(name: str) -> Example:
    model = REQUESTS[name]
    needs = {"by": BY.model_dump()} if model.model_fields["by"].is_required() else {}
    given = {"schema": "command/1", "request_id": REQUEST, "issued_utc": utc(NOON_NS), "expires_in_s": 60, **needs}
    message = model.model_validate({**given, **ASKED.get(name, {})})
    payload = message.model_dump_json(by_alias=True, exclude_unset=True, exclude_none=True).encode()
    return Example(name.replace(".", "-"), TOPICS.command(name), payload)


_SPAN = {"from_utc": utc(NOON_NS - 600 * NS), "to_utc": utc(NOON_NS - 540 * NS)}
_YAML = "node: {ward: phuong-ben-thanh, id: node-0012}\n…\n"
ASKED: Mapping[str, Mapping[str, object]] = {
    "clip.request": {"cam": "cong-cho", **_SPAN, "priority": 80},
    "clip.cancel": {"job_id": REQUEST},
    "hold.add": {"cam": "cong-cho", **_SPAN, "until_utc": utc(NOON_NS + 30 * 86_400 * NS)},
    "hold.release": {"hold_id": REQUEST},
    "footage.list": {"cam": "cong-cho", "limit": 50},
    "snapshot": {"cam": "cong-cho"},
    "live.start": {"cam": "cong-cho", "max_kbps": 1000, "max_s": 300},
    "live.keepalive": {"job_id": REQUEST},
    "live.stop": {"job_id": REQUEST},
    "config.validate": {"yaml": _YAML},
    "config.apply": {"yaml": _YAML, "replaces": SHA, "window_s": 120},
    "identify": {"for_s": 30},
    "wipe": {"scope": "footage"},
}


class _Noon(Clock):
    """A clock that stands still, and is right."""

    def __init__(self) -> None:
        self.boot_id = "3f0c7b1e-6a54-4f0d-9a53-2d1b8f6c7e90"

    def now(self) -> Moment:
        return Moment(8_100 * NS, NOON_NS, True, self.boot_id)

    @property
    def error_ms(self) -> int | None:
        return 12


def _birth() -> BirthMessage:
    return BirthMessage(
        session="9b1d" * 8,
        label="Ngã tư chợ Bến Thành",
        timezone="Asia/Ho_Chi_Minh",
        agent=AgentFacts(version="0.1.0"),
        config=ConfigFacts(hash=OTHER_SHA),
        board=BoardFacts(
            model="Raspberry Pi 4 Model B Rev 1.5", machine="aarch64", system="Debian 13", memory_mb=3976, cpus=4
        ),
        cameras=(
            CameraFacts(
                id="cong-cho", label="Cổng chợ", kind="rtsp", width=1920, height=1080, codec="h264", analysis_fps=5
            ),
        ),
        rules=(RuleFacts(cam="cong-cho", id="intrusion-san", rule="intrusion", severity=Severity.ALERT, place="san"),),
        models=(ModelFacts(name="ssdlite", sha256=SHA, family="ssd", provider="cpu"),),
        evidence=EvidenceFacts(fingerprint=SHA, public_key=KEY),
        capabilities=("clip.request", "rebirth"),
    )


def _health() -> HealthMessage:
    return HealthMessage(
        at_utc=utc(NOON_NS),
        agent=AgentHealth(uptime_s=8_060, rss_mb=158.4, cpu_pct=21.5, restarts=0),
        board=BoardHealth(cpu_pct=24.0, load=0.9, mem_free_mb=2_900, temp_c=61.2),
        disk=DiskHealth(free_mb=11_800, inodes_free_pct=97.1, written_mb_day=24_300),
        net=NetHealth(connected=True, protocol="5", iface="wlan0", rssi_dbm=-67, rtt_ms=38.0, uplink_kbps=2_100),
        spool=SpoolHealth(messages=2, oldest_age_s=0.4, clips=1, bytes=4_100_000),
        cams=(
            CameraHealth(
                id="cong-cho",
                state="ok",
                view="ok",
                frame_age_s=0.08,
                fps=15.0,
                analysed_fps=5.0,
                recorded_s=8_051.2,
                expected_s=8_055.0,
                gap_s=3.8,
                gaps=(
                    GapSpan(
                        from_utc=utc(NOON_NS - 900 * NS), to_utc=utc(NOON_NS - 896 * NS), cause="camera_unreachable"
                    ),
                ),
            ),
        ),
    )


def _fault() -> FaultMessage:
    return FaultMessage(
        code="camera_unreachable",
        severity=Severity.ALERT,
        since_utc=utc(NOON_NS - 20 * NS),
        sources=("capture-cong-cho",),
        text=Words(vi="Mất hình từ camera", en="No picture from the camera"),
        remedy=Words(vi="Kiểm tra dây và nguồn của camera", en="Check the camera's cable and power"),
    )


def _event() -> EventMessage:
    seen = ObjectPart.model_validate(
        {
            "track": 7,
            "class": "person",
            "score": 0.87,
            "box": (0.41, 0.32, 0.49, 0.71),
            "dwell_s": 6.4,
            "zones": ("san",),
            "path": ((0.38, 0.70), (0.45, 0.71)),
        }
    )
    clip = ClipMedia(
        state="uploaded",
        sha256=SHA,
        bytes=4_100_000,
        url="https://ward.example/files/01KW1XBB0Q6H4J2N8P0S3D5F7K",
        from_utc=utc(NOON_NS - 40 * NS),
        to_utc=utc(NOON_NS - 10 * NS),
        manifest=ManifestFile(url="https://ward.example/files/01KW1XBB0Q.manifest", sha256=OTHER_SHA),
    )
    return EventMessage(
        id=EVENT,
        rev=3,
        phase=Phase.END,
        rule="intrusion",
        rule_id="intrusion-san",
        severity=Severity.ALERT,
        cam="cong-cho",
        started_utc=utc(NOON_NS - 35 * NS),
        ended_utc=utc(NOON_NS - 15 * NS),
        end_reason=EndReason.OVER,
        mono_ms=8_085_000,
        objects=(seen,),
        count=1,
        zone="san",
        media=Media(clip=clip, thumb=ThumbMedia(state="queued", bytes=18_300)),
        model=ModelRef(name="ssdlite", sha256=SHA),
        config_hash=OTHER_SHA,
        onvif_topic="tns1:RuleEngine/FieldDetector/ObjectsInside",
    )


def _state() -> StateMessage:
    return StateMessage(
        cam="cong-cho",
        rule="line_crossing",
        rule_id="line_crossing-cong",
        at_utc=utc(NOON_NS),
        active=False,
        count=2,
        total_in=118,
        total_out=97,
    )


def _job() -> JobMessage:
    span = TimeRange.model_validate(_SPAN)
    file = JobFile(
        name=f"{REQUEST}.mp4",
        url=f"https://ward.example/files/{REQUEST}",
        sha256=SHA,
        bytes=9_400_000,
        from_utc=span.from_utc,
        to_utc=span.to_utc,
        manifest=ManifestFile(url=f"https://ward.example/files/{REQUEST}.manifest", sha256=OTHER_SHA),
    )
    return JobMessage(
        job_id=REQUEST,
        request_id=REQUEST,
        kind="clip",
        state="done",
        cam="cong-cho",
        range=span,
        bytes_total=9_400_000,
        bytes_sent=9_400_000,
        files=(file,),
    )


def _response() -> ResponseMessage:
    live = LiveAnswer(kbps=900, encoded=False, ends_utc=utc(NOON_NS + 300 * NS), keepalive_s=30)
    return ResponseMessage(
        request_id=REQUEST, command="live.start", result="accepted", job_id=REQUEST, answer=Answer(live=live)
    )
