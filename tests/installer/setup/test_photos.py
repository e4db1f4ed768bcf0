"""The reference photo's time is told as the clock on the wall shows it."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from agent.installer.setup.photos import ReferencePhotos, Taken


def test_a_photo_is_of_the_day_and_hour_at_the_place(tmp_path: Path) -> None:
    photos = ReferencePhotos(tmp_path)
    photos.keep("gate", b"jpeg", Taken("2026-11-22T18:30:00.000Z", True, 4))
    taken = photos.taken("gate")
    assert taken is not None
    assert f"{taken.at(ZoneInfo('Asia/Ho_Chi_Minh')):%d/%m/%Y %H:%M}" == "23/11/2026 01:30"


def test_what_somebody_wrote_into_its_file_is_no_time() -> None:
    with pytest.raises(ValueError):
        Taken("yesterday", True, 4).at(ZoneInfo("UTC"))
