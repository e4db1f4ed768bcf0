"""What a node asks of root: once, by a plain file, and not again when it was refused."""

import os
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from agent.app.update import Updates
from agent.app.update_fetch import Fetching
from agent.app.update_proof import OwnWord
from agent.i18n import Text
from agent.update.state import read_history
from agent.update.wanted import ask, next_wanted
from tests.update.bundles import OLD, Device, FakeClock
from tests.update.node import config_of


@pytest.mark.parametrize("content", [b"", b"relative.bundle", b"\0", b"\xff\xfe"])
def test_a_request_that_makes_no_sense_is_removed(tmp_path: Path, content: bytes) -> None:
    place = Device(tmp_path).place
    (place.run / "update-wanted").write_bytes(content)
    assert next_wanted(place) is None
    assert not (place.run / "update-wanted").exists()


def test_a_request_by_link_or_pipe_is_removed_and_not_followed(tmp_path: Path) -> None:
    place = Device(tmp_path).place
    path = place.run / "update-wanted"
    path.symlink_to("/etc/passwd")
    assert next_wanted(place) is None
    os.mkfifo(path)
    assert next_wanted(place) is None
    assert not os.path.lexists(path)


def test_a_request_counts_once(tmp_path: Path) -> None:
    place = Device(tmp_path).place
    ask(place.run, Path("/a/b.bundle"))
    assert next_wanted(place) == Path("/a/b.bundle")
    assert next_wanted(place) is None


def test_a_refused_request_is_noted_and_not_fetched_again(tmp_path: Path) -> None:
    device = Device(tmp_path)
    bundle = tmp_path / "0.2.0-4.bundle"
    bundle.write_bytes(b"evil")
    ask(device.place.run, bundle)
    said: list[Text] = []
    Updates(device.place, threading.Event(), said.append).resume()
    history = read_history(device.place)
    assert history.last is not None and history.last.result == "refused" and history.failed == (bundle.name,)
    assert device.runs == "0.1.0" and said
    word = OwnWord(config_of(tmp_path), FakeClock(), str(device.place.folder(OLD)))
    fetching = Fetching(SimpleNamespace(word=word), config_of(tmp_path), FakeClock())  # type: ignore[arg-type]
    assert not fetching.wants("0.2.0")
    assert fetching.wants("0.3.0")
    assert not fetching.wants("0.1.0")
