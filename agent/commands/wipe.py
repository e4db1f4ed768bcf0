"""`wipe`: erase what this node keeps. Two steps, both signed: the first is answered with a token, the second has it.

The token lives in memory for five minutes, is good once, and for the scope that it was asked for.
"""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agent.clock import Clock
from agent.commands.inbox import Reply
from agent.commands.refused import Refused
from agent.commands.spans import Span, access_of, need_clock
from agent.contract.answers import Answer, WipeAnswer
from agent.contract.commands import Refusal
from agent.contract.requests import Wipe
from agent.i18n import Text
from agent.values import Access

LASTS_S = 300.0
ASKED = "asked"  # in the access log: the first step


@dataclass(frozen=True, slots=True)
class WipeDoors:
    """Towards the node."""

    footage_bytes: Callable[[], int]
    begin: Callable[[Wipe], None]  # the marker is durable on return; the node begins again soon
    why_not: Callable[[Wipe], Text | None]  # why it cannot erase
    note: Callable[[Access], object]  # the access log, durable on return


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    scope: str
    until_s: float


class WipeCommand:
    """Refuses with unauthorised (token), not_capable and busy (clock)."""

    name = "wipe"
    signed = True

    def __init__(self, doors: WipeDoors, clock: Clock) -> None:
        self._doors = doors
        self._clock = clock
        self._token: _Token | None = None

    def run(self, fields: dict[str, Any]) -> Reply:
        """Raises Refused, ValidationError, StorageError."""
        request = Wipe.model_validate(fields)
        now = self._clock.now()
        span = Span(now, now)
        try:
            need_clock(now)
            why_not = self._doors.why_not(request)
            if why_not is not None:
                raise Refused(Refusal.NOT_CAPABLE, why_not)
            if request.token is not None:
                self._check(request, request.token)
        except Refused as refused:
            self._doors.note(access_of(self.name, request, "", span, refused.code.value))
            raise
        if request.token is None:
            self._doors.note(access_of(self.name, request, "", span, ASKED))
            return Reply("done", answer=Answer(wipe=self._made(request)))
        self._doors.note(access_of(self.name, request, "", span))
        self._doors.begin(request)
        return Reply("accepted")

    def _made(self, request: Wipe) -> WipeAnswer:
        self._token = _Token(secrets.token_urlsafe(24), request.scope, self._clock.mono_s() + LASTS_S)
        size = self._doors.footage_bytes()
        return WipeAnswer(token=self._token.text, expires_in_s=LASTS_S, footage_bytes=size)

    def _check(self, request: Wipe, told: str) -> None:
        token, self._token = self._token, None  # good once, and gone when somebody guesses
        good = token is not None and hmac.compare_digest(token.text.encode(), told.encode())
        if token is None or not good or token.scope != request.scope or self._clock.mono_s() > token.until_s:
            raise Refused(
                Refusal.UNAUTHORISED,
                Text(
                    en="this token is not (or no longer) the one for it; ask once more without a token",
                    vi="mã xác nhận không đúng hoặc đã hết hạn; hãy gửi lại lệnh không kèm mã",
                ),
            )
