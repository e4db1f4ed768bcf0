import os
from pathlib import Path

import pytest

from agent.errors import AgentError
from agent.health.status import (
    CARD_EVERY_S,
    Place,
    StatusFile,
    StatusReport,
    known_nodes,
    places,
    read_status,
    status_name,
)
from tests.health.hands import HandClock, report_of


def status(tmp_path: Path, clock: HandClock, node: str = "gate-12") -> StatusReport:
    now = clock.now()
    return StatusReport(
        node=node,
        ward="ward-1",
        version="0.1.0",
        pid=1,
        boot_id=now.boot_id,
        mono_s=now.mono_s,
        every_s=2.0,
        health=report_of(tmp_path, clock).take(),
    )


def test_memory_comes_before_the_card() -> None:
    data = Path("/var/lib/camera-agent")
    found = places(data, {"RUNTIME_DIRECTORY": "/run/camera-agent:/run/other", "XDG_RUNTIME_DIR": "/run/user/7"})
    assert [str(place.folder) for place in found] == [
        "/run/camera-agent",
        "/run/camera-agent",
        "/run/user/7/camera-agent",
        "/var/lib/camera-agent/run",
    ]
    assert [place.volatile for place in found] == [True, True, True, False]


def test_what_was_written_is_read(tmp_path: Path) -> None:
    clock = HandClock()
    candidates = places(tmp_path, {}, run=tmp_path)
    written = status(tmp_path, clock)
    path = StatusFile("gate-12", candidates).write(written)
    assert path == tmp_path / "camera-agent" / "status-gate-12.json"
    assert path.stat().st_mode & 0o777 == 0o644
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]
    assert read_status("gate-12", candidates, clock) == written
    assert b'"schema":"health/1"' in path.read_bytes()


def test_a_place_that_cannot_be_written_gives_way_to_the_next_and_the_card_is_spared(tmp_path: Path) -> None:
    clock = HandClock()
    (tmp_path / "file").write_text("in the way")
    candidates = (Place(tmp_path / "file" / "camera-agent", True), Place(tmp_path / "run", False))
    file = StatusFile("gate-12", candidates)
    assert file.write(status(tmp_path, clock)) == tmp_path / "run" / status_name("gate-12")
    assert file.every_s == CARD_EVERY_S
    assert read_status("gate-12", candidates, clock).node == "gate-12"


def test_nowhere_to_write_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    file = StatusFile("gate-12", (Place(tmp_path / "file" / "x", True),))
    assert file.write(status(tmp_path, HandClock())) is None
    file.remove()


def test_two_nodes_on_one_machine_do_not_mix(tmp_path: Path) -> None:
    clock = HandClock()
    candidates = places(tmp_path, {}, run=tmp_path)
    for node in ("gate-1", "gate-2"):
        StatusFile(node, candidates).write(status(tmp_path, clock, node))
    assert known_nodes(candidates) == ("gate-1", "gate-2")
    assert read_status("gate-1", candidates, clock).node == "gate-1"
    assert read_status("gate-2", candidates, clock).node == "gate-2"


@pytest.mark.parametrize("content", [None, b"", b"{}", b"\xff\xfe", b'{"node": 1'])
def test_no_status_or_a_broken_one_says_that_nothing_runs(tmp_path: Path, content: bytes | None) -> None:
    candidates = places(tmp_path, {}, run=tmp_path)
    if content is not None:
        folder = tmp_path / "camera-agent"
        folder.mkdir()
        (folder / status_name("gate-12")).write_bytes(content)
    with pytest.raises(AgentError, match="gate-12") as raised:
        read_status("gate-12", candidates, HandClock())
    assert raised.value.hint is not None


def test_the_newest_of_several_wins(tmp_path: Path) -> None:
    clock = HandClock()
    old, new = Place(tmp_path / "a", True), Place(tmp_path / "b", True)
    StatusFile("gate-12", (old,)).write(status(tmp_path, clock))
    clock.go(100)
    StatusFile("gate-12", (new,)).write(status(tmp_path, clock))
    assert read_status("gate-12", (old, new), clock).mono_s == clock.mono_s()


def test_an_old_status_or_one_of_another_boot_is_not_running(tmp_path: Path) -> None:
    clock = HandClock()
    report = status(tmp_path, clock)
    assert report.running(clock)
    clock.go(33)
    assert not report.running(clock)
    assert report.age_s(clock) == 33
    clock.boot_id = "boot-2"
    assert report.age_s(clock) is None
    assert not report.running(clock)


def test_a_stopped_agent_leaves_no_status(tmp_path: Path) -> None:
    clock = HandClock()
    file = StatusFile("gate-12", places(tmp_path, {}, run=tmp_path))
    path = file.write(status(tmp_path, clock))
    assert path is not None
    file.remove()
    assert not path.exists()
    assert os.listdir(path.parent) == []  # noqa: PTH208
