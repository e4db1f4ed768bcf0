"""A clip of sealed footage with its manifest."""

from pathlib import Path

import pytest

from agent.values import Clip
from tests.capture.clocks import HandClock
from tests.capture.conftest import drawn_h264, drawn_hevc, street_h264
from tests.evidence.notaries import notary
from tests.footage.recording import footage, moment, recorded, wanted, write

__all__ = ["drawn_h264", "drawn_hevc", "street_h264"]


@pytest.fixture
def proved(drawn_h264: Path, tmp_path: Path) -> Clip:
    """40 pictures in four groups, 4 s, sealed and cut whole."""
    return prove(drawn_h264, tmp_path)


@pytest.fixture
def proved_b_frames(street_h264: Path, tmp_path: Path) -> Clip:
    """With pictures out of order, so that there is a ctts."""
    return prove(street_h264, tmp_path)


def prove(video: Path, directory: Path) -> Clip:
    store = footage(directory, HandClock())
    store.seal_with(notary(directory))
    write(store, recorded(video, moment(1000)))
    store.close()
    store = footage(directory, HandClock())
    store.seal_with(notary(directory))
    clip = store.library.cut(wanted(moment(1000), moment(1004)), directory / "clip.mp4")
    store.close()
    assert clip is not None and clip.manifest is not None
    return clip
