"""`camera-agent reach`: optics by hand, and pictures of other sizes than those measured."""

import json
from pathlib import Path

import pytest

from agent.cli import main
from agent.detection import distance as reach
from agent.tools.reach import Limit, limit_px, of_angle, of_lens, reach_m

GUIDE = Path(__file__).parents[2] / "docs" / "guide"
MEASURED = (
    Limit("ssd", "day", 360, 20.0),
    Limit("ssd", "day", 720, 30.0),
    Limit("ssd", "night", 360, 40.0),
    Limit("yolox", "day", 360, None),
)


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "LIMITS", MEASURED)


@pytest.mark.parametrize(("lens", "sensor", "angle"), [(4.0, 2.8, 70), (2.8, 2.8, 90), (6.0, 3.0, 47), (8.0, 1.8, 52)])
def test_a_lens_sees_as_wide_as_its_data_sheet_about_says(lens: float, sensor: float, angle: float) -> None:
    assert of_lens(lens, sensor, (1920, 1080)).angle_deg == pytest.approx(angle, abs=3)


def test_the_angle_is_the_angle_and_the_size_of_the_picture_changes_nothing() -> None:
    for size in ((640, 360), (1920, 1080), (640, 480)):
        assert of_angle(80, size).angle_deg == pytest.approx(80)
    # 640 pixels over 2 m * tan(45°) * 2 at 2 m: 160 px per metre.
    assert of_angle(90, (640, 360)).reach_m(160, 1.0) == pytest.approx(2.0)
    small, large = of_lens(4, 2.8, (640, 360)), of_lens(4, 2.8, (1280, 720))
    assert small.reach_m(20) == pytest.approx(large.reach_m(40))


@pytest.mark.usefixtures("limits")
def test_between_and_beyond_the_sizes_measured() -> None:
    assert [limit_px("ssd", "day", rows) for rows in (180, 360, 540, 720, 1440)] == [20, 20, 25, 30, 60]
    assert limit_px("ssd", "night", 720) == 80, "one size measured: a share of the picture"
    assert limit_px("yolox", "day", 360) is None and limit_px("nanodet", "day", 360) is None
    assert reach_m(of_angle(90, (640, 360)), "ssd", "day") == pytest.approx(320 * 1.65 / 20)


def test_the_published_table_is_whole_and_sane(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reach", "--json"]) == 0
    lenses = json.loads(capsys.readouterr().out)["lenses"]
    assert [each["lens"] for each in lenses] == ["2.8 mm", "4 mm", "6 mm", "8 mm"]
    days = [each["reach"]["ssd_day"]["metres"] for each in lenses]
    assert days == sorted(days) and 3 < days[0] < days[-1] < 200
    for each in lenses:
        day, night = each["reach"]["ssd_day"], each["reach"]["ssd_night"]
        assert 8 <= day["pixels"] <= 120
        assert night["pixels"] is None or night["metres"] <= 1.1 * day["metres"]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_table_is_for_installers(
    language: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAMERA_AGENT_LANG", language)
    assert main(["reach", "--lens", "4", "--height", "720"]) == 0
    told = capsys.readouterr().out
    assert "4 mm (70°)" in told and "1280x720" in told and " m" in told and "SSDLite" in told
    assert ("ban đêm" if language == "vi" else "at night") in told


@pytest.mark.parametrize(("language", "page"), [("en", "reach.md"), ("vi", "reach.vi.md")])
def test_the_guide_shows_what_the_command_prints(
    language: str, page: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAMERA_AGENT_LANG", language)
    for rows in ("360", "720"):
        assert main(["reach", "--height", rows]) == 0
        assert capsys.readouterr().out in (GUIDE / page).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "wrong",
    [
        ("--lens", "0"), ("--lens", "nan"), ("--fov", "180"), ("--sensor", "big"), ("--sensor", "1/0"),
        ("--sensor", "0/2"), ("--sensor", "1/nan"), ("--height", "0"), ("--width", "-5"), ("--width", "0"),
    ],
)  # fmt: skip
def test_a_camera_that_cannot_be_is_refused(wrong: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reach", *wrong]) == 78
    told = capsys.readouterr().err
    assert wrong[0] in told and "--lens 4" in told
