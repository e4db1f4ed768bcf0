"""The setup page of a running node: its doors answered from the rooms, its worker, and what health says of it."""

import threading
from typing import TYPE_CHECKING

from agent.app.code_file import read_code
from agent.app.looking import Looking
from agent.app.page_log import PageLog
from agent.app.seen import Seen
from agent.app.setup_papers import papers
from agent.backoff import Backoff
from agent.clock import Clock
from agent.config.model import Config
from agent.config.setup import SetupSection
from agent.contract.health import SetupHealth
from agent.installer.setup.doors import SetupDoors
from agent.installer.setup.opening import OpeningFile
from agent.installer.setup.page import Asked, Plan, SetupJob
from agent.installer.web.codes import Code, code_of
from agent.worker import Worker

if TYPE_CHECKING:
    from agent.app.node import Node


class SetupPage:
    """One for the life of the node. Costs a thread that sleeps while the page is closed."""

    def __init__(self, node: "Node", config: Config, clock: Clock, seen: Seen) -> None:
        self._node = node
        self._config = config
        self._clock = clock
        self._section = config.setup or SetupSection()
        self._log = PageLog("setup", node.access.write, clock)
        self._asked = Asked()
        self._label: Code | None = None
        self._looking = seen.looking = Looking(clock, node.closely)

    def worker(self) -> Worker:
        """Serves the page while it is open."""
        file = OpeningFile(self._config.node.data_dir)
        clock = self._clock
        plan = Plan(
            section=self._section,
            by_itself=self._config.setup is not None,
            file=file,
            label_code=self._label_code,
            papers=lambda: papers(file, clock.now().wall_ns),
            doors=self._doors,
            note=self._log.note,
            changed=self._node.reborn,
        )

        def make(stop: threading.Event) -> SetupJob:
            return SetupJob(plan, self._asked, stop, clock)

        worker = Worker("setup", make, self._node.faults, Backoff(first_s=2.0, cap_s=60.0), clock)
        worker.max_silent_s = 120.0  # making a key takes seconds on an old board
        return worker

    def identify(self) -> bool:
        """The ward looks for this device: may its page open? It then does so within a second."""
        if self._config.setup is None or self._label_code() is None:
            return False
        self._asked.open.set()
        return True

    def health(self) -> SetupHealth | None:
        """None: it is closed."""
        state = self._asked.state
        if state is None:
            return None
        return SetupHealth.model_validate(
            {
                "why": state.why,
                "closes_in_s": round(state.left_s),
                "port": state.port,
                "sessions": state.sessions,
                "failed_logins": state.failed_logins,
            }
        )

    def _doors(self) -> SetupDoors:
        from agent.app.setup_doors import SetupAnswers  # noqa: PLC0415  # only while the page is open

        return SetupAnswers(self._node, self._config, self._clock, self._asked).doors(self._looking, self._log.note)

    def _label_code(self) -> Code | None:
        """What stands on the label; None without one that can be used. One hash for the process: a code fits once."""
        if self._label is None:
            told = read_code(self._section.code_file, "setup page")
            self._label = code_of(told) if told else None
        return self._label
