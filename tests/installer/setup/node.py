"""A small real node for the setup page: the drawn lane before its camera, a configuration that is really judged, and
the page itself, run by a worker over TLS as the agent runs it.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import yaml

from agent.app.setup_config import drawn_of, judged, merged
from agent.app.setup_papers import papers
from agent.backoff import Backoff
from agent.clock import Clock
from agent.config.setup import SetupSection
from agent.detection.distance import PERSON_M, of_angle, of_lens, reach_m
from agent.errors import AgentError
from agent.health.checks import title_of
from agent.i18n import Text
from agent.installer.doors import LiveView
from agent.installer.setup.doors import (
    Begun,
    CameraNow,
    Check,
    Hindered,
    Json,
    Judgement,
    LensTold,
    Line,
    NodeView,
    Photo,
    Saved,
    SetupDoors,
    Sight,
    TestSent,
)
from agent.installer.setup.opening import Opening, OpeningFile, Request
from agent.installer.setup.page import Asked, Plan, SetupJob
from agent.installer.setup.photos import ReferencePhotos, Taken
from agent.installer.web.codes import Code, code_of
from agent.installer.web.noted import Noted
from agent.settings import Chosen, read_installed
from agent.values import Motion
from agent.worker import Outcome, Worker
from tests.installer import people, scene
from tests.installer.people import PATIENCE_S, wait_for

CODE = "ABCD-1234"
CONFIG: dict[str, Any] = {
    "node": {"ward": "test", "id": "setup-1", "label": "Ngõ 12"},
    "mqtt": {"url": "mqtts://ward.example"},
    "retention": {"max_days": 3},
    "cameras": [
        {
            "id": "gate",
            "label": "Cổng",
            "source": "rtsp://192.168.1.64/secret-path",
            "zones": {"san": [[0.44, 0.63], [0.74, 0.63], [0.8, 0.8]]},
            "rules": [{"rule": "intrusion", "zone": "san"}],
        },
        {"id": "yard", "source": "/dev/video0"},
    ],
}


class HandClock(Clock):
    """The real one, which a test moves on."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead_s = 0.0

    def mono_s(self) -> float:
        return super().mono_s() + self.ahead_s


class Node:
    """What the page asks for, as plain attributes that a test sets."""

    def __init__(self, directory: Path, **section: Any) -> None:
        self.clock = HandClock()
        self.file = OpeningFile(directory)
        self.photos = ReferencePhotos(directory)
        path = directory / "config.yaml"
        path.write_text(yaml.safe_dump(CONFIG, sort_keys=False, allow_unicode=True), encoding="utf-8")
        installed = read_installed(path)
        self.chosen = Chosen(installed.required(), installed)
        self.section = SetupSection.model_validate({"port": 0, "listen": "127.0.0.1", "first_boot": False} | section)
        self.by_itself = True
        self.label: Code | None = None
        self.asked = Asked()
        self.view: LiveView | None = show(2.0, self.clock)
        self.looks = 0
        self.notes: list[Noted] = []
        self.hindered: Text | None = None
        self.saves: list[str] = []
        self.saved = Saved()
        self.tested = TestSent()
        self.changed = 0
        self.errors: list[AgentError] = []

    def opened(self) -> AbstractContextManager[str]:
        return opened(self)

    def person(self, address: str) -> "Person":
        return Person(self, address)

    def plan(self) -> Plan:
        return Plan(
            section=self.section,
            by_itself=self.by_itself,
            file=self.file,
            label_code=lambda: self.label,
            papers=lambda: papers(self.file, self.clock.now().wall_ns),
            doors=self._doors,
            note=self.notes.append,
            changed=self._changed,
        )

    # What the worker reports to

    def raised(self, source: str, error: AgentError) -> None:
        self.errors.append(error)

    def cleared(self, source: str) -> None:
        return

    def _changed(self) -> None:
        self.changed += 1

    def _doors(self) -> SetupDoors:
        return SetupDoors(
            node=lambda: NodeView("setup-1", "test", "Ngõ 12", "1.0", "vi", "Asia/Ho_Chi_Minh", "ssd"),
            cameras=self._cameras,
            latest=self._latest,
            line=lambda: Line(True, "wlan0", -58),
            sight=_sight,
            labels=lambda: (),
            drawn=lambda: drawn_of(self.chosen),
            check=self._check,
            save=self._save,
            saved=lambda: self.saved,
            test=lambda cam: "01M82CQJRRCT48Y2G2Z4B2N4ST",
            tested=lambda: self.tested,
            keep_photo=self._keep_photo,
            photo=self.photos.photo,
            checks=lambda: (Check("disk", "good", Text(en="fine", vi="tốt"), title=title_of("disk")),),
            note=self.notes.append,
            now_s=self.clock.mono_s,
        )

    def _cameras(self) -> tuple[CameraNow, ...]:
        return (
            CameraNow("gate", "Cổng", "rtsp", "ok", may_mask=False, width=1280, height=720),
            CameraNow("yard", "yard", "v4l2", "lost", may_mask=True),
        )

    def _latest(self, cam: str) -> LiveView | None:
        self.looks += 1
        return self.view if cam == "gate" else None

    def _check(self, cameras: Json) -> Judgement:
        return judged(self.chosen, merged(self.chosen, cameras))[1]

    def _save(self, cameras: Json) -> Begun:
        if self.hindered is not None:
            raise Hindered("busy", self.hindered)
        self.saves.append(merged(self.chosen, cameras))
        return Begun("job-1", 120.0)

    def _keep_photo(self, cam: str, jpeg: bytes) -> Photo:
        self.photos.keep(cam, jpeg, Taken("2026-11-22T19:46:34Z", True, len(jpeg)))
        return Photo("2026-11-22T19:46:34Z", len(jpeg))


def show(second: float, clock: Clock, seq: int = 1) -> LiveView:
    """The lane at `second`, with who walks in it."""
    at = clock.now()
    return LiveView(scene.frame_of(scene.picture(second), at, seq), scene.tracks(second, at), Motion((), 0.0))


def _sight(lens: LensTold, width: int, rows: int) -> Sight:
    size = (width, rows)
    view = of_angle(lens.fov_deg, size) if lens.fov_deg else of_lens(lens.lens_mm or 4, lens.sensor, size)
    return Sight(view.focal_px, view.angle_deg, PERSON_M, day=reach_m(view, "ssd", "day"))


def job(node: Node, stop: threading.Event) -> SetupJob:
    """The page's job."""
    return SetupJob(node.plan(), node.asked, stop, node.clock)


def look(node: Node) -> Outcome:
    """One look of a job that was just made: is anything wanted?"""
    stop = threading.Event()
    stop.set()
    made = job(node, stop)
    try:
        return made.run_once()
    finally:
        made.close()


@contextmanager
def running(node: Node) -> Iterator[Worker]:
    """The page's worker, as the agent runs it; whether the page is open or not."""
    made = Worker("setup", lambda stop: job(node, stop), node, Backoff(first_s=0.1), node.clock)
    made.start()
    try:
        yield made
    finally:
        made.stop()
        assert made.join(PATIENCE_S)


@contextmanager
def opened(node: Node, *codes: str) -> Iterator[str]:
    """The page, opened as `camera-agent setup` opens it; its address."""
    first, *others = codes or (CODE,)
    put(node, Request("first", code_of(first)))
    with running(node):
        wait_for(lambda: node.asked.state is not None)
        yield ask(node, *others)


def ask(node: Node, *codes: str) -> str:
    """The address of the page that was asked for."""
    for number, code in enumerate(codes):
        put(node, Request(f"r{number}", code_of(code)))
        wait_for(partial(answered, node, f"r{number}"))
    opening = open_now(node)
    assert opening is not None
    return f"https://127.0.0.1:{opening.port}"


def answered(node: Node, request: str) -> bool:
    """Is the page open, and does it know of this?"""
    opening = open_now(node)
    return opening is not None and opening.port != 0 and opening.request == request


def put(node: Node, request: Request) -> None:
    """As the command does."""
    node.file.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = node.file.folder / "request.tmp"
    temporary.write_text(json.dumps(asdict(request)), encoding="utf-8")
    temporary.replace(node.file.folder / "request.json")


def open_now(node: Node) -> Opening | None:
    return node.file.read(node.clock.boot_id, node.clock.mono_s())


class Person(people.Person):
    """Whoever knows the code of the label."""

    header = "X-Setup-Token"

    def __init__(self, node: Node, address: str, code: str = CODE) -> None:
        super().__init__(node, address, code)


def code_in(answer: httpx.Response) -> str:
    """Of a refusal, whose words are there in both languages."""
    told = answer.json()["error"]
    assert told["text"]["vi"] and told["text"]["en"] and answer.status_code >= 400
    return str(told["code"])
