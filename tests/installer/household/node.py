"""The household's page of a small made-up node, run by a worker over TLS as the agent runs it."""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

from agent.app.pause import NOT_ALLOWED
from agent.app.setup_papers import papers
from agent.backoff import Backoff
from agent.config.household import HouseholdSection
from agent.errors import AgentError, Rejected
from agent.i18n import Text
from agent.installer.household.doors import (
    KINDS,
    AskedFor,
    CameraLine,
    Day,
    Home,
    HouseholdDoors,
    Kept,
    LineUse,
    PauseNow,
    Sent,
    Thing,
    Told,
)
from agent.installer.household.page import HouseholdJob, HouseholdPlan, Listening
from agent.installer.setup.opening import OpeningFile
from agent.installer.web.noted import Noted
from agent.worker import Worker
from tests.capture.clocks import HandClock
from tests.installer import people
from tests.installer.people import PATIENCE_S, wait_for

CODE = "HNHA-2468"
DAY = tuple(
    Sent(kind, count, size)
    for kind, count, size in zip(
        KINDS, (12, 3, 1, 2, 0), (14_200, 6_400_000, 9_100_000, 2_500_000, 480_000), strict=True
    )
)
CLIP = AskedFor(
    "2026-11-22T03:12:00.000Z",
    True,
    Text(en="a clip was asked for", vi="xin đoạn hình"),
    "Cổng",
    "2026-11-22T01:00:00.000Z",
    "2026-11-22T01:00:30.000Z",
    "O-17",
    "C-2026-4",
    "Mất xe máy trước cổng nhà số 14",
    True,
    Text(en="granted", vi="đã cho"),
)
HOME = Home(
    label="Ngõ 12 Nguyễn Trãi",
    node="ngo-12",
    ward="phuong-ben-thanh",
    timezone="Asia/Ho_Chi_Minh",
    now_utc="2026-11-22T04:31:00.000Z",
    state="records",
    cameras=(CameraLine("Cổng", "ok", False), CameraLine("Sân sau", "ok", False)),
    days=tuple(Day(f"2026-11-{22 - ago}", DAY) for ago in range(7)),
    newest=(Thing("2026-11-22T03:13:00.000Z", True, "asked", "Cổng", 9_100_000),),
    line=LineUse(True, 2000, 1200, 1850.0, 200, 18.5, "18:00-23:00", False, True),
    asked=(CLIP, replace(CLIP, given=False, result=Text(en="refused: busy", vi="đã từ chối: đang bận"))),
    kept=Kept(30, "2026-10-24T00:00:00.000Z", False, True),
    told=Told("An ninh khu phố", "UBND phường Bến Thành", "028 1234 5678"),
    pause=PauseNow(1800.0, 2, 2),
)


class Node:
    """What the page asks for, as plain attributes that a test sets."""

    def __init__(self, directory: Path) -> None:
        self.clock = HandClock()
        self.directory = directory
        self.file = OpeningFile(directory)
        self.code: str | None = CODE
        self.home = HOME
        self.notes: list[Noted] = []
        self.listening: Listening | None = None
        self.errors: list[AgentError] = []
        self.port = 0

    def opened(self) -> AbstractContextManager[str]:
        return opened(self)

    def person(self, address: str) -> "Person":
        return Person(self, address)

    @property
    def folder(self) -> Path:
        return self.directory / "household"

    def plan(self) -> HouseholdPlan:
        section = HouseholdSection.model_validate({"port": self.port, "listen": "127.0.0.1", "pause": "30m"})
        return HouseholdPlan(
            section=section,
            folder=self.folder,
            code=lambda: self.code,
            papers=lambda: papers(self.file, self.clock.now().wall_ns),
            doors=lambda: HouseholdDoors("vi", lambda: self.home, self.pause, self.resume, self.notes.append),
            note=self.notes.append,
            tell=self._tell,
        )

    def pause(self, for_s: float) -> None:
        left = self.home.pause.left
        if not left:
            raise Rejected(NOT_ALLOWED)
        told = PauseNow(1800.0, left - 1, 2, "2026-11-22T05:01:00.000Z", round(for_s))
        self.home = replace(self.home, state="paused", pause=told)

    def resume(self) -> None:
        self.home = replace(self.home, state="records", pause=PauseNow(1800.0, self.home.pause.left, 2))

    def raised(self, source: str, error: AgentError) -> None:
        self.errors.append(error)

    def cleared(self, source: str) -> None:
        return

    def _tell(self, state: Listening | None) -> None:
        self.listening = state


@contextmanager
def opened(node: Node) -> Iterator[str]:
    """The page, as the agent serves it; its address."""
    made = Worker("household", lambda stop: job(node, stop), node, Backoff(first_s=0.1), node.clock)
    made.start()
    try:
        wait_for(lambda: node.listening is not None)
        assert node.listening is not None
        yield f"https://127.0.0.1:{node.listening.port}"
    finally:
        made.stop()
        assert made.join(PATIENCE_S)


def job(node: Node, stop: threading.Event) -> HouseholdJob:
    """The page's job."""
    return HouseholdJob(node.plan(), stop, node.clock)


class Person(people.Person):
    """Somebody of the family."""

    header = "X-Household-Token"

    def __init__(self, node: Node, address: str, code: str = CODE) -> None:
        super().__init__(node, address, code)

    @property
    def cookie(self) -> str:
        return self.browser.cookies["__Host-household"]
