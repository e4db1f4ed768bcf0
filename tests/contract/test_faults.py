"""Every code that the agent raises can be told to a person, in both languages."""

import re
from pathlib import Path

import pytest

from agent.contract.base import utc
from agent.contract.faults import CODES, describe, entry_of, fault_message
from agent.errors import CameraError
from agent.i18n import Text
from agent.values import Severity

TOLD_AT_THE_TERMINAL_ONLY = {"not_running", "erased"}
AGENT = Path(__file__).parents[2] / "agent"


@pytest.mark.parametrize("code", sorted(CODES))
def test_both_languages_are_there(code: str) -> None:
    entry = describe(code)
    for text in (entry.text, entry.remedy):
        assert text.en and text.vi and text.en != text.vi
        assert re.search(r"[à-ỹđ]", text.vi.lower()), text.vi


def test_every_code_in_the_source_is_in_the_catalogue() -> None:
    raised = {code for path in AGENT.rglob("*.py") for code in re.findall(r'\bcode="(\w+)"', path.read_text("utf-8"))}
    assert "internal" in raised
    assert raised - TOLD_AT_THE_TERMINAL_ONLY <= CODES


def test_an_unknown_code_is_internal_in_its_own_words() -> None:
    entry = describe("melted", Text(en="It melted", vi="Nó chảy rồi"))
    assert (entry.code, entry.text.en) == ("internal", "It melted")


def test_an_error_brings_its_own_words_and_hint() -> None:
    hint = Text(en="Look at the plug", vi="Xem lại phích cắm")
    entry = entry_of(CameraError(Text(en="No gate camera", vi="Mất camera cổng"), hint, code="camera_absent"))
    assert (entry.severity, entry.text.vi, entry.remedy) == (Severity.ALERT, "Mất camera cổng", hint)
    message = fault_message(entry, 0, ("capture-gate",))
    assert message.since_utc == utc(0)
    assert message.sources == ("capture-gate",)
