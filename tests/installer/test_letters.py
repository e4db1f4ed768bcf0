"""Words on pictures: every Vietnamese letter is its own, and no word stands on another while there is room."""

import unicodedata

import numpy as np
import pytest

from agent.installer.letters import PLATE_RIM, Letters, Plate, letter_size
from agent.values import Picture

MARKS = ("", "\u0300", "\u0301", "\u0309", "\u0303", "\u0323")
LETTERS = [unicodedata.normalize("NFC", base + mark) for base in "aăâeêioôơuưy" for mark in MARKS] + ["d", "đ"]
COLOUR = (10, 200, 250)


def paper() -> Picture:
    return np.zeros((240, 540, 3), np.uint8)


def written(text: str) -> bytes:
    picture = paper()
    Letters().write(picture, text, (20, 100), 40, (255, 255, 255))
    return picture.tobytes()


def test_no_vietnamese_letter_looks_like_another() -> None:
    letters = LETTERS + [each.upper() for each in LETTERS]
    assert len({written(letter) for letter in letters}) == len(letters)


def test_a_word_goes_on_behind_a_letter_that_is_written_in_halves() -> None:
    letters = Letters()
    assert letters.width("người", 40) == letters.width("ngươi", 40)
    picture, same = paper(), paper()
    letters.write(picture, "người", (20, 100), 40, (255, 255, 255))
    letters.write(same, "ngươi", (20, 100), 40, (255, 255, 255))
    base_line = slice(85, 110)  # below the marks only the doubled edge of ò and ơ may differ
    assert (picture[base_line] >= same[base_line]).all()
    assert np.count_nonzero(picture[base_line]) == pytest.approx(np.count_nonzero(same[base_line]), rel=0.05)


def test_letters_typed_in_parts_are_written_whole() -> None:
    assert written(unicodedata.normalize("NFD", "Cổng trước, đường")) == written("Cổng trước, đường")


@pytest.mark.parametrize(("upwards", "top"), [(False, 0), (True, 200)])
def test_words_wanted_in_one_place_stand_one_beside_the_other(upwards: bool, top: int) -> None:
    def area(count: int) -> int:
        picture = paper()
        Letters().plates(picture, [Plate("người", 40, top, COLOUR, upwards)] * count)
        return int(picture.any(axis=2).sum())

    assert area(4) == pytest.approx(4 * area(1), rel=0.06)  # their edges may touch


def test_where_there_is_no_room_a_word_stands_where_it_was_wanted() -> None:
    high = letter_size(paper()) + PLATE_RIM
    picture = paper()
    Letters().plates(picture, [Plate("người", 40, 240 - high, COLOUR)] * 3)
    assert not picture[: 240 - high - 1].any()
