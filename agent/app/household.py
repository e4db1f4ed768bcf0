"""The household's page of a running node: its worker, and what health says of it. Nothing of it is loaded without
`household` in the configuration.
"""

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from agent.app.code_file import read_code
from agent.app.page_log import PageLog
from agent.app.sent import FOLDER, Sent
from agent.app.setup_papers import papers
from agent.backoff import Backoff
from agent.clock import Clock
from agent.config.household import HouseholdSection
from agent.config.model import Config
from agent.contract.health import HouseholdHealth
from agent.installer.household.doors import HouseholdDoors
from agent.installer.household.page import HouseholdJob, HouseholdPlan, Listening
from agent.installer.setup.opening import OpeningFile
from agent.worker import Worker

if TYPE_CHECKING:
    from agent.app.node import Node


class HouseholdPage:
    """One for the life of the node."""

    def __init__(self, node: "Node", config: Config, section: HouseholdSection, sent: Sent) -> None:
        self._node = node
        self._config = config
        self._section = section
        self._sent = sent
        self._listening: Listening | None = None
        self._signature: tuple[int, int, int] | None = None
        self._code: str | None = None

    def worker(self, clock: Clock) -> Worker:
        """Serves the page while there is a code."""
        data = self._config.node.data_dir
        pages = PageLog("household", self._node.access.write, clock)
        file = OpeningFile(data)  # the setup page's certificate: a phone asks about this device once
        plan = HouseholdPlan(
            section=self._section,
            folder=data / FOLDER,
            code=self._code_now,
            papers=lambda: papers(file, clock.now().wall_ns),
            doors=lambda: self._doors(clock, pages),
            note=pages.note,
            tell=self._tell,
        )

        def make(stop: threading.Event) -> HouseholdJob:
            return HouseholdJob(plan, stop, clock)

        worker = Worker("household", make, self._node.faults, Backoff(first_s=2.0, cap_s=60.0), clock)
        worker.max_silent_s = 120.0  # making a key takes seconds on an old board
        return worker

    def close(self) -> None:
        """Write down what was sent."""
        self._sent.close()

    def health(self) -> HouseholdHealth | None:
        """None: it does not listen."""
        state = self._listening
        if state is None:
            return None
        return HouseholdHealth(port=state.port, sessions=state.sessions, failed_logins=state.failed_logins)

    def _tell(self, state: Listening | None) -> None:
        self._listening = state

    def _doors(self, clock: Clock, pages: PageLog) -> HouseholdDoors:
        from agent.app.household_doors import HouseholdAnswers  # noqa: PLC0415  # only where there is a code

        return HouseholdAnswers(self._node, self._config, self._sent, clock).doors(pages.note)

    def _code_now(self) -> str | None:
        """Asked every few seconds: the file is read when it was changed."""
        signature = _signature(self._section.code_file)
        if signature != self._signature or signature is None:
            self._signature = signature
            self._code = None if signature is None else read_code(self._section.code_file, "household's page")
        return self._code


def _signature(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_mode
