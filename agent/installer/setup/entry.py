"""Who is let in: codes, sessions, the lock, and when it all ends."""

import hmac
import threading
from collections.abc import Callable
from dataclasses import replace

from agent.i18n import Text
from agent.installer.setup.opening import Opening, OpeningFile
from agent.installer.web.codes import WRONG, Code, Lockout
from agent.installer.web.noted import Noted
from agent.installer.web.refusal import Refusal
from agent.installer.web.session import session_hash, token_of

USED = Text(
    en="This code was used already; `camera-agent setup` on the device prints a new one",
    vi="Mã này đã được dùng; chạy `camera-agent setup` trên thiết bị để lấy mã mới",
)


class Entry:
    """Thread-safe. `now_s` is monotonic; `note` writes into the access log. Raises StorageError where the file does."""

    def __init__(
        self, opening: Opening, file: OpeningFile, now_s: Callable[[], float], note: Callable[[Noted], None]
    ) -> None:
        self.opening = opening
        self.finished = False
        self.failed = 0
        self._file = file
        self._now_s = now_s
        self._note = note
        self._lockout = Lockout(opening.locked_until_s)
        self._lock = threading.Lock()  # of two who come with one code at once, one is late

    @property
    def left_s(self) -> float:
        """Seconds until the page closes."""
        return 0.0 if self.finished else self.opening.left_s(self._now_s())

    @property
    def locked_s(self) -> float:
        """Seconds until somebody may try a code again."""
        return self._lockout.left_s(self._now_s())

    def change(self, opening: Opening) -> None:
        """Durable on return."""
        self._file.write(opening)
        self.opening = opening

    def login(self, told: str, address: str) -> str:
        """The cookie of a new session. Raises Refusal."""
        with self._lock:
            return self._login(told, address)

    def _login(self, told: str, address: str) -> str:
        if self.locked_s > 0:
            raise self._lockout.refusal(self._now_s())
        fitting = [code for code in self.opening.codes if code.fits(told)]
        if fitting:
            opening, cookie = self.opening.let_in(fitting[0])
            self.change(opening)
            self._note(Noted("login", "granted", address))
            return cookie
        if any(code.fits(told) for code in self.opening.used):
            self._note(Noted("login", "used_code", address))
            raise Refusal(403, "used_code", USED)
        self.failed += 1
        locks = self._lockout.wrong(self._now_s())
        self._note(Noted("login", "locked" if locks else "wrong_code", address))
        if not locks:
            raise Refusal(401, "wrong_code", WRONG)
        self.change(replace(self.opening, locked_until_s=self._lockout.until_s))
        raise self._lockout.refusal(self._now_s())

    def knows(self, cookie: str) -> bool:
        """Is it the cookie of a session? In constant time for each."""
        told = session_hash(cookie)
        found = [hmac.compare_digest(told, each) for each in self.opening.sessions]
        return any(found) and self.left_s > 0

    def may_write(self, cookie: str, token: str) -> bool:
        """Does the token belong to the cookie?"""
        return hmac.compare_digest(token_of(cookie).encode(), token.encode("utf-8", "replace"))

    def prolong(self, seconds: float) -> float:
        """Seconds until it closes now."""
        with self._lock:
            if not self.finished:
                self.change(self.opening.prolonged(self._now_s(), seconds))
        return self.left_s

    def admit(self, code: Code, request: str, seconds: float) -> None:
        """One more code, printed on the device just now; whoever prints one may try it at once."""
        with self._lock:
            self._lockout.until_s = 0.0
            opening = replace(self.opening.with_code(code), request=request, locked_until_s=0.0)
            self.change(opening.prolonged(self._now_s(), seconds))

    def readmit(self, code: Code, seconds: float) -> None:
        """The code of the label lets in once more. Asked from afar, so a lock stays."""
        with self._lock:
            if not self.finished and code not in self.opening.codes:
                self.change(self.opening.with_code(code).prolonged(self._now_s(), seconds))

    def saved(self, job: str) -> None:
        """What is on trial, so that its end can be told after the node began again."""
        with self._lock:
            self.change(replace(self.opening, job=job))

    def finish(self) -> None:
        """No session counts from here on."""
        with self._lock:
            self.finished = True
            self.change(replace(self.opening, sessions=(), codes=(), until_s=self._now_s()))
