"""Whatever comes to the door: each message gets one answer with a known reason, or silence that is counted.

Structured: valid, signed commands of every kind, with some of their parts replaced, and raw bytes. `make fuzz` goes on
for minutes, by coverage (`fuzz_door.py`).
"""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.commands.fuzzing import COMMANDS_AND_MORE, FuzzedDoor, json_values, mutated

EXAMPLES = 400


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> FuzzedDoor:
    return FuzzedDoor(tmp_path_factory.mktemp("door"))


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(name=st.sampled_from(COMMANDS_AND_MORE), payload=st.binary(max_size=300), retained=st.booleans())
def test_bytes(door: FuzzedDoor, name: str, payload: bytes, retained: bool) -> None:
    door.hear(name, payload, retained)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(name=st.sampled_from(COMMANDS_AND_MORE), text=st.text(max_size=300))
def test_text(door: FuzzedDoor, name: str, text: str) -> None:
    door.hear(name, text.encode("utf-8", "surrogatepass"), False)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), name=st.sampled_from(COMMANDS_AND_MORE), sign=st.booleans(), trusted=st.booleans())
def test_commands_with_parts_replaced(
    door: FuzzedDoor, data: st.DataObject, name: str, sign: bool, trusted: bool
) -> None:
    door.clock.right = trusted
    door.hear(name, door.written(name, data.draw(mutated(name)), sign), data.draw(st.booleans()))


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), name=st.sampled_from(COMMANDS_AND_MORE))
def test_commands_with_bytes_changed(door: FuzzedDoor, data: st.DataObject, name: str) -> None:
    payload = bytearray(door.written(name, data.draw(mutated(name, 0)), True))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(payload)))
        payload[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    door.hear(name, bytes(payload), False)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(name=st.sampled_from(COMMANDS_AND_MORE), value=json_values())
def test_any_json(door: FuzzedDoor, name: str, value: object) -> None:
    door.hear(name, door.written(name, value, False), False)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    piece=st.sampled_from(['{"a":', "[", "[[],", '{"', '"\\', "9", "-", "1e", "\\ud800", "ổ", "[1,"]), data=st.data()
)
def test_one_piece_again_and_again(door: FuzzedDoor, piece: str, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(("config.apply", "rebirth")))
    door.hear(name, (piece * data.draw(st.integers(1, 9000))).encode(), False)


def test_the_valid_commands_that_all_this_begins_with_are_valid(door: FuzzedDoor) -> None:
    door.clock.right = True
    for name in door.names:
        answer = door.hear(name, door.written(name, door.valid(name), True), False)
        assert answer is not None and answer["result"] == "done", (name, answer)
