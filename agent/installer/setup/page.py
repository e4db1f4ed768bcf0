"""The worker job of the setup page: sleeps until somebody opens it, serves while it is open, and closes by itself.

While closed it costs a look at a small folder each second: no socket, no aiohttp.
"""

import hashlib
import logging
import secrets
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from agent.clock import Clock
from agent.config.setup import SetupSection
from agent.i18n import Text
from agent.installer.setup.doors import SetupDoors
from agent.installer.setup.entry import Entry
from agent.installer.setup.opening import FIRST_BOOTS, Opening, OpeningFile
from agent.installer.web.codes import Code
from agent.installer.web.noted import Noted
from agent.installer.web.port import unserved
from agent.worker import Outcome

if TYPE_CHECKING:
    from agent.installer.setup.server import SetupServer

log = logging.getLogger(__name__)
NAME = Text("setup page", "trang cài đặt")
LOOK_S = 1.0
SLICE_S = 0.2
GOODBYE_S = 0.5


@dataclass(frozen=True, slots=True)
class PageOpen:
    """For health and status. `left_s` until it closes."""

    why: str
    left_s: float
    port: int
    sessions: int
    failed_logins: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the job needs beside the doors. `label_code` None: there is no label, so it never opens by itself."""

    section: SetupSection
    by_itself: bool  # `setup` stands in the configuration: first boot and `identify` may open it
    file: OpeningFile
    label_code: Callable[[], Code | None]
    papers: Callable[[], tuple[Path, Path]]  # certificate and key; raises AgentError
    doors: Callable[[], SetupDoors]  # made anew for each opening
    note: Callable[[Noted], None]
    changed: Callable[[], None]  # it was opened or closed


class Asked:
    """Where the ward's `identify` and a save reach the job. Thread-safe."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.state: PageOpen | None = None  # None: closed
        self.entry: Entry | None = None


class SetupJob:
    """A `Job`. Raises Retryable (code `page_port`) when the port cannot be had, StorageError, AgentError."""

    def __init__(self, plan: Plan, asked: Asked, stop: threading.Event, clock: Clock) -> None:
        self._plan = plan
        self._asked = asked
        self._stop = stop
        self._clock = clock
        self._server: SetupServer | None = None
        self._entry: Entry | None = None
        self._looked_s = -LOOK_S
        self._begun = False

    def run_once(self) -> Outcome:
        """Serve for a slice, or see whether somebody wants it."""
        if self._server is None:
            opening = self._wanted()
            if opening is None:
                self._stop.wait(LOOK_S)
                return Outcome.IDLE
            self._open(opening)
        assert self._server is not None and self._entry is not None
        self._server.serve(SLICE_S)
        if self._clock.mono_s() - self._looked_s >= LOOK_S or self._entry.finished:
            self._looked_s = self._clock.mono_s()
            self._look(self._server, self._entry)
        return Outcome.WORKED

    def close(self) -> None:
        """Free the port. What is open stays so for the next beginning."""
        self._asked.state = self._asked.entry = None
        if self._server is not None:
            self._server.close()
            self._server = None

    def _wanted(self) -> Opening | None:
        now_s, file = self._clock.mono_s(), self._plan.file
        if not self._begun:
            self._begun = True
            kept = file.read(self._clock.boot_id, now_s)
            if kept is not None:
                return kept
            file.forget()
            if self._first_boot():
                return self._made("first_boot", self._plan.label_code())
        request = file.request()
        if request is not None and request.code is not None:
            return replace(self._made("command", request.code), request=request.id)
        if self._asked.open.is_set():
            self._asked.open.clear()
            code = self._plan.label_code() if self._plan.by_itself else None
            if code is not None:
                return self._made("identify", code)
        return None

    def _first_boot(self) -> bool:
        if not (self._plan.by_itself and self._plan.section.first_boot) or self._plan.label_code() is None:
            return False
        boots = self._plan.file.first_boots(self._clock.boot_id)
        if boots < FIRST_BOOTS:
            self._plan.file.count_first_boot(boots + 1, self._clock.boot_id)
        return boots < FIRST_BOOTS

    def _made(self, why: str, code: Code | None) -> Opening:
        now_s = self._clock.mono_s()
        codes = tuple(
            each for each in (code, self._plan.label_code() if why == "command" else None) if each is not None
        )
        return Opening(self._clock.boot_id, now_s, now_s + self._plan.section.open_for, why, codes=codes[::-1])

    def _open(self, opening: Opening) -> None:
        from agent.installer.setup.server import Place, SetupServer  # noqa: PLC0415  # 20 MB while it is closed

        section, file = self._plan.section, self._plan.file
        cert, key = self._plan.papers()
        entry = Entry(opening, file, self._clock.mono_s, self._plan.note)
        entry.change(replace(opening, port=0))  # what is wanted outlives a port that is taken just now
        self._asked.entry = entry
        place = Place(section.listen, section.port, cert, key)
        try:
            self._server = SetupServer(self._plan.doors(), entry, place, section.open_for)
        except OSError as error:
            raise unserved(NAME, "setup", section.port, cert, error) from error
        self._entry = entry
        entry.change(replace(entry.opening, port=self._server.port, fingerprint=_fingerprint(cert)))
        if not opening.fingerprint:  # not merely again after a save
            self._plan.note(Noted("opened", "granted", reason=opening.why))
        log.info("the setup page is open on port %d for %.0f min", self._server.port, entry.left_s / 60)
        self._tell(entry)
        self._plan.changed()

    def _look(self, server: "SetupServer", entry: Entry) -> None:
        request = self._plan.file.request()
        if request is not None and request.close:
            entry.finish()
        elif request is not None and request.code is not None:
            entry.admit(request.code, request.id, self._plan.section.open_for)
        if self._asked.open.is_set():  # the ward looks for a device whose page is open: whoever comes may come in
            self._asked.open.clear()
            code = self._plan.label_code() if self._plan.by_itself else None
            if code is not None:
                entry.readmit(code, self._plan.section.open_for)
        if entry.left_s > 0:
            self._tell(entry)
            return
        why = entry.opening.why
        server.serve(GOODBYE_S)  # whoever pressed the last button hears so
        server.close()
        self._server = self._entry = None
        self._asked.state = self._asked.entry = None
        self._plan.file.forget()
        if why == "first_boot":
            self._plan.file.count_first_boot(FIRST_BOOTS, self._clock.boot_id)  # it had its time
        self._plan.note(Noted("closed", "granted", reason=f"{entry.failed} wrong codes, {server.refused} refused"))
        log.info("the setup page is closed")
        self._plan.changed()

    def _tell(self, entry: Entry) -> None:
        opening = entry.opening
        self._asked.state = PageOpen(opening.why, entry.left_s, opening.port, len(opening.sessions), entry.failed)


def new_request_id() -> str:
    """Names what `camera-agent setup` asks for."""
    return secrets.token_hex(8)


def _fingerprint(cert: Path) -> str:
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(cert.read_text(encoding="ascii"))).hexdigest()
