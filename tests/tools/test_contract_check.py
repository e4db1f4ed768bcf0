"""`camera-agent contract check`: names the first violation of each kind, and agrees with the published schemas."""

import copy
import io
import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from agent.cli import main
from agent.contract.channels import CHANNELS
from agent.contract.examples import examples
from agent.tools.contract_check import Checker, check_stream
from agent.tools.dump import LONGEST_LINE, Recorded, lines_of, read_dump
from tests.contract.golden import FIXTURES

REFERENCE = Path(__file__).parents[2] / "docs/reference/mqtt"
EVENT = "camera/v1/w/n/cam/c/event/intrusion"
VALIDATORS = {
    channel.name: Draft202012Validator(json.loads((REFERENCE / f"{channel.name}.schema.json").read_bytes()))
    for channel in CHANNELS
    if channel.model is not None
}


def checked(text: bytes) -> Checker:
    return check_stream(read_dump(io.BytesIO(text)))


def first(checker: Checker, kind: str) -> str:
    found = checker.kinds[kind].first
    assert found is not None
    return f"{found.line} {found.text.en}"


def event(**changes: Any) -> bytes:
    fields = json.loads((FIXTURES / "event.json").read_bytes())
    changed = {key: value for key, value in {**fields, **changes}.items() if value is not ...}
    return EVENT.encode() + b" " + json.dumps(changed | {"node": changes.get("node", "n")}).encode() + b"\n"


def test_all_golden_messages_pass() -> None:
    checker = checked((FIXTURES / "dump.txt").read_bytes())
    assert checker.violations == 0
    assert len(checker.kinds) == len(VALIDATORS)


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        (event(rev="3"), "event", "1 `rev`"),
        (event(rev=...), "event", "1 `rev` is missing"),
        (event(phase="over"), "event", "1 `phase`"),
        (event(ended_utc=...), "event", "1 `ended_utc` stands exactly when"),
        (event(node="other"), "event", "1 `node` is not the one"),
        (event(clock=...), "event", "1 `clock` is missing"),
        (event() + event(rev=4), "event", "2 `seq` 4711 was another"),
        (EVENT.encode() + b" {\n", "event", "1 not JSON"),
        (EVENT.encode() + b" []\n", "event", "1 not a JSON object"),
        (EVENT.encode() + b" \n", "event", "1 empty"),
        (b"camera/v1/w/n/nothing/x {}\n", "unknown", "1 no topic"),
        (b"camera/v1/w/n/cam/c/thumb/1 GIF89a\n", "thumb", "1 not a JPEG"),
        (b"rubbish\n", "unknown", "1 no topic"),
    ],
)
def test_each_violation_is_named_with_its_line(text: bytes, kind: str, said: str) -> None:
    checker = checked(text)
    assert checker.violations == 1
    assert first(checker, kind).startswith(said)


def test_the_same_message_may_come_again() -> None:
    assert checked(event() + event()).violations == 0


def test_an_empty_payload_clears_what_is_retained() -> None:
    assert checked(b"camera/v1/w/n/fault/camera_lost \ncamera/v1/w/n/birth \n").violations == 0


def test_a_picture_in_text_form_belongs_to_its_topic() -> None:
    picture = b"\xff\xd8\xff\n{}\n\n a/b c\n"
    checker = checked(b"camera/v1/w/n/cam/c/thumb/1 " + picture + event())
    assert checker.violations == 0
    assert checker.kinds["thumb"].messages == checker.kinds["event"].messages == 1


@pytest.mark.parametrize("as_text", [True, False])
def test_json_lines_of_mosquitto_sub_are_read(as_text: bool) -> None:
    lines = []
    for one in examples():
        payload = one.payload.decode() if as_text else json.loads(one.payload)
        line = {"tst": "2026-06-26T12:00:00", "topic": one.topic, "qos": 1, "retain": 0, "payload": payload}
        lines.append(json.dumps(line).encode() + b"\n")
    checker = checked(b"".join(lines))
    assert checker.violations == 0
    assert len(checker.kinds) == len(VALIDATORS)


def test_a_retained_command_is_a_violation() -> None:
    topic = next(one for one in examples() if one.channel == "rebirth")
    checker = Checker()
    checker.take(Recorded(1, topic.topic, topic.payload, retained=True))
    assert checker.violations == 1


@given(st.data())
def test_it_agrees_with_the_published_schema(data: st.DataObject) -> None:
    """Whatever stands in place of one value: the checker refuses what the schema refuses."""
    one = data.draw(st.sampled_from(examples()))
    fields = json.loads(one.payload)
    path = data.draw(st.sampled_from(sorted(_paths(fields), key=str)))
    value: Any = data.draw(st.sampled_from([None, "x", 1, -1, 1.5, True, [], {}, "2026-01-01T00:00:00.000Z", 10**9]))
    changed = _with(copy.deepcopy(fields), path, value)
    good = VALIDATORS[one.channel].is_valid(changed)
    checker = Checker()
    checker.take(Recorded(1, one.topic, json.dumps(changed).encode()))
    if not good:
        assert checker.violations == 1, (path, value)
    elif checker.violations:  # more than a schema can say
        assert path[-1] in ("node", "phase", "ended_utc"), (path, value, first(checker, one.channel))


def _paths(value: Any, at: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = {at} if at else set()
    for key, item in inner:
        found |= _paths(item, (*at, key))
    return found


def _with(value: Any, path: tuple[str | int, ...], new: Any) -> Any:
    target = value
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = new
    return value


def test_the_command_line_says_it_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dump = tmp_path / "dump"
    dump.write_bytes((FIXTURES / "dump.txt").read_bytes())
    assert main(["contract", "check", str(dump)]) == 0
    dump.write_bytes(event(rev=0))
    assert main(["contract", "check", str(dump)]) == 1
    assert "rev" in capsys.readouterr().out
    assert main(["contract", "check", "--json", str(dump)]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["kinds"]["event"]["violations"] == 1
    dump.write_bytes(b"")
    assert main(["contract", "check", str(dump)]) == 1
    assert main(["contract", "check", str(tmp_path / "none")]) == 1
    assert "none" in capsys.readouterr().err


def test_lines_without_end_are_cut_and_the_next_one_is_read() -> None:
    health = b"camera/v1/w/n/health {}\n"
    long = b"x" * (2 * LONGEST_LINE + 5) + b"\n"
    assert [len(line) for line in lines_of(io.BytesIO(long + health))] == [LONGEST_LINE, len(health)]
    assert [len(line) for line in lines_of(io.BytesIO(health + b"x" * LONGEST_LINE))] == [len(health), LONGEST_LINE]


def test_a_picture_of_many_short_lines_takes_no_longer_than_a_file_of_its_size() -> None:
    thumb = b"camera/v1/w/n/cam/a/thumb/x \xff\xd8\xff" + b"\nab" * 300_000
    begin_s = time.process_time()
    (found,) = read_dump(io.BytesIO(thumb))
    assert time.process_time() - begin_s < 10  # each line copied all before it: minutes
    assert found.payload == thumb.partition(b" ")[2]
