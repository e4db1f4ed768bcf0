"""The token that a ward gives for one node: SECRET.FINGERPRINT, the second part of the ward's authority."""

import re
from dataclasses import dataclass, field

from agent.errors import AgentError
from agent.i18n import Text

FINGERPRINT = re.compile(r"[0-9a-f]{64}")
SECRET = re.compile(r"[\x21-\x7e]{1,200}")


@dataclass(frozen=True, slots=True)
class Token:
    """`fingerprint`: SHA-256 of the authority's certificate (DER), lower-case hexadecimal; None: not told."""

    secret: str = field(repr=False)
    fingerprint: str | None = None


def parse_token(told: str) -> Token:
    """The token in `told`. Raises AgentError, which does not repeat it."""
    secret, dot, fingerprint = told.strip().rpartition(".")
    if not dot:
        secret, fingerprint = told.strip(), ""
    known = fingerprint.replace(":", "").lower()
    if not SECRET.fullmatch(secret) or (fingerprint and not FINGERPRINT.fullmatch(known)):
        raise AgentError(
            Text(en="this is no token", vi="đây không phải mã đăng ký"),
            Text(
                en="a token is two parts with a dot between them; copy all of it",
                vi="mã gồm hai phần cách nhau bằng dấu chấm; hãy chép đủ cả mã",
            ),
        )
    return Token(secret, known or None)
