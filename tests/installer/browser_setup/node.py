"""A small node behind the real server of the setup page: it checks with the real loader, and saves as it is told to."""

import json
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from agent.clock import Clock
from agent.config.digest import config_hash
from agent.config.document import read_document
from agent.config.load import config_in
from agent.config.model import Config
from agent.i18n import Text
from agent.installer.doors import LiveView
from agent.installer.setup.doors import (
    Begun,
    CameraNow,
    Check,
    Drawn,
    Judgement,
    LensTold,
    Line,
    NodeView,
    Photo,
    Saved,
    SetupDoors,
    Sight,
    TestSent,
    Wrong,
)
from agent.installer.setup.entry import Entry
from agent.installer.setup.opening import Opening, OpeningFile
from agent.installer.setup.server import Place, SetupServer
from agent.installer.web.codes import code_of
from agent.values import Frame, Motion
from tests.installer import scene

CODES = ("7K3M-9QXZ", "AAAA-1111", "BBBB-2222")
OPEN_S = 1800.0
HEAD: dict[str, Any] = {
    "node": {"ward": "phuong-ben-thanh", "id": "ngo-12", "label": "Ngõ 12 Nguyễn Trãi"},
    "mqtt": {"url": "mqtts://ward.example:8883"},
    "retention": {"max_days": 30},
}
KEYS = ("id", "label", "transcode", "zones", "lines", "privacy_masks", "rules")
CHECKS = (
    Check("camera", "good", Text("25 pictures per second", "25 hình mỗi giây"), None, Text("Camera", "Camera")),
    Check("model", "good", Text("SSDLite runs", "SSDLite đang chạy"), None, Text("Model", "Mô hình")),
    Check("broker", "good", Text("Connected, 24 ms", "Đã nối, 24 ms"), None, Text("Ward", "Phường")),
    Check(
        "clock",
        "mind",
        Text("No time from the network yet", "Chưa lấy được giờ từ mạng"),
        Text("Wait 10 minutes; then look at the router", "Chờ 10 phút; sau đó xem bộ định tuyến"),
        Text("Clock", "Đồng hồ"),
    ),
)


class Node:
    """Everything the page can ask for, as plain attributes that a test sets."""

    def __init__(self, *, may_mask: bool = True) -> None:
        self.clock = Clock()
        self.running: list[dict[str, Any]] = [
            {"id": "gate", "label": "Cổng ngõ 12", "source": "/dev/video0" if may_mask else "rtsp://camera.example/1"}
        ]
        self.second = 2.0
        self.walks = False  # things move while the page looks
        self.saved = Saved()
        self.ends: Saved | None = Saved("kept", "job-1")  # what a trial comes to
        self.saves: list[Any] = []
        self.tested = TestSent()
        self.answer = TestSent("back", "01JZ", 84.0, True)
        self.photos: dict[str, bytes] = {}
        self.pictures = True
        self.checks: tuple[Check, ...] = CHECKS
        self._frames: dict[float, Frame] = {}

    @property
    def hash(self) -> str:
        """Of what runs."""
        found = self._config(self.running)
        assert isinstance(found, Config), found
        return config_hash(found)

    def _config(self, cameras: Any) -> Any:
        return config_in(Path("yaml"), read_document(json.dumps(HEAD | {"cameras": cameras})))

    def _merged(self, told: Any) -> list[dict[str, Any]]:
        new = {each["id"]: each for each in told}
        merged = [camera | new.get(camera["id"], {}) for camera in self.running]
        return [{key: value for key, value in camera.items() if value is not None} for camera in merged]

    def check(self, told: Any) -> Judgement:
        """By the loader of the configuration."""
        found = self._config(self._merged(told))
        if isinstance(found, Config):
            return Judgement(same=config_hash(found) == self.hash)
        return Judgement(mistakes=tuple(Wrong(each.path, _steps(each.path), each.text, each.hint) for each in found))

    def save(self, told: Any) -> Begun:
        """It is on trial until somebody asks; then it ends as `ends` says."""
        self.saves.append(told)
        self.saved = Saved("trying", "job-1", 90.0)
        return Begun("job-1", 120.0)

    def end_trial(self) -> Saved:
        """How the save stands; asked the first time it is on trial, after that it has ended."""
        now = self.saved
        if now.state == "trying" and self.ends is not None:
            self.saved = self.ends
            if self.ends.state == "kept":
                self.running = self._merged(self.saves[-1])
        return now

    def drawn(self) -> Drawn:
        cameras = [
            {key: camera.get(key, None if key == "transcode" else {}) for key in KEYS} for camera in self.running
        ]
        for camera in cameras:
            camera["rules"] = list(camera["rules"] or [])
        return Drawn(self.hash, "file", self.saved.state == "trying", cameras)

    def latest(self, _: str) -> LiveView | None:
        if not self.pictures:
            return None
        now = self.clock.now().shifted(-0.2)
        second = round((now.mono_s % 12) * 4) / 4 if self.walks else self.second
        if second not in self._frames:
            self._frames[second] = scene.frame_of(scene.picture(second), now, len(self._frames) + 1)
        frame = replace(self._frames[second], at=now)
        return LiveView(frame, scene.tracks(second, now), Motion((), 0.0))

    def camera(self, told: dict[str, Any]) -> CameraNow:
        may_mask = not told["source"].startswith("rtsp") or bool(told.get("transcode"))
        taken = "2026-11-21T10:15:30Z" if told["id"] in self.photos else None
        return CameraNow(told["id"], told["label"], "v4l2", "ok", may_mask, 1280, 720, taken)

    def keep_photo(self, cam: str, data: bytes) -> Photo:
        self.photos[cam] = data
        return Photo(datetime(2026, 11, 21, 10, 15, 30, tzinfo=timezone.utc).isoformat(), len(data))

    def test(self, _: str) -> str:
        self.tested = self.answer
        return "01JZ0000000000000000000001"

    def doors(self) -> SetupDoors:
        """What the server asks."""
        return SetupDoors(
            node=lambda: NodeView(
                "ngo-12", "phuong-ben-thanh", "Ngõ 12 Nguyễn Trãi", "0.7.0", "vi", "Asia/Ho_Chi_Minh", "ssdlite"
            ),
            cameras=lambda: tuple(map(self.camera, self.running)),
            latest=self.latest,
            line=lambda: Line(True, "wlan0", -58),
            sight=_sight,
            labels=tuple,
            drawn=self.drawn,
            check=self.check,
            save=self.save,
            saved=self.end_trial,
            test=self.test,
            tested=lambda: self.tested,
            keep_photo=self.keep_photo,
            photo=self.photos.get,
            checks=lambda: self.checks,
            note=lambda _: None,
            now_s=time.monotonic,
        )


def _sight(_: LensTold, width: int, height: int) -> Sight:
    return Sight(width / 1.9, 87.2, 1.65, 23.1, 15.0, 11.8)


def _steps(path: str) -> tuple[str | int, ...]:
    parts = re.findall(r"\[(\d+)\]|([^.\[\]]+)", path)
    return tuple(int(index) if index else name for index, name in parts)


class Server:
    """The page of a node on a port of its own, in a thread as a node runs it. It can be stopped and begun again."""

    def __init__(self, node: Node, papers: tuple[Path, Path], folder: Path) -> None:
        self.node = node
        self.port = 0
        self._papers = papers
        self._file = OpeningFile(folder)
        now_s = time.monotonic()
        codes = tuple(code_of(code) for code in CODES)
        self._file.write(Opening("boot", now_s, now_s + OPEN_S, "command", codes=codes))
        # Of its own: the browser's driver runs a loop in the thread of the tests.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="setup")
        self._served: Future[None] = Future()
        self._over = threading.Event()

    @property
    def url(self) -> str:
        """Of the page."""
        return f"https://127.0.0.1:{self.port}/"

    def begin(self) -> None:
        """Listens when this returns; on the same port as before."""
        self._over.clear()
        server = self._thread.submit(self._made).result(30)
        self.port = server.port
        self._served = self._thread.submit(self._serve, server)

    def end(self) -> None:
        """Nothing listens when this returns."""
        self._over.set()
        self._served.result(30)

    def close(self) -> None:
        """No thread is left."""
        self._thread.shutdown()

    def change(self, **told: Any) -> None:
        """What is kept of the opening, as sessions and until when. Only while nothing is served."""
        self._file.write(replace(self._opening(), **told))

    def _opening(self) -> Opening:
        opening = self._file.read("boot", time.monotonic())
        assert opening is not None
        return opening

    def _made(self) -> SetupServer:
        entry = Entry(self._opening(), self._file, time.monotonic, lambda _: None)
        return SetupServer(self.node.doors(), entry, Place("127.0.0.1", self.port, *self._papers), OPEN_S)

    def _serve(self, server: SetupServer) -> None:
        while not self._over.is_set():
            server.serve(0.05)
        server.close()


@contextmanager
def serving(node: Node, papers: tuple[Path, Path], folder: Path) -> Iterator[Server]:
    """The page of `node` while the block runs."""
    server = Server(node, papers, folder)
    server.begin()
    try:
        yield server
    finally:
        server.end()
        server.close()
