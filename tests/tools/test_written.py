"""Lines on a full disk: `/dev/full` is one that takes nothing, at the first flush or at the end."""

from pathlib import Path

import pytest

from agent.errors import StorageError
from agent.tools.replay import Replay, ReplayOptions
from agent.tools.written import Lines
from tests.tools.test_replay import settings, video  # noqa: F401 - a fixture

FULL = Path("/dev/full")


@pytest.mark.parametrize("size", [1, 1_000_000], ids=["told at the end", "told at the write"])
def test_a_full_disk_is_told_in_words(size: int) -> None:
    with pytest.raises(StorageError, match="cannot write /dev/full: No space left") as told, Lines(FULL) as lines:
        lines.write("x" * size)
    assert told.value.hint


def test_what_went_wrong_before_is_what_is_told() -> None:
    with pytest.raises(KeyError), Lines(FULL) as lines:
        lines.write("x")
        raise KeyError


def test_a_replay_tells_it_for_its_trace(video: Path) -> None:  # noqa: F811
    with pytest.raises(StorageError, match="No space left"):
        list(Replay(ReplayOptions(video, settings(None), trace=FULL, until_s=2.0), None))
