"""Where the ring in memory lies, how large it may be, and what an event covers."""

from pathlib import Path

import pytest

from agent.app.footage import covered, covering, make_footage
from agent.app.ring import check_ring, in_memory, too_much
from agent.cli import main
from agent.config.model import Config
from agent.errors import ConfigError
from agent.footage.store import Hooks
from agent.values import Event, Phase, Severity
from tests.capture.clocks import HandClock
from tests.capture.conftest import drawn_h264
from tests.footage.recording import CAM, moment
from tests.footage.rings import config, events_mode, film, on_card, play

__all__ = ["drawn_h264"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def test_a_ring_is_refused_with_figures() -> None:
    assert too_much(64_000_000, 512_000_000, 200_000_000) is None
    ram = too_much(128_000_000, 512_000_000, 10**9)
    assert ram is not None and ("15%" in ram[0].en, "512 MB" in ram[0].vi, "76MB" in ram[1].en) == (True, True, True)
    free = too_much(64_000_000, 427_000_000, 85_000_000)
    assert free is not None and "85 MB" in free[0].vi and "42MB" in free[1].vi


def test_the_ring_lies_in_memory_or_the_node_does_not_start(
    data: Path, runtime: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = check_ring(config(data))
    assert directory.parent == runtime and not directory.exists()
    if in_memory(tmp_path):
        pytest.skip("temporary files are in memory here")
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    with pytest.raises(ConfigError):
        make_footage(config(data), HandClock(), Hooks())


def test_check_config_tells_a_ring_that_is_too_large(
    runtime: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "node.yaml"
    told = (
        f"node: {{id: n1, ward: w1, data_dir: {tmp_path}}}\nmqtt: {{url: 'mqtts://h'}}\nretention: {{max_days: 9}}\n"
        f"cameras: [{{id: {CAM}, source: a.mp4}}]\nfootage:\n  mode: events\n  memory: %s\n"
    )
    file.write_text(told % "8MB")
    assert main(["check-config", str(file)]) == 0
    file.write_text(told % "4000MB")
    assert main(["check-config", str(file)]) == 78
    assert f"{file}:7:" in capsys.readouterr().err


def event(phase: Phase, at_s: float, ended_s: float | None = None, clip: bool = True) -> Event:
    at = moment(at_s)
    ended = None if ended_s is None else moment(ended_s)
    return Event("E1", phase, "intrusion", "r1", Severity.ALERT, CAM, moment(1020), at, ended, clip=clip)


def test_an_event_covers_what_its_clip_would_show(data: Path) -> None:
    section = config(data).footage
    assert covered(event(Phase.START, 1020), section).start == moment(1015)
    assert covered(event(Phase.START, 1020), section).end == moment(1135)
    assert covered(event(Phase.END, 1030, 1030), section).end == moment(1035)
    assert covered(event(Phase.END, 1900, 1900), section).end == moment(1135)


@pytest.mark.parametrize(("clip", "kept"), [(True, list(range(1015, 1027))), (False, [])])
def test_events_cover_footage_without_an_upload_too(
    clip: bool, kept: list[int], drawn_h264: Path, data: Path, runtime: Path
) -> None:
    clock, heard = HandClock(), list[Event]()
    made: Config = config(data)
    store = events_mode(data, clock)
    told = covering(lambda one, _: heard.append(one), store, made.footage)
    play(store, clock, film(drawn_h264, 1000, 20))
    told(event(Phase.START, 1020, clip=clip), None)
    play(store, clock, film(drawn_h264, 1020, 4))
    told(event(Phase.END, 1022, 1022, clip=clip), None)
    play(store, clock, film(drawn_h264, 1024, 20))
    store.close()
    assert on_card(data) == kept and len(heard) == 2
