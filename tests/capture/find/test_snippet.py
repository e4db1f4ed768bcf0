"""The printed section loads as it stands, whatever the cameras call themselves."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from agent.capture.find.found import FoundCamera, FoundStream
from agent.capture.find.snippet import Credentials, Entry, entries, snippet
from agent.capture.find.strangers import plain, stream_address
from agent.capture.find.trial import Trial
from agent.capture.problems import problem
from agent.config.load import check_config, load_config
from agent.config.model import Config
from agent.i18n import Language, Text

REST = "node: {ward: w, id: n}\nmqtt: {url: 'mqtts://h'}\nretention: {max_days: 9}\n"
MAIN = FoundStream("rtsp://192.168.1.64:554/Streaming/Channels/101?a=b&c=d", "h264", 1920, 1080, 25)
SUB = FoundStream("rtsp://192.168.1.64:554/Streaming/Channels/102", "h264", 640, 360, 15)
IP = FoundCamera("rtsp", "192.168.1.64", "DS-2CD: #1 'é'", MAIN, SUB)
PI = FoundCamera("picamera2", "picamera2:1", "imx708", FoundStream("picamera2:1", "h264", 1920, 1080, 15))
WEB = FoundCamera("v4l2", "/dev/v4l/by-id/usb-A_1-index0", "", FoundStream("/dev/v4l/by-id/usb-A_1-index0", "mjpeg"))
SHUT = FoundCamera("rtsp", "192.168.1.65", "", login=True, notes=(Text(en="a\nb: c", vi="d"),))


def loaded(text: str, tmp_path: Path) -> Config:
    path = tmp_path / "config.yaml"
    path.write_text(REST + text, encoding="utf-8")
    assert [str(mistake) for mistake in check_config(path)] == []
    return load_config(path)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_what_is_printed_loads(language: Language, tmp_path: Path) -> None:
    found = entries((IP, PI, WEB, SHUT), Credentials("admin: x", Path("/etc/pass word")))
    cameras = loaded(snippet(found, language), tmp_path).cameras
    assert [(camera.id, camera.kind) for camera in cameras] == [
        ("camera-1", "rtsp"),
        ("camera-2", "picamera2"),
        ("camera-3", "v4l2"),
    ]
    first, second, _ = cameras
    assert (first.source, first.sub, first.label) == (MAIN.address, SUB.address, IP.name)
    assert (first.username, first.password_file) == ("admin: x", Path("/etc/pass word"))
    assert second.username is None and second.number == 1


def test_nine_cameras_are_eight_and_one_in_comments(tmp_path: Path) -> None:
    text = snippet(entries((IP,) * 9, None), "en")
    assert len(loaded(text, tmp_path).cameras) == 8
    assert "  # - id: camera-9\n" in text and "eight cameras" in text


def test_only_comments_when_nothing_is_usable() -> None:
    text = snippet(entries((SHUT,), None), "vi")
    assert text.startswith("# 192.168.1.65") and yaml.safe_load(text) is None
    assert snippet((), "vi") == ""


def test_what_was_tried_shapes_the_section(tmp_path: Path) -> None:
    (entry,) = entries((IP,), None)
    came = Trial(MAIN.address, "h264", 1280, 720, 12.5)
    silent = Trial(SUB.address, error=problem("camera_path", SUB.address))
    text = snippet((replace(entry, main=came, sub=silent),), "en")
    (camera,) = loaded(text, tmp_path).cameras
    assert camera.sub is None and "h264 1280x720 12.5 fps" in text and "does not play" in text
    locked = Trial(MAIN.address, error=problem("camera_auth", MAIN.address))
    (camera,) = loaded(snippet((replace(entry, main=locked),), "en"), tmp_path).cameras
    assert camera.username == "admin" and str(camera.password_file) == "/etc/camera-agent/camera-1.password"


def test_a_network_camera_with_jpeg_pictures_is_encoded(tmp_path: Path) -> None:
    old = replace(IP, main=replace(MAIN, codec="mjpeg"))
    (camera,) = loaded(snippet(entries((old,), None), "en"), tmp_path).cameras
    assert camera.transcode is True


@given(st.text(max_size=300), st.text(max_size=80), st.text(max_size=80))
def test_no_name_or_path_of_a_stranger_breaks_out(name: str, path: str, query: str) -> None:
    address = stream_address(f"rtsp://1.2.3.4/{path}?{query}", "1.2.3.4")
    stream = FoundStream(address or "rtsp://1.2.3.4/a", plain(name, 12))
    camera = FoundCamera("rtsp", "1.2.3.4", plain(name), stream, notes=(Text(en=name, vi=name),))
    text = snippet((Entry("camera-1", camera),), "en")
    assert all(line.isprintable() for line in text.splitlines())
    (section,) = yaml.safe_load(text)["cameras"]
    assert section["id"] == "camera-1" and section["source"] == stream.address
    assert set(section) <= {"id", "label", "source", "transcode"} and section.get("label", "") == plain(name)
