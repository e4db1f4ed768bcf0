"""`camera-agent footage cut` on encrypted footage, and `camera-agent unlock` at the ward."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from agent.app.vault import open_vault
from agent.cli import main
from agent.clock import Clock, Moment
from agent.config.load import load_config
from agent.config.model import FootageSection
from agent.evidence.notary import Signer, begin_notary
from agent.footage.store import Footage, Hooks
from tests.capture.conftest import drawn_h264
from tests.footage.recording import CAM, look, recorded

__all__ = ["drawn_h264"]


@pytest.fixture
def config(tmp_path: Path, runtime: Path, drawn_h264: Path) -> Path:
    """A node that recorded four seconds ten minutes ago, encrypted."""
    assert main(["keys", "--out", str(tmp_path / "ward")]) == 0
    data = tmp_path / "data"
    data.mkdir()
    path = tmp_path / "config.yaml"
    path.write_text(
        f"node: {{ward: w, id: n-locked, data_dir: {data}}}\nmqtt: {{url: 'mqtts://h'}}\n"
        f"retention: {{max_days: 9}}\nfootage: {{keep_free: 0B}}\ncameras: [{{id: {CAM}, source: /dev/video0}}]\n"
        f"evidence: {{encrypt_to: {tmp_path / 'ward.pub'}}}\n",
        encoding="utf-8",
    )
    clock = Clock()
    section = FootageSection.model_validate({"segment": "1s", "keep_free": "0B"})
    store = Footage(data / "footage", section, 9, clock, Hooks(vault=open_vault(load_config(path))))
    store.seal_with(begin_notary(data / "evidence", Signer("w", "n-locked", clock)))
    begin = clock.now().shifted(-600)
    for packet in recorded(drawn_h264, Moment(begin.mono_ns, begin.wall_ns, True, begin.boot_id)):
        store.write(packet)
    store.close()
    return path


def cut(config: Path, out: Path) -> int:
    start = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")) - timedelta(minutes=15)
    asked = ("--cam", CAM, "--from", f"{start:%Y-%m-%d %H:%M:%S}", "--for", "20m", "--out", str(out))
    return main(["footage", "cut", "--config", str(config), *asked, "--reason", "mất xe", "--by", "ca-12", "--json"])


def test_footage_of_this_boot_is_cut_in_clear_for_who_asks_at_the_node(config: Path, tmp_path: Path) -> None:
    assert cut(config, tmp_path / "clip.mp4") == 0
    assert look(tmp_path / "clip.mp4").numbers == tuple(range(40))
    assert main(["verify", str(tmp_path / "clip.mp4"), str(tmp_path / "clip.manifest.json")]) == 0


def test_footage_of_an_earlier_boot_goes_to_the_ward_and_is_opened_there(
    config: Path, tmp_path: Path, runtime: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for key in runtime.glob("boot-*"):
        key.unlink()
    capsys.readouterr()
    assert cut(config, tmp_path / "clip.mp4") == 0
    told = capsys.readouterr()
    bundle, manifest = tmp_path / "clip.locked.tar", tmp_path / "clip.manifest.json"
    assert json.loads(told.out)["file"] == str(bundle) and not (tmp_path / "clip.mp4").exists()
    assert "camera-agent unlock clip.locked.tar" in told.err
    pem = tmp_path / "data" / "evidence" / "device.pub.pem"
    rest = ("--key", str(tmp_path / "ward.key"), "--out", str(tmp_path / "out.mp4"))
    proof = ("--manifest", str(manifest), "--node-key", str(pem), "--json")
    assert main(["unlock", str(bundle), *rest, *proof]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["state"] in ("complete", "gaps") and look(tmp_path / "out.mp4").numbers == tuple(range(40))

    data = bytearray(bundle.read_bytes())
    data[len(data) // 2] ^= 1
    bundle.write_bytes(data)
    (tmp_path / "out.mp4").unlink()
    assert main(["unlock", str(bundle), *rest, *proof]) == 1
    assert not (tmp_path / "out.mp4").exists()


@pytest.mark.parametrize("content", [b"", b"noise" * 999, b"CAMLOCK1\0\0\0\4null"])
def test_what_is_no_clip_or_no_key_is_said_in_words(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["keys", "--out", str(tmp_path / "ward")]) == 0
    for name in ("x.mp4.locked", "x.locked.tar"):
        (tmp_path / name).write_bytes(content)
        rest = ("--key", str(tmp_path / "ward.key"), "--out", str(tmp_path / "out.mp4"))
        assert main(["unlock", str(tmp_path / name), *rest]) == 1
        assert name in capsys.readouterr().err
    for key in ("ward.pub", "none.key"):
        rest = ("--key", str(tmp_path / key), "--out", str(tmp_path / "out.mp4"))
        assert main(["unlock", str(tmp_path / name), *rest]) == 1
        assert key in capsys.readouterr().err
    assert not (tmp_path / "out.mp4").exists()
