"""Golden fixtures of each message: what is on the wire does not change unnoticed, and fits the published schemas."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from agent.contract.channels import CHANNELS, channel_of
from agent.contract.examples import examples
from tests.contract.golden import FIXTURES, golden

REFERENCE = Path(__file__).parents[2] / "docs/reference/mqtt"
REMEDY = "if the change is meant: python -m tests.contract.golden"


def test_the_fixtures_are_what_the_code_writes() -> None:
    wanted = golden()
    assert {path.name for path in FIXTURES.iterdir()} == set(wanted), REMEDY
    for name, content in wanted.items():
        assert (FIXTURES / name).read_bytes() == content, f"{name}: {REMEDY}"


def test_there_is_one_of_each_message() -> None:
    assert {one.channel for one in examples()} == {channel.name for channel in CHANNELS if channel.model is not None}
    for one in examples():
        channel = channel_of(one.topic)
        assert channel is not None
        assert channel.name == one.channel


@pytest.mark.parametrize("name", [channel.name for channel in CHANNELS if channel.model is not None])
def test_a_fixture_fits_its_published_schema_and_its_model(name: str) -> None:
    fields = json.loads((FIXTURES / f"{name}.json").read_bytes())
    schema = json.loads((REFERENCE / f"{name}.schema.json").read_bytes())
    Draft202012Validator.check_schema(schema)
    assert [error.message for error in Draft202012Validator(schema).iter_errors(fields)] == []
    model = next(channel.model for channel in CHANNELS if channel.name == name)
    assert model is not None
    model.model_validate_json((FIXTURES / f"{name}.json").read_bytes(), strict=True)
