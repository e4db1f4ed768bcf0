"""`camera-agent probe` as an installer uses it: a stand-in ONVIF device that leads to a real RTSP camera."""

import argparse
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.capture.find.discovery import way_to
from agent.cli import probe
from agent.config.load import check_config, load_config
from deploy.stand_in.camera import RtspCamera
from tests.capture.conftest import gstreamer, rtsp  # noqa: F401  # fixtures
from tests.capture.find.device import Answerer, Device, Stream, match
from tests.capture.find.machine import Machine
from tests.cli.saying import ROOT, said

SECRET = "c@nary/word"
Start = Callable[..., RtspCamera]


def agent(*arguments: str, language: str = "en") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "agent", "probe", *arguments],
        cwd=ROOT,
        env={**os.environ, "CAMERA_AGENT_LANG": language},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def streams(camera: RtspCamera) -> tuple[Stream, ...]:
    return (
        Stream("sub", camera.address("sub"), width=320, height=180),
        Stream("main", camera.address("main"), width=640, height=360),
    )


@pytest.fixture
def password(tmp_path: Path) -> Path:
    path = tmp_path / "camera.password"
    path.write_text(f"{SECRET}\n", encoding="utf-8")
    path.chmod(0o600)
    return path


def configured(text: str, tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(
        "node: {ward: w, id: n}\nmqtt: {url: 'mqtts://h'}\nretention: {max_days: 9}\n" + text, encoding="utf-8"
    )
    return path


@pytest.mark.real
def test_the_printed_section_plays(rtsp: Start, password: Path, tmp_path: Path) -> None:  # noqa: F811
    camera = rtsp("--user", "ward", "--password", SECRET)
    login = ("--username", "ward", "--password-file", str(password))
    with Device(streams(camera), login=("ward", SECRET)) as device:
        done = agent(f"127.0.0.1:{device.port}", *login, "--try")
    assert done.returncode == 0, done.stderr
    assert "tried, it plays: main stream h264 640x360 15 fps" in done.stdout
    assert "tried, it plays: sub stream h264 320x180 15 fps" in done.stdout
    path = configured(done.stdout, tmp_path)
    assert check_config(path) == ()
    (section,) = load_config(path).cameras
    assert (section.source, section.sub) == (camera.address("main"), camera.address("sub"))
    assert (section.username, section.password_file) == ("ward", password)
    assert "nary" not in done.stdout + done.stderr


@pytest.mark.real
def test_a_camera_that_does_not_play_says_why(rtsp: Start) -> None:  # noqa: F811
    camera = rtsp("--user", "ward", "--password", SECRET)
    gone = Stream("none", rtsp().address("none"), width=640, height=360)
    with Device(streams(camera)) as locked, Device((gone,)) as wrong:
        hosts = [f"127.0.0.1:{device.port}" for device in (locked, wrong)]
        done = agent(*hosts, "--try", "--json")
    told = json.loads(done.stdout)
    first, second = told["cameras"]
    assert (first["main"]["tried"]["code"], second["main"]["tried"]["code"]) == ("camera_auth", "camera_path")
    assert "username: admin" in told["yaml"] and done.returncode == 0


@pytest.mark.parametrize(("language", "words"), [("vi", "đòi tên đăng nhập"), ("en", "--password-file")])
def test_a_camera_that_wants_a_login_says_so(language: str, words: str) -> None:
    with Device((Stream("p", "rtsp://127.0.0.1/a"),), login=("ward", SECRET)) as device:
        done = said("probe", f"127.0.0.1:{device.port}", language=language)
    assert done.returncode == 1 and words in done.stdout and "cameras:" not in done.stdout


def test_a_whole_search_over_network_usb_and_ribbon(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAMERA_AGENT_LANG", "en")
    machine = Machine(tmp_path / "machine")
    machine.board("Raspberry Pi 5 Model B Rev 1.0")
    machine.video(0, "pci/usb1/1-1", link="by-id/usb-Maker_Webcam-video-index0")
    webcam: dict[str, object] = {"card": "Webcam", "codec": "h264", "width": 1280, "height": 720, "fps": 30}
    stream = Stream("p", "rtsp://127.0.0.1:554/a", width=640, height=360)
    with Device((stream,)) as device, Answerer((match(device.service),)) as answerer:
        places = machine.places(
            usb_child=machine.telling({"video0": webcam}),
            pi_child=machine.picamera2([{"Model": "imx708", "Id": "/base/i2c", "Num": 0}], "LibavH264Encoder"),
        )
        ways = (way_to("127.0.0.1", answerer.port),)
        status = probe.run(parsed("--timeout", "0.5", "--json"), probe.Range(places, ways))
    told = json.loads(capsys.readouterr().out)
    assert status == 0
    assert [camera["kind"] for camera in told["cameras"]] == ["picamera2", "v4l2", "rtsp"]
    assert check_config(configured(told["yaml"], tmp_path)) == ()
    assert "libx264" in told["yaml"] and "Good Cam" in told["yaml"]


def test_a_login_is_tried_only_where_a_camera_is_named(
    password: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAMERA_AGENT_LANG", "en")
    with Device((Stream("p", "rtsp://127.0.0.1:9/a"),)) as device, Answerer((match(device.service),)) as answerer:
        ways = (way_to("127.0.0.1", answerer.port),)
        arguments = parsed("--timeout", "0.5", "--try", "--username", "ward", "--password-file", str(password))
        assert probe.run(arguments, probe.Range(Machine(tmp_path / "machine").places(), ways)) == 0
    told = capsys.readouterr()
    assert "only cameras that are named" in told.err and "plays" not in told.out


def test_nothing_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    places = Machine(tmp_path / "machine").places()
    assert probe.run(parsed("--timeout", "0.5s"), probe.Range(places, ())) == 1
    told = capsys.readouterr()
    assert told.out == "" and "camera-agent probe 192.168.1.20" in told.err


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    probe.add(parser.add_subparsers())
    return parser.parse_args(["probe", *words])


@pytest.mark.parametrize(
    "words",
    [
        ["camera.local"],
        ["1.2.3.4:"],
        ["1.2.3.4:0"],
        ["1.2.3.4:70000"],
        ["1.2.3"],
        ["--timeout", "1e9"],
        ["--timeout", "soon"],
    ],
)
def test_usage_errors(words: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parsed(*words)
    assert caught.value.code == 2


def test_a_password_file_that_others_may_read_is_refused(password: Path) -> None:
    password.chmod(0o644)
    done = said("probe", "127.0.0.1:1", "--username", "ward", "--password-file", str(password))
    assert done.returncode == 78 and "chmod 600" in done.stderr
    assert said("probe", "127.0.0.1:1", "--username", "ward").returncode == 78


@pytest.mark.parametrize("page", ["find-cameras.md", "find-cameras.vi.md"])
def test_the_section_in_the_guide_loads(page: str, tmp_path: Path) -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs/guide" / page).read_text(encoding="utf-8"), re.DOTALL)
    assert check_config(configured(block, tmp_path)) == ()
