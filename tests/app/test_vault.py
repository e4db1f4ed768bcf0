"""The keys of encrypted footage on a node: where they come from, how long they live, and what a person is told."""

import stat
from pathlib import Path

import pytest

from agent.app.footage import make_footage
from agent.app.vault import boot_file, open_vault, page_directory, read_vault
from agent.cli import main
from agent.config.model import Config
from agent.config.storage import EvidenceSection
from agent.errors import ConfigError
from agent.footage.doors import AnyFootage
from agent.footage.locked import is_locked
from agent.footage.store import Hooks
from agent.footage.ward_key import make_pair, read_private
from agent.values import ClipWanted
from tests.capture.clocks import HandClock
from tests.capture.conftest import drawn_h264
from tests.footage.locking import in_clear
from tests.footage.recording import CAM, look, moment, recorded, wanted
from tests.footage.rings import config, covers, film, play

__all__ = ["drawn_h264"]


@pytest.fixture
def node(tmp_path: Path, runtime: Path) -> Config:
    """Its ward's keys are beside it, which only a test does."""
    data = tmp_path / "data"
    data.mkdir()
    make_pair(tmp_path / "ward.key", tmp_path / "ward.pub")
    return encrypted(config(data, "continuous"), tmp_path / "ward.pub")


def encrypted(made: Config, public: Path) -> Config:
    return made.model_copy(update={"evidence": EvidenceSection(encrypt_to=public)})


def test_the_boot_key_lives_in_memory_and_outlives_a_restart(node: Config, runtime: Path) -> None:
    first, second = open_vault(node), open_vault(node)
    path = boot_file(node)
    assert path is not None and path.parent == runtime and stat.S_IMODE(path.stat().st_mode) == 0o600
    assert first is not None and second is not None and first.locks
    reader = read_vault(node)
    assert reader is not None and not reader.locks
    path.chmod(0o644)  # others could have read it: it counts for nothing, and a new one is made
    assert read_vault(node) is None
    assert open_vault(node) is not None and stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not [one for one in node.node.data_dir.rglob("*") if path.name in one.name]


def test_without_the_option_there_is_no_vault(tmp_path: Path, runtime: Path) -> None:
    plain = config(tmp_path / "data", "continuous")
    assert open_vault(plain) is None and list(runtime.iterdir()) == []


def test_a_node_does_not_start_without_the_key_it_was_told(node: Config, tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        open_vault(encrypted(node, tmp_path / "none.pub"))


@pytest.mark.parametrize("mode", ["continuous", "events"])
def test_a_node_records_encrypted_across_a_restart_and_a_power_cut(
    mode: str, node: Config, drawn_h264: Path, tmp_path: Path
) -> None:
    node = encrypted(config(node.node.data_dir, mode), tmp_path / "ward.pub")
    clock = HandClock()
    packets = film(drawn_h264, 1000, 12)
    store = make_footage(node, clock, Hooks(vault=open_vault(node)))
    store.pin([covers(1000, 1012)])
    play(store, clock, packets)
    store.close()
    store = make_footage(node, clock, Hooks(vault=open_vault(node)))
    asked = wanted(moment(1000), moment(1012))
    assert look(_cut(store, asked, tmp_path / "a.mp4")).numbers == (*range(40),) * 3
    store.close()
    path = boot_file(node)
    assert path is not None
    path.unlink()  # what a power cut does
    store = make_footage(node, clock, Hooks(vault=open_vault(node)))
    assert _cut(store, asked, tmp_path / "b.mp4").name == "b.locked.tar"
    store.close()
    files = list((node.node.data_dir / "footage" / CAM).glob("*.mp4"))
    assert files and all(is_locked(one) for one in files)
    assert list(in_clear(node.node.data_dir, packets)) == []


def _cut(store: AnyFootage, asked: ClipWanted, target: Path) -> Path:
    clip = store.library.cut(asked, target, clear=True)
    assert clip is not None
    return clip.path


def test_clips_for_the_page_are_in_memory(node: Config, runtime: Path) -> None:
    directory = page_directory(node)
    assert directory is not None and directory.parent == runtime


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (None, "No such file"),
        ("camera-agent-ward-public-1 00ff", "not the public key"),
        ("-----BEGIN PUBLIC KEY-----", "not the public key"),
        ("private", "never be on a node"),
    ],
)
def test_check_config_names_a_wrong_key_file(
    content: str | None, word: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    file, public = tmp_path / "node.yaml", tmp_path / "their.pub"
    file.write_text(
        f"node: {{id: n1, ward: w1, data_dir: {tmp_path}}}\nmqtt: {{url: 'mqtts://h'}}\nretention: {{max_days: 9}}\n"
        f"cameras: [{{id: {CAM}, source: a.mp4}}]\nevidence:\n  encrypt_to: {public}\n"
    )
    if content == "private":
        make_pair(public, tmp_path / "real.pub")
    elif content is not None:
        public.write_text(content)
    assert main(["check-config", str(file)]) == 78
    told = capsys.readouterr().err
    assert f"{file.name}:6:" in told and word in told and "evidence.encrypt_to" in told
    assert "camera-agent-ward-key" not in told


def test_keys_are_made_once_and_the_private_one_is_for_its_owner_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["keys", "--out", str(tmp_path / "ward")]) == 0
    private = tmp_path / "ward.key"
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    told = capsys.readouterr().out
    assert bytes(read_private(private)).hex() not in told and "ward.pub" in told
    before = private.read_bytes()
    assert main(["keys", "--out", str(tmp_path / "ward")]) == 1
    assert private.read_bytes() == before


def test_recorded_packets_are_what_the_canary_looks_for(drawn_h264: Path, tmp_path: Path) -> None:
    packets = recorded(drawn_h264, moment(1000))
    (tmp_path / "leak").write_bytes(b"x" * 7 + packets[0].data + b"y")
    assert list(in_clear(tmp_path, packets)) == ["leak"]
