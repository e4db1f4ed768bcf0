"""What was kept says which picture it was; a film that was not watched from end to end says nothing."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from agent.values import Picture
from bench.motion_debian import BITS, HEIGHT, HOLE, STRIP, WIDTH, Tape, number, numbered

RATE = 10
FILM = range(60, 90)  # after the head, before a second with the marker
COUNT = 100


def noise() -> Picture:
    return np.random.default_rng(5).integers(0, 256, (HEIGHT * 3 // 2, WIDTH), np.uint8)


def keep(folder: Path, shot: int, index: int, place: str = "320_196_64_36") -> None:
    picture = cv2.cvtColor(numbered(noise(), index), cv2.COLOR_YUV2BGR_I420)
    cv2.imwrite(str(folder / f"{shot:04}_{place}.jpg"), picture, [cv2.IMWRITE_JPEG_QUALITY, 50])


def keep_all(folder: Path, indices: list[int], shot: int = 0) -> None:
    for each, index in enumerate(indices, shot):
        keep(folder, each, index)


@pytest.mark.parametrize("index", [0, 1, 511, 512, 2**BITS - 1])
def test_a_number_is_read_beside_noise(tmp_path: Path, index: int) -> None:
    keep(tmp_path, 0, index)
    assert number(next(tmp_path.iterdir())) == index


def test_a_picture_half_written_has_no_number(tmp_path: Path) -> None:
    keep(tmp_path, 0, 700)
    path = next(tmp_path.iterdir())
    path.write_bytes(path.read_bytes()[:300])
    assert number(path) is None


def test_what_is_seen_is_told_of_the_picture_it_was_seen_in(tmp_path: Path) -> None:
    keep_all(tmp_path, [55, FILM[7], 95])
    found = Tape(tmp_path, RATE, COUNT).found()
    assert found is not None and len(found) == len(FILM)
    assert [index for index, boxes in enumerate(found) if boxes] == [7]
    (box,) = found[7]
    assert (box.left, box.right) == pytest.approx((0.45, 0.55))
    assert (box.top + box.bottom) / 2 == pytest.approx((196 - STRIP) / HEIGHT) and box.height == pytest.approx(0.1)


@pytest.mark.parametrize("indices", [[70, 95], [55, 70], [49, 70, 95]])
def test_without_both_markers_nothing_is_told(tmp_path: Path, indices: list[int]) -> None:
    keep_all(tmp_path, indices)
    assert Tape(tmp_path, RATE, COUNT).found() is None


def test_of_a_film_played_again_the_second_time_counts(tmp_path: Path) -> None:
    keep_all(tmp_path, [70, 95])
    keep_all(tmp_path, [55, 80, 95], shot=2)
    found = Tape(tmp_path, RATE, COUNT).found()
    assert found is not None and [index for index, boxes in enumerate(found) if boxes] == [20]


def test_an_answer_holds_over_pictures_that_were_not_read(tmp_path: Path) -> None:
    keep_all(tmp_path, [55, 70, 71 + HOLE, 75 + 2 * HOLE, 95])
    found = Tape(tmp_path, RATE, COUNT).found()
    assert found is not None
    assert [index for index, boxes in enumerate(found) if boxes] == [
        10,
        *range(11, 11 + HOLE),
        11 + HOLE,
        15 + 2 * HOLE,
    ]
