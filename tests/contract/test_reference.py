"""The published reference is what the code says."""

from pathlib import Path

from agent.contract.asyncapi import asyncapi, reference
from agent.contract.channels import CHANNELS

DIRECTORY = Path(__file__).parents[2] / "docs/reference/mqtt"
REMEDY = "run: .venv/bin/python -m agent.contract.asyncapi docs/reference/mqtt"


def test_the_committed_reference_equals_the_code() -> None:
    wanted = reference()
    assert {path.name for path in DIRECTORY.glob("*.json")} == set(wanted), REMEDY
    for name, text in wanted.items():
        assert (DIRECTORY / name).read_text(encoding="utf-8") == text, REMEDY


def test_every_reference_inside_the_document_resolves() -> None:
    document = asyncapi()

    def references(value: object) -> list[str]:
        if isinstance(value, dict):
            own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
            return own + [found for item in value.values() for found in references(item)]
        if isinstance(value, list):
            return [found for item in value for found in references(item)]
        return []

    found = references(document)
    assert len(found) > len(CHANNELS)
    for pointer in found:
        target: object = document
        for part in pointer.removeprefix("#/").split("/"):
            assert isinstance(target, dict), pointer
            target = target[part]


def test_every_topic_level_in_braces_is_a_parameter() -> None:
    for channel in asyncapi()["channels"].values():
        for name in channel["parameters"]:
            assert "{" + name + "}" in channel["address"]
