"""What the ward's consumer says of itself on `server/state`: told in health, and never acted upon.

Its time is a sanity check of ours and never a clock: whoever may publish there could set it.
"""

from pydantic import ValidationError

from agent.clock import NS, Clock
from agent.contract.base import parse_utc
from agent.contract.commands import ServerState
from agent.values import ServerSeen

MAX_BYTES = 1000


class WardServer:
    """Heard by the mqtt thread, read by health."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heard: tuple[ServerState, float, float | None] | None = None  # (message, when, difference)

    def hear(self, payload: bytes, retained: bool) -> None:
        """One message. What the broker kept is as old as it may be, so its time says nothing."""
        if not payload:
            self._heard = None
        if not 0 < len(payload) <= MAX_BYTES:
            return
        try:
            message = ServerState.model_validate_json(payload)
            sent_ns = parse_utc(message.sent_utc) if message.sent_utc is not None and not retained else None
        except (ValidationError, ValueError, OverflowError):
            return
        now = self._clock.now()
        differs_s = (sent_ns - now.wall_ns) / NS if sent_ns is not None and now.trusted else None
        self._heard = (message, now.mono_s, differs_s)

    def state(self) -> ServerSeen | None:
        """None: it never said a word."""
        if self._heard is None:
            return None
        message, at_s, differs_s = self._heard
        return ServerSeen(message.state, self._clock.mono_s() - at_s, differs_s)
