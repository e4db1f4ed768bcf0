"""The limit is where a rising curve crosses; walkers stand where their true boxes say, in all lights."""

import numpy as np
import pytest

from agent.tools.reach import Limit
from agent.values import Picture
from bench import paste, reach
from bench.reach import agrees, rising, smallest
from tests.scenes.looks import Sprite


def test_a_curve_that_falls_is_levelled() -> None:
    assert rising([0.1, 0.5, 0.3, 0.4, 1.0]) == pytest.approx([0.1, 0.4, 0.4, 0.4, 1.0])
    assert rising([1.0, 0.0]) == [0.5, 0.5] and rising([0.2, 0.3]) == [0.2, 0.3]


def test_the_limit_lies_between_the_heights_measured() -> None:
    assert smallest({10: 0.0, 20: 0.6, 30: 1.0}) == 25.0
    assert smallest({10: 0.9, 20: 1.0}) == 10.0, "no smaller than what was measured"
    assert smallest({10: 0.2, 20: 0.7}) is None


def test_what_is_published_is_held_against_what_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "LIMITS", (Limit("ssd", "day", 360, 30.0), Limit("ssd", "night", 360, None)))
    assert agrees(Limit("ssd", "day", 360, 24.0)) and not agrees(Limit("ssd", "day", 360, 60.0))
    assert agrees(Limit("ssd", "night", 360, None)) and not agrees(Limit("ssd", "night", 360, 30.0))
    assert not agrees(Limit("yolox", "day", 360, 30.0)), "measured, and not published"


def ground(height: int = 180, width: int = 320) -> Picture:
    return np.full((height, width, 3), 120, np.uint8)


def white(height: int = 60, width: int = 20) -> Sprite:
    alpha = np.zeros((height + 8, width + 8), np.uint8)
    alpha[4:-4, 4:-4] = 255
    return Sprite(np.full((height + 8, width + 8, 3), 255, np.uint8), alpha, 60.0)


@pytest.mark.parametrize("light", ["day", "dusk", "night"])
@pytest.mark.parametrize("height", [12, 40, 90])
def test_somebody_stands_where_the_truth_says(light: str, height: int) -> None:
    random = np.random.default_rng(5)
    scene, someone = paste.Street(ground(), light), paste.scaled(white(), height, mirrored=True)
    corner = paste.place(scene, someone, random, 20)
    empty = paste.camera(scene.empty, light, random).astype(float).mean(axis=2)
    picture, box = paste.seen(scene, someone, corner, random)
    assert box.height * 180 == pytest.approx(height, abs=1.5)
    assert box.left >= 0 and box.right + 20 / 320 <= 1.01, "there is room to walk"
    brighter = picture.astype(float).mean(axis=2) - empty
    rows = slice(round(box.top * 180) + 2, round(box.bottom * 180) - 2)
    columns = slice(round(box.left * 320) + 1, round(box.right * 320) - 1)
    inside = brighter[rows, columns].mean()
    assert inside > 5 and inside > 4 * abs(np.median(brighter))


def test_night_is_grey_and_dusk_is_dark() -> None:
    random = np.random.default_rng(5)
    coloured = ground()
    coloured[:, :160, 2] = 220
    night, dusk = paste.camera(coloured, "night", random), paste.camera(coloured, "dusk", random)
    assert np.abs(night[:, :, 0].astype(int) - night[:, :, 2]).max() <= 6
    assert dusk.mean() < 0.3 * coloured.mean()
