"""Sentences as people read them."""

import pytest

from agent.config.rules import RULES as ALL
from agent.contract.base import Words, utc
from agent.contract.event import ClipMedia, EventMessage, Media, ObjectPart
from agent.contract.health import AgentHealth, BoardHealth, CameraHealth, HealthMessage, SpoolHealth
from agent.contract.messages import FaultMessage
from agent.contract.words import cameras_of, event_words, fault_words, health_words
from agent.values import EndReason, Phase, Severity


def an_event(rule: str = "intrusion", count: int = 1, **more: object) -> EventMessage:
    seen = ObjectPart(track=1, label="person", score=0.9, box=(0.1, 0.1, 0.2, 0.2))
    message = EventMessage(
        id="x",
        rev=1,
        phase=Phase.START,
        rule=rule,
        rule_id=rule,
        severity=Severity.ALERT,
        cam="gate",
        started_utc=utc(0),
        mono_ms=1,
        objects=(seen,),
        count=count,
        zone="via-he",
    )
    return message.model_copy(update=more)


def test_an_intrusion() -> None:
    words = event_words(an_event(), camera="cổng", zone="vỉa hè")
    assert words.vi == "Người trong vùng cấm 'vỉa hè' (camera cổng), 1 người"
    assert words.en == "Person in the forbidden zone 'vỉa hè' (camera cổng), 1 person"


def test_a_crossing_tells_its_way() -> None:
    words = event_words(an_event("line_crossing", zone="cong", direction="in"))
    assert words.vi == "Người đi qua vạch 'cong' (chiều vào) (camera gate), lượt thứ 1 chiều này"


def test_a_crowd_tells_its_size() -> None:
    assert event_words(an_event("crowd", 12)).en == "Crowd in the zone 'via-he': 12 people (camera gate)"
    assert event_words(an_event("crowd", 12)).vi == "Đông người trong vùng 'via-he': 12 người (camera gate)"


def test_the_end_tells_why_and_what_became_of_the_clip() -> None:
    media = Media(clip=ClipMedia(state="uploaded"))
    words = event_words(an_event(phase=Phase.END, end_reason=EndReason.RESTART, media=media))
    assert words.vi.endswith("— bị ngắt do thiết bị dừng hoặc khởi động lại — đã gửi clip")


def test_a_rule_without_words_is_still_told() -> None:
    assert event_words(an_event("tail_gating")).en == "Tail gating 'via-he': Person (camera gate), 1 person"


def test_health() -> None:
    health = HealthMessage(
        at_utc=utc(0),
        agent=AgentHealth(uptime_s=1, rss_mb=1, cpu_pct=1, restarts=0),
        board=BoardHealth(temp_c=61.4),
        spool=SpoolHealth(messages=3, oldest_age_s=1, clips=1, bytes=9),
        cams=(CameraHealth(id="gate", state="ok"), CameraHealth(id="yard", state="lost")),
        faults=("camera_absent",),
    )
    assert health_words(health).vi == "1/2 camera hoạt động, còn 3 tin và 1 clip chờ gửi, 61 °C; lỗi: camera_absent"


def test_a_fault() -> None:
    fault = FaultMessage(
        code="camera_absent",
        severity=Severity.ALERT,
        since_utc=utc(0),
        sources=("capture-gate",),
        text=Words(en="The camera is not there.", vi="Không tìm thấy camera."),
        remedy=Words(en="Check the plug", vi="Kiểm tra phích cắm"),
    )
    assert fault_words(fault).vi == "Không tìm thấy camera (camera gate). Kiểm tra phích cắm."


def test_of_the_sources_only_cameras_are_named() -> None:
    assert cameras_of(("vision-ngo-12", "capture-gate-stuck", "capture-gate", "link")) == " (camera gate, ngo-12)"
    assert cameras_of(("link", "spool")) == ""


def a_part(label: str, **more: object) -> ObjectPart:
    return ObjectPart.model_validate(
        {"track": 1, "class": label, "score": 0.9, "box": (0.1, 0.1, 0.2, 0.2), **more}
    )  # fmt: skip


def test_dumping_tells_what_and_who_was_near() -> None:
    objects = (a_part("object", track=0), a_part("person", role="near"), a_part("truck", role="near"))
    words = event_words(an_event("dumping", objects=objects))
    assert words.vi == "Vật thể bị bỏ lại trong vùng 'via-he' (camera gate), 1 vật thể, ở gần đó: 1 người, 1 xe tải"
    assert words.en == "Object left behind in the zone 'via-he' (camera gate), 1 object, nearby: 1 person, 1 truck"


def test_a_collision_counts_each_kind() -> None:
    objects = (a_part("motorcycle"), a_part("car"), a_part("person", role="near"))
    words = event_words(an_event("collision", 2, objects=objects))
    assert words.en == "Perhaps a collision 'via-he': 1 motorcycle, 1 car (camera gate), nearby: 1 person"
    assert words.vi == "Nghi va chạm giao thông 'via-he': 1 xe máy, 1 ô tô (camera gate), ở gần đó: 1 người"


def test_tampering_counts_nobody() -> None:
    words = event_words(an_event("tamper", 0, objects=(), zone=None))
    assert words.vi == "Camera bị che, xoay hoặc làm mờ (camera gate)"
    assert words.en == "The camera's view is tampered with (camera gate)"


@pytest.mark.parametrize("rule", ALL)
def test_every_rule_has_words_in_both_languages(rule: str) -> None:
    words = event_words(an_event(rule))
    other = event_words(an_event("tail_gating"))
    assert words.en.split(" ")[0] != "{rule}"
    assert words.vi != words.en
    assert rule.replace("_", " ").capitalize() not in words.vi
    assert words.en != other.en
