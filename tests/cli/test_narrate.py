"""What `watch` prints: one plain sentence per thing worth a line, clips only after their bytes were checked."""

import hashlib
from pathlib import Path

import pytest

from agent.cli.narrate import Narrator
from agent.clock import Moment
from agent.contract.base import Words, utc
from agent.contract.event import ClipMedia, Media, Origin, event_message
from agent.contract.messages import FaultMessage
from agent.values import Box, EndReason, Event, EventObject, Phase, Severity

AT = Moment(10**9, 1_800_000_000 * 10**9, True, "boot")
TOPIC = "camera/v1/w/n/cam/gate/event/intrusion"


def payload(phase: Phase, rev: int, clip: ClipMedia | None = None) -> bytes:
    event = Event(
        id="01K0000000000000000000000A",
        phase=phase,
        rule="intrusion",
        rule_id="intrusion-kerb",
        severity=Severity.ALERT,
        cam="gate",
        started=AT,
        at=AT,
        ended=AT.shifted(5.0) if phase is Phase.END else None,
        end_reason=EndReason.OVER if phase is Phase.END else None,
        objects=(EventObject(1, "person", 0.9, Box(0.1, 0.1, 0.2, 0.4)),),
        count=1,
        zone="kerb",
    )
    return event_message(event, rev, Media(clip=clip or ClipMedia(state="recording")), Origin(), AT).body()


def test_an_event_is_told_at_its_start_and_end_and_not_in_between() -> None:
    narrator = Narrator({"gate": "Cổng"}, "vi")
    start = narrator.line(TOPIC, payload(Phase.START, 1))
    assert start is not None and "vùng cấm 'kerb'" in start and "Cổng" in start
    assert narrator.line(TOPIC, payload(Phase.UPDATE, 2)) is None
    end = narrator.line(TOPIC, payload(Phase.END, 3))
    assert end is not None and "đã kết thúc" in end
    assert narrator.line(TOPIC, payload(Phase.END, 4, ClipMedia(state="queued"))) is None
    assert narrator.line(TOPIC, payload(Phase.START, 1)) is None, "a repeated message is not a new event"


@pytest.mark.parametrize(("content", "sign"), [(b"the clip", "✓"), (b"other", "✗"), (None, "✗")])
def test_a_clip_is_called_good_only_when_its_bytes_are(tmp_path: Path, content: bytes | None, sign: str) -> None:
    if content is not None:
        (tmp_path / "abc123").write_bytes(content)
    clip = ClipMedia(
        state="uploaded",
        sha256=hashlib.sha256(b"the clip").hexdigest(),
        bytes=8,
        url="http://127.0.0.1:1080/files/abc123",
    )
    line = Narrator({}, "en", tmp_path).line(TOPIC, payload(Phase.END, 5, clip))
    assert line is not None and sign in line and line.count("▶") == 1


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"{}", b"[1]", b'{"schema": "event/1"}'])
def test_garbage_from_the_broker_is_one_line_and_no_crash(body: bytes) -> None:
    line = Narrator({}, "en").line(TOPIC, body)
    assert line is not None and "unreadable" in line


def test_a_cleared_fault_is_told_only_when_it_was_open() -> None:
    narrator = Narrator({}, "en")
    topic = "camera/v1/w/n/fault/disk_full"
    assert narrator.line(topic, b"") is None
    text, remedy = Words(en="The disk is full", vi="Ổ đĩa đầy"), Words(en="Make room", vi="Dọn bớt")
    fault = FaultMessage(code="disk_full", severity=Severity.ALERT, since_utc=utc(0), text=text, remedy=remedy)
    assert "✗ The disk is full" in str(narrator.line(topic, fault.model_dump_json().encode()))
    assert "✓ no longer so: The disk is full" in str(narrator.line(topic, b""))
    assert narrator.line(topic, b"") is None
