"""Every setting and every section says in both languages what it is."""

import pytest

from agent.config.model import Config
from agent.config.storage import FootageSection
from agent.config.told import about, every_section, pair
from agent.config.units import Section
from agent.i18n import Text

SETTINGS = [(section, name) for section in every_section() for name in (None, *section.model_fields) if name != "rule"]
# The same in both: what a word stands for, or nothing to translate.
ALIKE = {"sensor: Camera Module 3; single: Raspberry Pi 5."}


@pytest.mark.parametrize(("section", "name"), SETTINGS, ids=lambda each: getattr(each, "__name__", each) or "itself")
def test_it_is_told_in_both_languages(section: type[Section], name: str | None) -> None:
    told = about(section, name)
    where = f"{section.__name__}.{name}"
    assert told.en.strip(), f"{where}: a docstring is missing under it"
    assert told.vi.strip(), f"{where}: the line `vi: …` is missing at the end of its docstring"
    assert told.vi != told.en or told.en in ALIKE, where
    assert "vi: " not in told.en + told.vi, where


def test_all_sections_are_walked() -> None:
    names = {section.__name__ for section in every_section()}
    assert {"Config", "FootageSection", "CameraSection", "Schedule", "LoiteringRule", "Picamera2Section"} <= names
    assert len(SETTINGS) > 200


def test_a_pair_is_read_as_it_is_written() -> None:
    assert pair("One.\nTwo.\nvi: Một.\nHai.") == Text(en="One. Two.", vi="Một. Hai.")
    assert pair("One vi: only.") == Text(en="One vi: only.", vi="")
    assert about(FootageSection, "budget").en == "Footage never takes more."
    assert about(Config, "footage") == about(FootageSection), "a section that is a setting is told by its class"
