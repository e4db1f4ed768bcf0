"""`camera-agent footage`: what is there, a clip with its proof, holds; each with its line in the access log."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from agent.access import AccessLog, check, files
from agent.cli import main
from agent.cli.progress import bar
from agent.cli.span import moment_of
from agent.clock import NS, Clock, Moment
from agent.config.model import FootageSection
from agent.evidence.notary import Signer, begin_notary
from agent.footage.store import Footage
from tests.capture.conftest import drawn_h264, street_h264
from tests.footage.recording import CAM, recorded

__all__ = ["drawn_h264", "street_h264"]

HELD = ("--reason", "mất xe máy", "--case", "HS-7", "--by", "ca-12")


@pytest.fixture
def config(tmp_path: Path, street_h264: Path) -> Path:
    """A node that recorded some seconds of the street ten minutes ago."""
    data = tmp_path / "data"
    data.mkdir()
    clock = Clock()
    path = tmp_path / "config.yaml"
    path.write_text(
        f"node: {{ward: w, id: n-footage, data_dir: {data}}}\nmqtt: {{url: 'mqtts://h'}}\n"
        f"retention: {{max_days: 9}}\nfootage: {{keep_free: 0B}}\ncameras: [{{id: {CAM}, source: /dev/video0}}]\n",
        encoding="utf-8",
    )
    section = FootageSection.model_validate({"segment": "1s", "keep_free": "0B"})
    store = Footage(data / "footage", section, 9, clock)
    store.seal_with(begin_notary(data / "evidence", Signer("w", "n-footage", clock)))
    begin = clock.now().shifted(-600)
    trusted = Moment(begin.mono_ns, begin.wall_ns, True, begin.boot_id)
    for packet in recorded(street_h264, trusted):
        store.write(packet)
    store.close()
    return path


def test_a_bar_tells_how_far_it_is() -> None:
    assert bar(0, 10**6) == f"[{'.' * 30}]   0% 0.0 MB"
    assert bar(5 * 10**5, 10**6) == f"[{'#' * 15}{'.' * 15}]  50% 0.5 MB"
    assert bar(2 * 10**6, 10**6).startswith(f"[{'#' * 30}] 100%")


def test_a_cut_draws_its_bar_where_somebody_looks(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    begin, end = span_of(config, capsys)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    out = tmp_path / "clip.mp4"
    assert footage(config, "cut", "--cam", CAM, "--from", begin, "--to", end, "--out", str(out), *HELD) == 0
    assert out.stat().st_size > 0
    assert "\r\033[K" in capsys.readouterr().err


def test_a_time_that_a_person_writes_is_that_time() -> None:
    now = Clock().now()
    for minute in range(60):
        at = moment_of(f"2026-11-22 02:{minute:02}", now, ZoneInfo("Asia/Ho_Chi_Minh"))
        assert at.wall_ns == 1_795_287_600 * NS + minute * 60 * NS


def test_a_refused_hold_is_one_line_in_the_access_log(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begin, _ = span_of(config, capsys)
    hold = ("hold", "--cam", CAM, "--from", begin, "--for", "2s", "--days", "91")
    assert footage(config, *hold, *HELD) == 1
    records = list(AccessLog(tmp_path / "data" / "access", Clock()).records())
    assert [(one.action, one.result) for one in records] == [("hold", "refused")]


@pytest.mark.parametrize("language", ["en", "vi"])
def test_a_gap_s_cause_is_told_in_words(
    language: str, config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAMERA_AGENT_LANG", language)
    assert footage(config, "list") == 0
    assert {"en": "nothing was recorded", "vi": "không ghi được hình"}[language] in capsys.readouterr().out


def test_who_gives_no_reason_or_no_place_gets_nothing(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begin, end = span_of(config, capsys)
    span = ("--cam", CAM, "--from", begin, "--to", end)
    for out, reason, words in (
        (tmp_path / "clip.mp4", " ", "--reason"),
        (tmp_path / "nowhere" / "clip.mp4", "x", "no folder"),
        (tmp_path, "x", "is a folder"),
    ):
        assert footage(config, "cut", *span, "--out", str(out), "--reason", reason) == 1
        assert words in capsys.readouterr().err
    assert footage(config, "list", "--cam", "attic") == 1
    assert not list(tmp_path.rglob("access.log"))


def footage(config: Path, *arguments: str) -> int:
    return main(["footage", arguments[0], "--config", str(config), *arguments[1:]])


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def span_of(config: Path, capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    assert footage(config, "list", "--json") == 0
    (cam,) = told(capsys)["cams"]
    assert cam["segments"] > 3 and cam["coverage_s"] > 3
    return cam["gaps"][0]["to_utc"], cam["gaps"][-1]["from_utc"]


def test_what_is_listed_can_be_cut_and_proved(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    begin, end = span_of(config, capsys)
    out = tmp_path / "clip.mp4"
    span = ("--cam", CAM, "--from", begin, "--to", end, "--out", str(out), "--json")
    assert footage(config, "cut", *span, *HELD) == 0
    made = told(capsys)
    assert made["bytes"] == out.stat().st_size and made["gaps"] == []
    assert main(["verify", str(out), made["manifest"], "--json"]) == 0
    again = tmp_path / "again.mp4"
    assert footage(config, "cut", "--cam", CAM, "--from", begin, "--to", end, "--out", str(again), *HELD) == 0
    assert again.read_bytes() == out.read_bytes()
    records = list(AccessLog(tmp_path / "data" / "access", Clock()).records())
    assert [(one.action, one.case, one.reason) for one in records] == [("cut", "HS-7", "mất xe máy")] * 2
    assert records[0].by == "ca-12@n-footage"


def test_a_file_that_is_there_is_replaced_only_when_that_is_asked_for(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begin, end = span_of(config, capsys)
    out, proof = tmp_path / "clip.mp4", tmp_path / "clip.manifest.json"
    cut = ("cut", "--cam", CAM, "--from", begin, "--to", end, "--out", str(out), *HELD)
    for file in (out, proof):
        file.write_text("evidence of another case")
        assert footage(config, *cut) == 1
        assert f"{file} is there already" in capsys.readouterr().err
        assert file.read_text() == "evidence of another case"
        assert not list(tmp_path.rglob("access.log"))
        file.rename(tmp_path / "kept")
        out.unlink(missing_ok=True)
    out.write_text("of no use")
    assert footage(config, *cut, "--force") == 0
    assert main(["verify", str(out), str(proof), "--json"]) in (0, 2)


def test_a_hold_is_listed_and_released(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    begin, _ = span_of(config, capsys)
    if not Clock().trusted():
        assert footage(config, "hold", "--cam", CAM, "--from", begin, "--for", "3s", *HELD) == 1
        pytest.skip("the clock of this machine is not set, so nothing may be held")
    assert footage(config, "hold", "--cam", CAM, "--from", begin, "--for", "3s", "--days", "5", "--json", *HELD) == 0
    held = told(capsys)
    assert held["segments"] >= 2 and held["by"] == "ca-12"
    assert footage(config, "list", "--json") == 0
    assert [hold["id"] for hold in told(capsys)["holds"]] == [held["id"]]
    assert footage(config, "release", held["id"], "--reason", "xong") == 0
    assert footage(config, "list") == 0
    assert held["id"] not in capsys.readouterr().out
    assert footage(config, "release", held["id"], "--reason", "xong") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--cam", "attic", "--from", "02:10", "--for", "10m"), "attic"),
        (("--cam", CAM, "--from", "hai giờ", "--for", "10m"), "02:10"),
        (("--cam", CAM, "--from", "2020-01-01 02:10", "--to", "2020-01-01 02:00"), "after"),
        (("--cam", CAM, "--from", "2020-01-01 02:10", "--for", "10"), "10"),
        (("--cam", CAM, "--from", "2020-01-01 02:10", "--for", "10m"), "no footage"),
    ],
)
def test_what_cannot_be_cut_is_said_and_leaves_no_file(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str
) -> None:
    out = tmp_path / "clip.mp4"
    assert footage(config, "cut", *arguments, "--out", str(out), *HELD) == 1
    assert words in capsys.readouterr().err
    assert not out.exists()


def test_nothing_is_cut_without_a_line_in_the_access_log(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begin, end = span_of(config, capsys)
    (tmp_path / "data" / "access").write_text("in the way")
    out = tmp_path / "clip.mp4"
    assert footage(config, "cut", "--cam", CAM, "--from", begin, "--to", end, "--out", str(out), *HELD) == 1
    assert not out.exists()


@pytest.mark.fault("cut", "root cuts on a node whose data belong to another user")
def test_root_s_work_leaves_no_file_that_the_agent_cannot_write(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root")
    # A place that its owner can reach, as /var/lib; what pytest gives is closed to all but root.
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        place.chmod(0o711)
        shutil.copytree(tmp_path / "data", place / "data")
        text = config.read_text(encoding="utf-8").replace(str(tmp_path / "data"), str(place / "data"))
        config.write_text(text, encoding="utf-8")
        _cut_as_root(config, place / "data", tmp_path / "clip.mp4", span_of(config, capsys))


def _cut_as_root(config: Path, data: Path, out: Path, span: tuple[str, str]) -> None:
    subprocess.run(["chown", "-R", "65534:65534", str(data)], check=True)
    begin, end = span
    command = [sys.executable, "-m", "agent", "footage", "cut", "--config", str(config), "--cam", CAM, "--from", begin]
    command += ["--to", end, "--out", str(out), *HELD]
    # As with sudo, whose runtime directory is closed to the owner of the data.
    with tempfile.TemporaryDirectory() as closed:
        environ = {**os.environ, "RUNTIME_DIRECTORY": f"{closed}/run", "XDG_RUNTIME_DIR": closed}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environ)
    assert done.returncode == 0, done.stderr
    assert {path.stat().st_uid for path in data.rglob("*")} == {65534}
    assert check(files.lines(data / "access")).records == 1
    assert out.stat().st_uid == 0
    assert Clock().now().wall_ns // NS > 0


@pytest.mark.parametrize("name", ["footage/index.sqlite", "access/access.log", "evidence/device.key", "link", "new"])
def test_a_clip_never_replaces_the_node_s_own_files(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    def content() -> dict[Path, bytes]:
        files = (path for path in data.rglob("*") if path.is_file() and not path.name.endswith(("-shm", "-wal")))
        return {path: path.read_bytes() for path in files}

    begin, end = span_of(config, capsys)
    data = tmp_path / "data"
    (tmp_path / "link").symlink_to(data / "footage" / "index.sqlite")
    out = tmp_path / "link" if name == "link" else data / name
    before = content()
    assert footage(config, "cut", "--cam", CAM, "--from", begin, "--to", end, "--out", str(out), *HELD) == 1
    assert "utside" in capsys.readouterr().err
    assert content() == before


@pytest.mark.parametrize(
    "span",
    [
        ("--from", "0001-01-01", "--to", "9999-12-31"),
        ("--from", "9999-12-31 23:59:59", "--for", "1s"),
        ("--from", "2026-01-01", "--for", "99999999d"),
    ],
)
def test_times_that_no_clock_shows(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], span: tuple[str, ...]
) -> None:
    assert footage(config, "list", *span) == 1
    assert footage(config, "hold", "--cam", CAM, *span, *HELD) == 1
    assert footage(config, "cut", "--cam", CAM, *span, "--out", str(tmp_path / "clip.mp4"), *HELD) == 1
    assert "camera-agent: " in capsys.readouterr().err


def test_words_that_are_no_utf_8_are_logged_all_the_same(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begin, end = span_of(config, capsys)
    words = ("--reason", "m\udce1t xe\n2.", "--by", "ca\udcff")
    out = tmp_path / "clip.mp4"
    assert footage(config, "cut", "--cam", CAM, "--from", begin, "--to", end, "--out", str(out), *words) == 0
    (record,) = AccessLog(tmp_path / "data" / "access", Clock()).records()
    assert (record.reason, record.by) == ("m\ufffdt xe\ufffd2.", "ca\ufffd@n-footage")
