import json
import shutil
from pathlib import Path

import pytest

from agent.cli import main
from agent.evidence.key import open_key
from agent.evidence.manifest import canonical
from agent.values import Clip
from tests.capture.conftest import drawn_h264
from tests.evidence.conftest import prove

__all__ = ["drawn_h264"]


@pytest.fixture
def proved(drawn_h264: Path, tmp_path: Path) -> Clip:
    return prove(drawn_h264, tmp_path)


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMERA_AGENT_LANG", "en")


def key_of(clip: Clip) -> str:
    return str(clip.path.parent / "evidence/device.pub.pem")


def test_genuine(proved: Clip, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["verify", str(proved.path), str(proved.manifest), "--key", key_of(proved)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("GENUINE AND COMPLETE") and "node-1" in said and "--key" not in said
    assert said.splitlines()[1].count(" UTC") == 2
    monkeypatch.setenv("CAMERA_AGENT_LANG", "vi")
    assert main(["verify", str(proved.path), str(proved.manifest)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("CHƯA KIỂM TRA KHOÁ CỦA AI") and "--key" in said
    assert main(["verify", str(proved.path), str(proved.manifest), "--key", key_of(proved)]) == 0
    assert capsys.readouterr().out.startswith("ĐÚNG VÀ ĐỦ")


def test_who_signed_is_told_only_with_the_node_s_key(
    proved: Clip, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert proved.manifest is not None
    key = Path(key_of(proved)).read_text(encoding="ascii")
    forger = open_key(tmp_path / "forger")
    told = json.loads(proved.manifest.read_bytes())
    told["key"] = {**told["key"], "public_key": forger.public.pem, "fingerprint": forger.public.fingerprint}
    told["segments"], told["chain"] = [], None
    del told["signature"]
    told["signature"] = forger.sign(canonical(told))
    proved.manifest.write_text(json.dumps(told))
    assert main(["verify", str(proved.path), str(proved.manifest)]) == 0
    said = capsys.readouterr().out
    headline = said.splitlines()[0]
    assert "GENUINE" not in said and "whose key that is was not checked" in headline
    assert forger.public.fingerprint in said and "birth message" in said
    assert main(["verify", str(proved.path), str(proved.manifest), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["key_checked"] is False
    assert main(["verify", str(proved.path), str(proved.manifest), "--key", key_of(proved), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["state"], told["key_checked"]) == ("other_key", False)
    (tmp_path / "forger.pem").write_text(forger.public.pem, encoding="ascii")
    assert key != forger.public.pem
    forged = [str(proved.path), str(proved.manifest), "--key", str(tmp_path / "forger.pem"), "--json"]
    assert main(["verify", *forged]) == 0
    assert json.loads(capsys.readouterr().out)["key_checked"] is True


def test_altered(proved: Clip, capsys: pytest.CaptureFixture[str]) -> None:
    content = bytearray(proved.path.read_bytes())
    content[-10] ^= 1
    proved.path.write_bytes(content)
    assert main(["verify", str(proved.path), str(proved.manifest)]) == 1
    said = capsys.readouterr().out
    assert said.startswith("ALTERED") and "Group of pictures 4 (" in said
    assert " UTC) " in said
    assert main(["verify", str(proved.path), str(proved.manifest), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["state"], told["genuine"]) == ("altered", False)
    assert [(one["kind"], one["gop"]) for one in told["findings"]] == [("altered", 4)]
    assert told["findings"][0]["at_utc"].endswith("Z")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["CLIP"],
        ["CLIP", "missing.json"],
        ["missing.mp4", "MANIFEST"],
        ["CLIP", "CLIP"],
        ["CLIP", "MANIFEST", "--key", "MANIFEST"],
        ["--footage", "missing"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_told(arguments: list[str], proved: Clip, capsys: pytest.CaptureFixture[str]) -> None:
    names = {"CLIP": str(proved.path), "MANIFEST": str(proved.manifest)}
    assert main(["verify", *(names.get(one, one) for one in arguments)]) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.strip()


def test_all_footage_of_a_node(proved: Clip, capsys: pytest.CaptureFixture[str]) -> None:
    data_dir = proved.path.parent
    assert main(["verify", "--footage", str(data_dir)]) == 0
    said = capsys.readouterr().out
    assert "gate: 4 sealed segments" in said and "newest link: 00000001-" in said
    files = sorted((data_dir / "footage/gate").glob("*.mp4"))
    files[1].unlink()
    assert main(["verify", "--footage", str(data_dir)]) == 1
    assert f"something between it and {files[2].name} is missing" in capsys.readouterr().out


def test_all_footage_under_another_key(proved: Clip, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "other").mkdir()
    shutil.copytree(proved.path.parent / "footage", tmp_path / "copy/footage")
    other = tmp_path / "other.pem"
    text = Path(key_of(proved)).read_text(encoding="ascii")
    other.write_text(open_key(tmp_path / "other/evidence").public.pem, encoding="ascii")
    assert other.read_text(encoding="ascii") != text
    assert main(["verify", "--footage", str(tmp_path / "copy"), "--key", str(other), "--json"]) == 1
    assert len(json.loads(capsys.readouterr().out)["foreign"]) == 4


def test_a_forger_s_names_do_not_move_the_cursor(proved: Clip, capsys: pytest.CaptureFixture[str]) -> None:
    assert proved.manifest is not None
    told = json.loads(proved.manifest.read_bytes())
    told["node"] = "n\x1b[2J\nGENUINE"
    told["signature"] = open_key(proved.path.parent / "evidence").sign(canonical(told))
    proved.manifest.write_text(json.dumps(told))
    assert main(["verify", str(proved.path), str(proved.manifest), "--key", key_of(proved)]) == 0
    said = capsys.readouterr().out
    assert "\x1b" not in said and len(said.splitlines()) == 2
