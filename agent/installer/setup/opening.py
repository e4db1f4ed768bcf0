"""What of an open page outlives the node's beginning again, as each save makes it do: until when, whose codes, whose
sessions. One small file, written in one step, good for this boot only.

In: `data_dir/setup/`, 0700. `open.json` is the page's own, `request.json` what `camera-agent setup` asks for, and
`first.json` counts the boots that opened it by themselves. Raises StorageError.
"""

import json
import secrets
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from agent.durable import disk_error, write_durably
from agent.installer.web.codes import Code
from agent.installer.web.session import session_hash

FOLDER = "setup"
STATE, REQUEST, FIRST = "open.json", "request.json", "first.json"
MOST_SESSIONS = 4
MOST_CODES = 2  # the label's, and the newest that was printed
MOST_BYTES = 20_000
FIRST_BOOTS = 3  # power cuts while it is hung up must not lock the installer out; nor may it open for ever
LONGEST_S = 4 * 3600.0  # from the opening, however often it is prolonged


@dataclass(frozen=True, slots=True)
class Opening:
    """An open page. Times are monotonic, of the boot `boot_id`. `why`: command, first_boot or identify."""

    boot_id: str
    opened_s: float
    until_s: float
    why: str
    request: str = ""  # the newest that was answered
    fingerprint: str = ""  # sha256 of the certificate, hex
    port: int = 0
    locked_until_s: float = 0.0
    codes: tuple[Code, ...] = ()
    used: tuple[Code, ...] = ()
    sessions: tuple[str, ...] = ()  # sha256 of the cookie, hex; the newest last
    job: str = ""  # of the last save

    def left_s(self, now_s: float) -> float:
        """Seconds until it closes."""
        return max(0.0, self.until_s - now_s)

    def with_code(self, code: Code) -> "Opening":
        """One more may let in; the oldest gives way."""
        return replace(self, codes=(*self.codes, code)[-MOST_CODES:])

    def prolonged(self, now_s: float, seconds: float) -> "Opening":
        """From now on for so long, as far as it may."""
        return replace(self, until_s=max(self.until_s, min(now_s + seconds, self.opened_s + LONGEST_S)))

    def let_in(self, code: Code) -> tuple["Opening", str]:
        """Its code is used up; the cookie of the new session."""
        cookie = secrets.token_urlsafe(32)
        codes = tuple(each for each in self.codes if each != code)
        sessions = (*self.sessions, session_hash(cookie))[-MOST_SESSIONS:]
        return replace(self, codes=codes, used=(*self.used, code)[-2 * MOST_CODES :], sessions=sessions), cookie


@dataclass(frozen=True, slots=True)
class Request:
    """What `camera-agent setup` asks for: open, and let in whoever knows the code; or close."""

    id: str
    code: Code | None = None
    close: bool = False


class OpeningFile:
    """Of one node. Only the page's worker writes the state."""

    def __init__(self, data_dir: Path) -> None:
        self.folder = data_dir / FOLDER

    def read(self, boot_id: str, now_s: float) -> Opening | None:
        """What is still open; None, and nothing left behind, when it is over."""
        told = _object(self.folder / STATE)
        try:
            codes, used = (tuple(Code(**each) for each in told.pop(name)) for name in ("codes", "used"))
            sessions = tuple(str(each) for each in told.pop("sessions"))
            opening = Opening(**told, codes=codes, used=used, sessions=sessions)
            good = opening.boot_id == boot_id and opening.opened_s <= now_s < opening.until_s
        except (TypeError, KeyError, ValueError):
            return None
        return opening if good else None

    def write(self, opening: Opening) -> None:
        """Durable on return. Raises StorageError."""
        self._put(STATE, asdict(opening))

    def forget(self) -> None:
        """It is closed: no session and no code of it stays. Raises StorageError."""
        try:
            (self.folder / STATE).unlink(missing_ok=True)
        except OSError as error:
            raise disk_error(error, self.folder) from error

    def keep_papers(self, cert_pem: bytes, key_pem: bytes, names: bytes) -> None:
        """The page's own certificate, kept so that a phone meets the same one again. Raises StorageError."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_durably(self.folder / "key.pem", key_pem, 0o600)
            write_durably(self.folder / "cert.pem", cert_pem, 0o600)
            write_durably(self.folder / "names.json", names, 0o600)
        except OSError as error:
            raise disk_error(error, self.folder) from error

    def papers(self) -> tuple[Path, Path] | None:
        """Certificate and key, if both are there."""
        found = (self.folder / "cert.pem", self.folder / "key.pem")
        return found if all(path.exists() for path in found) else None

    def request(self) -> Request | None:
        """What is asked for; it is asked once. Raises StorageError."""
        path = self.folder / REQUEST
        if not path.exists():
            return None
        told = _object(path)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise disk_error(error, path) from error
        try:
            code = told.get("code")
            return Request(str(told["id"]), Code(**code) if code else None, bool(told.get("close")))
        except (TypeError, KeyError):
            return None

    def first_boots(self, boot_id: str) -> int:
        """So many boots have opened it by themselves; at least FIRST_BOOTS when it is done, or was in this boot."""
        told = _object(self.folder / FIRST)
        boots = told.get("boots", 0)
        return boots if isinstance(boots, int) and told.get("boot") != boot_id else FIRST_BOOTS

    def count_first_boot(self, boots: int, boot_id: str) -> None:
        """Raises StorageError."""
        self._put(FIRST, {"boots": boots, "boot": boot_id})

    def _put(self, name: str, told: dict[str, Any]) -> None:
        path = self.folder / name
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_durably(path, json.dumps(told).encode(), 0o600)
        except OSError as error:
            raise disk_error(error, path) from error


def _object(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            told = json.loads(file.read(MOST_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
