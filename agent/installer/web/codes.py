"""The one-time code: how it is made, written, kept and compared; and the lock after wrong ones.

Kept is only the salted SHA-256. That is no defence against who can read the agent's own files, and needs to be none:
they hold the footage. It keeps a code out of copies of a card that was taken while the page was open.
"""

import hashlib
import hmac
import re
import secrets
from collections import deque
from dataclasses import dataclass

from agent.i18n import Text
from agent.installer.web.refusal import Refusal

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base32: nothing that looks like something else
LENGTH = 8  # 40 bits
SHORTEST, LONGEST = 8, 64  # characters of a code on a label
BAD_CODES, WITHIN_S, LOCKED_S = 5, 30.0, 300.0  # 724/QĐ-BTTTT: five failures in 30 s lock it for five minutes
WRONG = Text(en="This code does not fit", vi="Mã này không đúng")
_SPACES = re.compile(r"[\s\-–.]+")
_ALIKE = str.maketrans("OIL", "011")


@dataclass(frozen=True, slots=True)
class Code:
    """A code that lets in once. Hex."""

    salt: str
    hash: str

    def fits(self, told: str) -> bool:
        """Compared in constant time."""
        return hmac.compare_digest(hashed(told, self.salt), self.hash)


def plain(told: str) -> str:
    """As people may write it: spaces, dashes and small letters do not count, and O is 0, I and L are 1."""
    return _SPACES.sub("", told[: 4 * LONGEST]).upper().translate(_ALIKE)


def new_code() -> str:
    """Eight letters and digits."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def shown(code: str) -> str:
    """In groups of four."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def code_of(told: str) -> Code:
    """What to keep of a code."""
    salt = secrets.token_hex(16)
    return Code(salt, hashed(told, salt))


def hashed(told: str, salt: str) -> str:
    """Hex of SHA-256. JSON can carry half of a letter, which has no bytes: it fits nothing, and is no error."""
    return hashlib.sha256(f"{salt}\0{plain(told)}".encode(errors="backslashreplace")).hexdigest()


class Lockout:
    """Counts wrong codes of everybody together: whoever has many addresses gains nothing. Times are monotonic."""

    def __init__(self, until_s: float = 0.0) -> None:
        self.until_s = until_s
        self._bad: deque[float] = deque(maxlen=BAD_CODES)

    def left_s(self, now_s: float) -> float:
        """Seconds until somebody may try again; 0 when they may."""
        return max(0.0, self.until_s - now_s)

    def wrong(self, now_s: float) -> bool:
        """One more; True when this one locks it."""
        self._bad.append(now_s)
        if len(self._bad) < BAD_CODES or now_s - self._bad[0] > WITHIN_S:
            return False
        self.until_s = now_s + LOCKED_S
        self._bad.clear()
        return True

    def refusal(self, now_s: float) -> Refusal:
        """Of whoever tries while it is locked."""
        left_s = self.left_s(now_s) or LOCKED_S
        minutes = max(1, round(left_s / 60))
        text = Text(
            en=f"Too many wrong codes; try again in {minutes} min",
            vi=f"Sai mã quá nhiều lần; hãy thử lại sau {minutes} phút",
        )
        return Refusal(429, "locked", text, retry_s=round(left_s) + 1)
