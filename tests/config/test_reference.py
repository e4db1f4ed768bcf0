from agent.config.reference import config_reference
from agent.config.schema import config_schema
from tests.config.files import ROOT


def test_the_kept_page_is_what_the_code_says() -> None:
    kept = (ROOT / "docs/guide/config.md").read_text(encoding="utf-8")
    assert kept == config_reference(), "run: python -m agent.config.reference > docs/guide/config.md"


def test_every_section_has_its_table() -> None:
    page = config_reference()
    for section in config_schema()["$defs"].values():
        assert "properties" not in section or section["description"] in page
