import pytest

from agent.config.reference import PAGES, config_reference
from agent.config.schema import config_schema
from agent.i18n import Language
from tests.config.files import ROOT


@pytest.mark.parametrize(("name", "language"), PAGES)
def test_the_kept_pages_are_what_the_code_says(name: str, language: Language) -> None:
    kept = (ROOT / "docs/guide" / name).read_text(encoding="utf-8")
    assert kept == config_reference(language), "run: python -m agent.config.reference docs/guide"


@pytest.mark.parametrize("language", ["en", "vi"])
def test_every_section_has_its_table(language: Language) -> None:
    page = config_reference(language)
    for section in config_schema(language)["$defs"].values():
        assert "properties" not in section or section["description"] in page


def test_limits_of_what_has_a_unit_are_told_with_the_unit() -> None:
    page = config_reference("vi")
    assert "| `keepalive` | thời gian từ 5s đến 1h | `30s` |" in page
    assert "| `memory` | dung lượng từ 8MB đến 4GB | `64MB` |" in page
