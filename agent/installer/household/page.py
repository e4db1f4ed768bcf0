"""The worker job of the household's page: listens as long as the file with the code is there.

Without the file it costs a look each few seconds: no socket, no aiohttp.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent.clock import Clock
from agent.config.household import HouseholdSection
from agent.i18n import Text
from agent.installer.household.doors import HouseholdDoors
from agent.installer.household.entry import HouseholdEntry
from agent.installer.web.noted import Noted
from agent.installer.web.port import unserved
from agent.worker import Outcome

if TYPE_CHECKING:
    from agent.installer.web.serving import PageServer

log = logging.getLogger(__name__)
NAME = Text(en="household's page", vi="trang gia đình")
LOOK_S = 5.0
SLICE_S = 0.5


@dataclass(frozen=True, slots=True)
class Listening:
    """For health and status."""

    port: int
    sessions: int
    failed_logins: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdPlan:
    """What the job needs. `code` None: there is none that can be used, so there is no page."""

    section: HouseholdSection
    folder: Path
    code: Callable[[], str | None]
    papers: Callable[[], tuple[Path, Path]]  # certificate and key; raises AgentError
    doors: Callable[[], HouseholdDoors]  # made anew for each opening
    note: Callable[[Noted], None]
    tell: Callable[[Listening | None], None]


class HouseholdJob:
    """A `Job`. Raises Retryable (code `page_port`) when the port cannot be had, StorageError, AgentError."""

    def __init__(self, plan: HouseholdPlan, stop: threading.Event, clock: Clock) -> None:
        self._plan = plan
        self._stop = stop
        self._clock = clock
        self._server: PageServer | None = None
        self._entry: HouseholdEntry | None = None
        self._code: str | None = None
        self._looked_s = -LOOK_S

    def run_once(self) -> Outcome:
        """Serve for a slice, or see whether there is a code."""
        if self._clock.mono_s() - self._looked_s >= LOOK_S:
            self._look()
        if self._server is None:
            self._stop.wait(LOOK_S)
            return Outcome.IDLE
        self._server.serve(SLICE_S)
        self._tell()
        return Outcome.WORKED

    def close(self) -> None:
        """Free the port. Sessions stay for the next beginning."""
        self._plan.tell(None)
        if self._server is not None:
            self._server.close()
            self._server = None

    def _look(self) -> None:
        self._looked_s = self._clock.mono_s()
        code = self._plan.code()
        if code == self._code and (code is None) == (self._server is None):
            return
        self.close()
        self._code = code
        if code is not None:
            self._open(code)

    def _open(self, code: str) -> None:
        from agent.installer.household.site import HouseholdSite  # noqa: PLC0415  # 20 MB that few nodes need
        from agent.installer.web.serving import PageServer, Place  # noqa: PLC0415

        section, plan = self._plan.section, self._plan
        cert, key = plan.papers()
        self._entry = HouseholdEntry(plan.folder, code, self._clock, plan.note)
        site = HouseholdSite(plan.doors(), self._entry)
        try:
            self._server = PageServer(site, Place(section.listen, section.port, cert, key))
        except OSError as error:
            raise unserved(NAME, "household", section.port, cert, error) from error
        log.info("the household's page listens on port %d", self._server.port)
        self._tell()

    def _tell(self) -> None:
        if self._server is not None and self._entry is not None:
            self._plan.tell(Listening(self._server.port, self._entry.sessions, self._entry.failed))
