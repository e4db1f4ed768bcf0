"""What is signed, against vectors made by another language (JavaScript, whose JSON.stringify RFC 8785 is built on), and
the file that the ward's keys come from.
"""

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from nacl.signing import SigningKey

from agent.app.command_keys import read_command_keys
from agent.commands.refused import Refused
from agent.commands.signature import signed_bytes
from agent.commands.strict import DEEPEST, MOST_VALUES, parse_object
from agent.contract.topics import Topics
from agent.errors import ConfigError
from tests.commands.signing import public_pem

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "docs/reference/signed-commands.json").read_text(encoding="utf-8")
)
TOPICS = Topics("camera", VECTORS["ward"], VECTORS["node"])
ONE, TWO, THREE = (SigningKey(bytes([number]) * 32) for number in (1, 2, 3))


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "command-key.pem"


@pytest.mark.parametrize("vector", VECTORS["commands"], ids=lambda vector: vector["what"])
def test_the_published_examples_are_what_the_node_verifies(vector: dict[str, str], key_file: Path) -> None:
    key_file.write_text(VECTORS["public_key_pem"])
    verifies = read_command_keys(key_file)
    assert verifies is not None
    fields = parse_object(vector["body"].encode())
    said = signed_bytes(TOPICS, vector["command"], fields)
    assert said.decode() == f"{TOPICS.ward}/{TOPICS.node}/{vector['command']}\n{vector['canonical']}"
    assert verifies(said, vector["signature"])
    signed = parse_object(json.dumps(fields | {"signature": vector["signature"]}).encode())
    assert signed_bytes(TOPICS, vector["command"], signed) == said
    for other in (
        signed_bytes(Topics("camera", "ward-2", TOPICS.node), vector["command"], fields),
        signed_bytes(Topics("camera", TOPICS.ward, "node-2"), vector["command"], fields),
        signed_bytes(TOPICS, "wipe", fields),
        signed_bytes(TOPICS, vector["command"], fields | {"request_id": "01JZ5Y8C3N7Q2R4S6T8V0W1X2Z"}),
    ):
        assert not verifies(other, vector["signature"])


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 9007199254740992}',
        '{"a": -9007199254740992}',
        '{"a": 100000000000000000000}',
        '{"a": "\\ud800"}',
        '{"\\udc00": 1}',
        '{"a": "\\ud83d \\ude00"}',
        '{"a": 1, "a": 1}',
        '{"a": NaN}',
        '{"a": -Infinity}',
        '{"a": 1e309}',
    ],
)
def test_what_has_no_single_canonical_form_is_not_read(text: str) -> None:
    with pytest.raises(Refused):
        parse_object(text.encode())


@pytest.mark.parametrize("opening", ['{"a":', "["])
def test_the_deepest_that_is_read(opening: str) -> None:
    def nested(levels: int) -> bytes:
        closing = "}" if opening.startswith("{") else "]"
        return ('{"a":' + opening * levels + "1" + closing * levels + "}").encode()

    assert parse_object(nested(DEEPEST - 1))
    with pytest.raises(Refused) as caught:
        parse_object(nested(DEEPEST))
    assert caught.value.text.en.endswith("16 levels")


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100,
        '\\"' + "[" * 100,
        "\\\\",
        "{" * 100 + "\\\\",
        "," * 5000,
        '\\",' * 5000,
        "- a: [1, {b: 2}]\\n" * 2000,
    ],
)
def test_what_stands_in_texts_does_not_count(text: str) -> None:
    assert parse_object(('{"a": "' + text + '", "b": [[{}]]}').encode())["b"] == [[{}]]


@pytest.mark.fault("C29", "JSON bombs")
@pytest.mark.parametrize(
    "text",
    [
        '{"a": [' + "1," * MOST_VALUES + "1]}",
        '{"a": [' + "[]," * 20_000 + "[]]}",
        '{"a": [' + '"",' * 20_000 + '""]}',
        '{"a": "\\\\", "b": ' + "[" * 20 + "]" * 20 + "}",
        "[" * 60_000,
        "]" * 60_000 + "[" * 17,
        '"' * 60_000,
        "\\" * 60_000,
    ],
    ids=range(8),
)
def test_what_would_be_large_once_it_is_built_is_not_built(text: str) -> None:
    with pytest.raises(Refused):
        parse_object(text.encode())


def test_two_keys_for_the_time_of_a_change(key_file: Path) -> None:
    key_file.write_text(public_pem(ONE, TWO))
    verifies = read_command_keys(key_file)
    assert verifies is not None

    def by(key: SigningKey) -> str:
        return base64.b64encode(key.sign(b"said").signature).decode()

    assert [verifies(b"said", by(key)) for key in (ONE, TWO, THREE)] == [True, True, False]
    assert not verifies(b"said", "not base64 \N{SNOWMAN}")


def test_no_path_is_no_key() -> None:
    assert read_command_keys(None) is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"ssh-ed25519 AAAA",
        b"-----BEGIN PUBLIC KEY-----\nMCow\n-----END PUBLIC KEY-----\n",
        b"\xff\xfe",
        public_pem(ONE, TWO, THREE).encode(),
        b"x" * 5000,
        b"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----\n",
    ],
)
def test_a_file_without_a_usable_key_is_told_in_plain_words(content: bytes, key_file: Path) -> None:
    key_file.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        read_command_keys(key_file)
    assert "commands.key" in caught.value.text.en and "commands.key" in caught.value.text.vi
    assert caught.value.hint is not None and "pubout" in caught.value.hint.en


def test_a_file_that_is_not_there_is_told_in_plain_words(key_file: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read_command_keys(key_file)
    assert str(key_file) in caught.value.text.en


def test_keys_and_signatures_of_openssl_are_taken(tmp_path: Path, key_file: Path) -> None:
    private, said, signature = tmp_path / "private.pem", tmp_path / "said", tmp_path / "signature"
    said.write_bytes(b"ward-1/node-1/rebirth\n{}")
    for line in (
        f"openssl genpkey -algorithm ed25519 -out {private}",
        f"openssl pkey -in {private} -pubout -out {key_file}",
        f"openssl pkeyutl -sign -rawin -inkey {private} -in {said} -out {signature}",
    ):
        subprocess.run(line.split(), check=True, capture_output=True)
    encoded = subprocess.run(("openssl", "base64", "-A", "-in", signature), check=True, capture_output=True).stdout
    verifies = read_command_keys(key_file)
    assert verifies is not None and verifies(said.read_bytes(), encoded.decode())
