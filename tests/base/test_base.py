"""The small files that every room stands on: durable writes, clocks, boxes, texts, the lock."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.app.lock import DataDirLock
from agent.clock import FLOOR_WALL_NS, Clock, MediaClock
from agent.durable import durable_file, write_durably
from agent.errors import ConfigError, StorageError
from agent.i18n import Text, locale_language
from agent.values import Box


def test_a_durable_write_follows_no_link(tmp_path: Path) -> None:
    (tmp_path / "shadow").write_bytes(b"root")
    (tmp_path / "state.tmp").symlink_to(tmp_path / "shadow")
    with pytest.raises(OSError, match="symbolic"):
        write_durably(tmp_path / "state", b"mine")
    assert (tmp_path / "shadow").read_bytes() == b"root"
    write_durably(tmp_path / "state", b"mine")
    assert (tmp_path / "state").read_bytes() == b"mine"


def test_a_durable_file_is_whole_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "state"
    with pytest.raises(ZeroDivisionError), durable_file(path) as temporary:
        temporary.write_bytes(b"half")
        _ = 1 / 0
    assert list(tmp_path.iterdir()) == []
    write_durably(path, b"one")
    write_durably(path, b"two")
    assert path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.fault("A2", "a configuration or state file, killed at its rename")
def test_killed_at_the_rename_the_old_content_stands(tmp_path: Path) -> None:
    path = tmp_path / "state"
    write_durably(path, b"old")
    script = (
        "import os, signal, pathlib, sys\n"
        "pathlib.Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "from agent.durable import write_durably\n"
        "write_durably(pathlib.Path(sys.argv[1]), b'new')\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert path.read_bytes() == b"old"


def test_media_time_stands_still_until_it_is_advanced() -> None:
    clock = MediaClock()
    clock.advance(12.5)
    now = clock.now()
    assert (now.mono_s, now.wall_ns - FLOOR_WALL_NS, now.trusted) == (12.5, 12_500_000_000, True)
    assert now.shifted(-2.5).mono_s == 10.0


def test_both_clocks_of_this_machine_move_on() -> None:
    clock = Clock()
    first = clock.now()
    second = clock.now()
    assert second.mono_ns >= first.mono_ns
    assert first.boot_id == second.boot_id != ""


def test_texts_follow_the_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CAMERA_AGENT_LANG", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "vi_VN.UTF-8")
    assert str(Text(en="gate", vi="cổng")) == "cổng"
    monkeypatch.setenv("CAMERA_AGENT_LANG", "en")
    assert str(Text(en="gate", vi="cổng")) == "gate"
    assert locale_language() == "en"


def test_an_error_says_what_and_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMERA_AGENT_LANG", "en")
    error = StorageError(Text(en="the disk is full", vi="ổ đĩa đầy"), Text(en="free some space", vi="dọn bớt"))
    assert str(error) == "the disk is full; free some space"
    error = StorageError(error.text, Text(en="Free some space", vi="Dọn bớt"))
    assert str(error) == "the disk is full. Free some space"


edges = st.floats(0, 1)


@given(edges, edges, edges, edges, edges, edges, edges, edges)
def test_iou_is_a_share_and_symmetric(
    a: float, b: float, c: float, d: float, e: float, f: float, g: float, h: float
) -> None:
    one = Box(min(a, b), min(c, d), max(a, b), max(c, d))
    two = Box(min(e, f), min(g, h), max(e, f), max(g, h))
    assert 0.0 <= one.iou(two) <= 1.0 + 1e-9
    assert one.iou(two) == two.iou(one)
    assert one.union(two).overlap(one) == pytest.approx(one.area)


def test_an_inside_out_box_is_refused() -> None:
    with pytest.raises(ValueError, match="inside-out"):
        Box(0.5, 0.1, 0.4, 0.2)


@pytest.mark.fault("A16", "a second lock on one data directory")
def test_a_second_agent_on_the_same_directory_is_told_who_holds_it(tmp_path: Path) -> None:
    with DataDirLock(tmp_path), pytest.raises(ConfigError) as caught:
        DataDirLock(tmp_path)
    assert str(os.getpid()) in caught.value.text.en
    DataDirLock(tmp_path).close()


@pytest.mark.fault("A9", "the data directory cannot be made")
def test_a_data_directory_that_cannot_be_made_names_itself(tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("in the way", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        DataDirLock(blocker / "data")
    assert str(blocker / "data") in caught.value.text.en
    assert caught.value.hint is not None
