"""Sections made in code are held to the same rules as those from a file; units are read as written."""

from typing import Any

import pytest
from pydantic import ValidationError

from agent.config.camera import CameraSection
from agent.config.explain import in_units, slug_of
from agent.config.model import Config, FootageSection, TlsSection
from agent.config.units import DURATIONS, SIZES, Bilingual, duration_s, size_bytes

CAMERA: dict[str, Any] = {"id": "a", "source": "rtsp://h/x"}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("10s", 10.0), ("250ms", 0.25), ("1.5h", 5400.0), ("2 min", 120.0), ("3m", 180.0), (" 1d ", 86400.0), ("0s", 0.0)],
)
def test_durations(text: str, seconds: float) -> None:
    assert duration_s(text) == seconds


@pytest.mark.parametrize("text", ["10", 10, "s", "-5s", "1e3s", "10S ", "", None, True, "9" * 13 + "s", "٣s"])
def test_what_is_no_duration(text: object) -> None:
    with pytest.raises(Bilingual) as caught:
        duration_s(text)
    assert caught.value.text.en != caught.value.text.vi


@pytest.mark.parametrize(("text", "size"), [("500MB", 500_000_000), ("1.5 GB", 1_500_000_000), ("64kB", 64_000)])
def test_sizes(text: str, size: int) -> None:
    assert size_bytes(text) == size


@pytest.mark.parametrize(
    ("number", "units", "text"),
    [(86400.0, DURATIONS, "1d"), (90.0, DURATIONS, "90s"), (0.5, DURATIONS, "500ms"), (0.0, DURATIONS, "0s"),
     (120.0, DURATIONS, "2m"), (8e9, SIZES, "8GB"), (16_000.0, SIZES, "16kB"), (1.0, SIZES, "1B")],
)  # fmt: skip
def test_numbers_in_their_largest_whole_unit(number: float, units: dict[str, float], text: str) -> None:
    assert in_units(number, units) == text


@pytest.mark.parametrize(("words", "slug"), [("Cổng trước", "cong-truoc"), ("Đường 3/2", "duong-3-2"), ("!!", "")])
def test_names_become_identifiers(words: str, slug: str) -> None:
    assert slug_of(words) == slug


@pytest.mark.parametrize(
    ("section", "fields"),
    [
        (CameraSection, {**CAMERA, "rules": [{"rule": "intrusion", "zone": "x"}]}),
        (CameraSection, {**CAMERA, "rules": [{"rule": "crowd"}, {"rule": "crowd"}]}),
        (CameraSection, {**CAMERA, "password_file": "/x"}),
        (FootageSection, {"pre_roll": "60s", "post_roll": "60s"}),
        (TlsSection, {"cert": "/a"}),
        (
            Config,
            {
                "node": {"ward": "a", "id": "b"},
                "mqtt": {"url": "mqtts://h"},
                "retention": {"max_days": 30},
                "cameras": [CAMERA, CAMERA],
            },
        ),
        (
            Config,
            {
                "node": {"ward": "a", "id": "b"},
                "mqtt": {"url": "mqtt://h"},
                "retention": {"max_days": 30},
                "cameras": [CAMERA],
            },
        ),
    ],
)
def test_a_section_made_in_code_is_checked_too(section: type[Config], fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        section.model_validate(fields)


@pytest.mark.parametrize(
    ("source", "kind"),
    [("rtsp://h/x", "rtsp"), ("rtsps://h:322/x", "rtsp"), ("/dev/video0", "v4l2"), ("a/b.mp4", "file"),
     ("rtsp://[fe80::1]:554/x", "rtsp"), ("rtsp://h/user=admin&channel=1", "rtsp"), ("rtsp://h/a@b", "rtsp")],
)  # fmt: skip
def test_kinds_of_cameras(source: str, kind: str) -> None:
    assert CameraSection(id="a", source=source).kind == kind


def test_a_rule_is_named_after_itself_and_its_place() -> None:
    camera = CameraSection.model_validate(
        {**CAMERA, "lines": {"gate": [[0, 0], [1, 1]]},
         "rules": [{"rule": "line_crossing", "line": "gate"}, {"rule": "crowd"}, {"rule": "crowd", "id": "x"}]}
    )  # fmt: skip
    assert [rule.name for rule in camera.rules] == ["line-crossing-gate", "crowd", "x"]


def test_a_configuration_is_frozen() -> None:
    with pytest.raises(ValidationError):
        CameraSection(id="a", source="x.mp4").id = "b"  # type: ignore[misc]
