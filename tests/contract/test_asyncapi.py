"""The official AsyncAPI parser (npm) accepts the published document, and would notice a mistake in it."""

import copy
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from agent.contract.asyncapi import asyncapi
from deploy.npm import install_packages
from deploy.ward import WardError
from deploy.ward.ward import default_cache

HERE = Path(__file__).parent / "asyncapi"
ERROR = 0  # the parser's severities: 0 error, 1 warning, 2 information


@pytest.fixture(scope="module")
def parser() -> Path:
    try:
        return install_packages(
            "asyncapi-parser", HERE, ("check.mjs", "package.json", "package-lock.json"), default_cache()
        )
    except WardError as error:
        pytest.skip(str(error))


def said(parser: Path, document: dict[str, Any]) -> tuple[bool, list[dict[str, Any]]]:
    command = ("node", str(parser / "check.mjs"))
    run = subprocess.run(command, input=json.dumps(document).encode(), capture_output=True, check=True, timeout=60)
    answer = json.loads(run.stdout)
    return answer["parsed"], answer["said"]


def test_the_official_parser_accepts_the_document(parser: Path) -> None:
    parsed, words = said(parser, asyncapi())
    assert parsed
    assert [word for word in words if word["severity"] <= 1] == []


def test_the_parser_sees_an_operation_of_no_channel(parser: Path) -> None:
    document = copy.deepcopy(asyncapi())
    document["operations"]["send-event"]["channel"] = {"$ref": "#/components/messages/event"}
    _, words = said(parser, document)
    assert any(word["severity"] == ERROR for word in words), words


def test_the_parser_sees_a_reference_that_leads_nowhere(parser: Path) -> None:
    document = copy.deepcopy(asyncapi())
    document["components"]["messages"]["job"]["payload"]["allOf"][0]["$ref"] = "#/components/schemas/Nothing"
    parsed, words = said(parser, document)
    assert not parsed
    assert any(word["severity"] == ERROR for word in words)
