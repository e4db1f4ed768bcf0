"""Who of the family is let in: one code that lasts, sessions of 30 days, the lock after wrong codes.

In: `data_dir/household/state.json` (0600, the folder 0700). Kept of the code is a salted hash, to see that it was
changed; of a session the hash of its cookie. A session is good for 30 days from its login on, by the wall clock; where
that stands before the login, nobody knows how old it is, and the code is asked for until the clock is set.
"""

import hmac
import json
import secrets
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from agent.clock import NS, Clock
from agent.durable import disk_error, write_durably
from agent.installer.web.codes import LOCKED_S, WRONG, Code, Lockout, code_of
from agent.installer.web.noted import Noted
from agent.installer.web.refusal import Refusal
from agent.installer.web.session import session_hash, token_of

FILE = "state.json"
MOST_SESSIONS = 8
SESSION_S = 30 * 86_400.0
SLACK_S = 600.0  # a clock that is set back by so little is the same clock
MOST_BYTES = 20_000
NOTED_AN_HOUR = 6  # wrong codes in the access log: whoever has none must not fill it


@dataclass(frozen=True, slots=True)
class Session:
    """`hash`: of the cookie, hex. `made_ns`: Unix nanoseconds."""

    hash: str
    made_ns: int


@dataclass(frozen=True, slots=True)
class State:
    """What outlives the process. The lock is of the boot `boot_id`, monotonic seconds."""

    code: Code
    sessions: tuple[Session, ...] = ()
    boot_id: str = ""
    locked_until_s: float = 0.0


class HouseholdEntry:
    """For one code; another one ends all sessions. Thread-safe. Raises StorageError where the file does."""

    def __init__(self, folder: Path, code: str, clock: Clock, note: Callable[[Noted], None]) -> None:
        self.failed = 0
        self._path = folder / FILE
        self._clock = clock
        self._note = note
        self._lock = threading.Lock()
        self._noted: deque[float] = deque(maxlen=NOTED_AN_HOUR)
        kept = _read(self._path)
        if kept is None or not kept.code.fits(code):
            kept = State(code_of(code))
            self._write(kept)
        self._state = kept
        same_boot = kept.boot_id == clock.boot_id
        self._lockout = Lockout(min(kept.locked_until_s, clock.mono_s() + LOCKED_S) if same_boot else 0.0)

    @property
    def locked_s(self) -> float:
        """Seconds until somebody may try a code again."""
        return self._lockout.left_s(self._clock.mono_s())

    @property
    def sessions(self) -> int:
        """That are good now."""
        return sum(map(self._good, self._state.sessions))

    def login(self, told: str, address: str) -> str:
        """The cookie of a new session. Raises Refusal."""
        with self._lock:
            if self.locked_s > 0:
                raise self._lockout.refusal(self._clock.mono_s())
            if self._state.code.fits(told):
                return self._let_in(address)
            self.failed += 1
            locks = self._lockout.wrong(self._clock.mono_s())
            self._tell("locked" if locks else "wrong_code", address)
            if not locks:
                raise Refusal(401, "wrong_code", WRONG)
            locked = replace(self._state, boot_id=self._clock.boot_id, locked_until_s=self._lockout.until_s)
            self._write(locked)
            raise self._lockout.refusal(self._clock.mono_s())

    def knows(self, cookie: str) -> bool:
        """Is it the cookie of a session? In constant time for each."""
        told = session_hash(cookie)
        found = [hmac.compare_digest(told, one.hash) for one in self._state.sessions if self._good(one)]
        return any(found)

    def may_write(self, cookie: str, token: str) -> bool:
        """Does the token belong to the cookie?"""
        return hmac.compare_digest(token_of(cookie).encode(), token.encode("utf-8", "replace"))

    def logout(self, cookie: str) -> None:
        """This session is over."""
        told = session_hash(cookie)
        with self._lock:
            left = tuple(one for one in self._state.sessions if one.hash != told)
            self._write(replace(self._state, sessions=left))

    def _let_in(self, address: str) -> str:
        cookie = secrets.token_urlsafe(32)
        made = Session(session_hash(cookie), self._clock.now().wall_ns)
        good = tuple(one for one in self._state.sessions if self._good(one) or made.made_ns < one.made_ns)
        self._write(replace(self._state, sessions=(*good, made)[-MOST_SESSIONS:]))
        self._note(Noted("login", "granted", address))
        return cookie

    def _good(self, session: Session) -> bool:
        age_s = (self._clock.now().wall_ns - session.made_ns) / NS
        return -SLACK_S <= age_s < SESSION_S

    def _tell(self, result: str, address: str) -> None:
        now_s = self._clock.mono_s()
        if result == "locked" or len(self._noted) < NOTED_AN_HOUR or now_s - self._noted[0] > 3600:
            self._noted.append(now_s)
            self._note(Noted("login", result, address))

    def _write(self, state: State) -> None:
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_durably(self._path, json.dumps(asdict(state)).encode(), 0o600)
        except OSError as error:
            raise disk_error(error, self._path) from error
        self._state = state


def _read(path: Path) -> State | None:
    try:
        with path.open("rb") as file:
            told: Any = json.loads(file.read(MOST_BYTES))
        sessions = tuple(Session(str(one["hash"]), int(one["made_ns"])) for one in told["sessions"])
        code = Code(str(told["code"]["salt"]), str(told["code"]["hash"]))
        return State(code, sessions, str(told["boot_id"]), float(told["locked_until_s"]))
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
