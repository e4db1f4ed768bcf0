"""What the reader takes and what it refuses."""

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.ward.consumer.parse import MOST_BYTES, read
from deploy.ward.consumer.parse_found import made_at
from deploy.ward.consumer.topics import KINDS
from deploy.ward.consumer.values import Command, Event, Refused, Response
from tests.ward.consumer.conftest import PLACE
from tests.ward.consumer.saying import NOON, REFERENCE, Said, Voice, camera, ulid, utc

VOICE = Voice("n1")
ID = ulid(1)
SPAN = {"from_utc": utc(NOON), "to_utc": utc(NOON)}


def said(message: Said, **changes: Any) -> object:
    topic, payload = message
    fields = {**json.loads(payload), **changes}
    left = {key: value for key, value in fields.items() if value is not ...}
    return read(PLACE, topic, json.dumps(left).encode(), NOON)


def why(result: object) -> str:
    assert isinstance(result, Refused), result
    return result.why


ALL = {
    "event": VOICE.event(ID),
    "health": VOICE.health(NOON, cams=(camera(1, 2),)),
    "birth": VOICE.birth(NOON),
    "availability": VOICE.availability("online", NOON),
    "fault": VOICE.fault("camera_lost", NOON),
    "command": VOICE.command("clip.request", ID, cam="gate", **SPAN),
    "response": VOICE.response(ID, "accepted", "clip.request"),
    "job": VOICE.job(ID, "planned", 1),
}


@pytest.mark.parametrize("kind", ALL)
def test_a_message_of_the_reference_is_taken_with_fields_that_nobody_knows(kind: str) -> None:
    assert not isinstance(said(ALL[kind]), Refused)
    assert said(ALL[kind], colour="red", by_whom={"deep": [1]}) == said(ALL[kind]) or kind == "event"


@pytest.mark.parametrize("kind", ALL)
def test_another_major_version_is_refused_with_words(kind: str) -> None:
    result = said(ALL[kind], schema=f"{kind}/2")
    assert why(result) == "version"
    assert isinstance(result, Refused)
    assert f"{kind}/2" in result.text_en and f"{kind}/1" in result.text_vi


@pytest.mark.parametrize("kind", [kind for kind in ALL if kind != "command"])
def test_another_node_than_the_topics_is_refused(kind: str) -> None:
    assert why(said(ALL[kind], node="n2")) == "node"


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("event", {"rev": 0}),
        ("event", {"rev": 1.5}),
        ("event", {"rev": True}),
        ("event", {"rev": 2**70}),
        ("event", {"phase": "middle"}),
        ("event", {"started_utc": "2026-03-05 05:00"}),
        ("event", {"started_utc": "2026-13-05T05:00:00.000Z"}),
        ("event", {"id": ...}),
        ("event", {"cam": "yard"}),
        ("event", {"objects": [{"track": 1, "class": "person", "score": 1, "box": [0, 0, 1]}]}),
        ("event", {"objects": {}}),
        ("event", {"media": {"clip": {"state": "lost"}}}),
        ("event", {"clock": None}),
        ("health", {"agent": ...}),
        ("health", {"faults": [1]}),
        ("health", {"cams": [{"state": "ok"}]}),
        ("birth", {"session": 5}),
        ("availability", {"state": "asleep"}),
        ("fault", {"code": "another"}),
        ("command", {"request_id": ...}),
        ("response", {"result": "perhaps"}),
        ("job", {"job_id": "another"}),
    ],
)
def test_a_field_that_is_not_as_the_reference_says_is_refused(kind: str, changes: dict[str, Any]) -> None:
    assert why(said(ALL[kind], **changes)) == "schema"


@pytest.mark.parametrize(
    "payload",
    [b"{", b"\xff\xfe", b"[" * 100_000, b'{"a": NaN}', b'{"schema": "event/1", "x": "\\u0000"}', b'{"x": "\\ud800"}'],
)
def test_what_is_no_json_that_a_database_can_keep_is_refused(payload: bytes) -> None:
    assert why(read(PLACE, ALL["event"][0], payload, NOON)) == "bad_json"


def test_what_only_looks_like_it_is_taken() -> None:
    assert isinstance(said(ALL["event"], zone="\\u0000 \U0001f600"), Event)


@pytest.mark.parametrize("payload", [b"[]", b"5", b"null", b'"text"'])
def test_what_is_no_object_is_refused(payload: bytes) -> None:
    assert why(read(PLACE, ALL["event"][0], payload, NOON)) == "schema"


def test_what_is_huge_is_refused_and_not_kept() -> None:
    result = read(PLACE, ALL["event"][0], b"x" * (MOST_BYTES + 1), NOON)
    assert why(result) == "too_large"
    assert isinstance(result, Refused)
    assert len(result.excerpt) <= 400
    assert result.bytes == MOST_BYTES + 1


def test_pictures_are_jpeg_of_at_most_40_kb() -> None:
    topic, jpeg = VOICE.thumb(ID)
    assert not isinstance(read(PLACE, topic, jpeg, NOON), Refused)
    assert why(read(PLACE, topic, jpeg + bytes(40_000), NOON)) == "too_large"
    assert why(read(PLACE, topic, b"GIF89a", NOON)) == "schema"


def test_no_word_of_a_refused_command_is_kept() -> None:
    result = read(PLACE, "camera/v1/test/n1/cmd/config.apply", b'{"yaml": "password: hunter2"', NOON)
    assert isinstance(result, Refused)
    assert "hunter2" not in repr(result)


def test_a_configuration_and_a_token_are_not_taken_over() -> None:
    yaml = VOICE.command("config.apply", ID, yaml="mqtt: {password: hunter2}")
    answer = {"wipe": {"token": "hunter2", "expires_in_s": 300}}
    wiped = said(VOICE.response(ID, "accepted", "wipe"), answer=answer)
    asked = said(yaml, signature="hunter2")
    assert isinstance(asked, Command) and isinstance(wiped, Response)
    assert "hunter2" not in repr(asked) + repr(wiped)


def test_a_command_through_rabbitmq_keeps_its_name() -> None:
    topic, payload = ALL["command"]
    slashed = read(PLACE, topic.replace("clip.request", "clip/request"), payload, NOON)
    assert slashed == read(PLACE, topic, payload, NOON)


def test_an_empty_message_clears_and_is_never_refused() -> None:
    assert not isinstance(read(PLACE, "camera/v1/test/n1/fault/x", b"", NOON), Refused | None)
    assert read(PLACE, f"camera/v1/test/n1/job/{ID}", b"", NOON) is None


@pytest.mark.parametrize("topic", ["camera/v1/other/n1/health", "camera/v1/test/n1/nothing", "x", ""])
def test_other_topics_are_refused(topic: str) -> None:
    assert why(read(PLACE, topic, b"{}", NOON)) == "topic"


def test_every_topic_of_the_reference_but_states_is_subscribed_to() -> None:
    channels = json.loads((REFERENCE / "asyncapi.json").read_text(encoding="utf-8"))["channels"]
    below = {channel["address"].split("{node}/", 1)[-1] for channel in channels.values()}
    shapes = {"/".join("+" if "{" in part else part for part in each.split("/")) for each in below}
    shapes = {"cmd/+" if each.startswith("cmd/") else each for each in shapes}
    assert shapes - set(KINDS) == {"cam/+/state/+", "+/v1/+/server/state"}


def test_the_time_in_an_id_never_changes() -> None:
    assert made_at(ID) == made_at(ID.lower()) == NOON
    assert made_at("7" + "Z" * 25) == made_at("an-id") == datetime(1970, 1, 1, tzinfo=timezone.utc)


def test_a_time_ahead_of_ours_is_not_when_a_node_was_seen() -> None:
    early = read(PLACE, *VOICE.availability("online", NOON + timedelta(hours=1)), NOON)
    wrong = read(PLACE, *Voice("n1", trusted=False).availability("online", NOON - timedelta(days=900)), NOON)
    kept = read(PLACE, *Voice("n1", trusted=False).availability("online", NOON - timedelta(days=900)), NOON, True)
    assert [one.sender.seen_at for one in (early, wrong)] == [NOON, NOON]  # type: ignore[union-attr]
    assert kept.sender.seen_at == NOON - timedelta(days=900)  # type: ignore[union-attr]


@given(st.binary(max_size=200), st.sampled_from([each[0] for each in ALL.values()]))
def test_no_bytes_raise(payload: bytes, topic: str) -> None:
    read(PLACE, topic, payload, NOON)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=5), each, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(ALL)), st.data())
def test_no_value_of_any_field_raises(kind: str, data: st.DataObject) -> None:
    fields = sorted(json.loads(ALL[kind][1]))
    said(ALL[kind], **{data.draw(st.sampled_from(fields)): data.draw(JSON)})
