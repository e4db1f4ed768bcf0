"""The guards of the door, in a fixed order; the first that objects names the reason.

`read`: retained, too_large, rate_limited (more bytes than are worth reading), bad_json, schema, unauthorised.
`admit`: expired or busy (no right clock), replayed, rate_limited, not_capable or unknown_command.
What fails in `read` may be anybody's; it costs nothing that a good command needs. Used by one thread.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from agent.clock import FLOOR_WALL_NS, NS, Clock, Moment
from agent.commands.pace import Allowance, Pace
from agent.commands.refused import Refused
from agent.commands.seen import SeenRequests
from agent.commands.strict import parse_object
from agent.contract.base import parse_utc
from agent.contract.commands import CommandMessage, Refusal, most_bytes
from agent.contract.topics import COMMANDS, Topics
from agent.errors import StorageError
from agent.i18n import Text
from agent.values import Access

AHEAD_NS = 600 * NS  # how far the ward's clock may be ahead of ours
ACCEPTED_A_MINUTE = 60  # of all commands
OF_ONE_A_MINUTE = 20
KEEPALIVE = "live.keepalive"  # the only one that is said all the time
SMALL_BYTES = 1_500  # reading this much costs less than fetching it from the broker
SMALL_A_SECOND, SMALL_AT_ONCE = 2_000, 4_000
LARGE_A_SECOND, LARGE_AT_ONCE = 64_000, 128_000  # bytes, per command name
NOTED_AN_HOUR = 6  # attempts in the access log: whoever is refused must not fill it
ACTIONS = {"hold.release": "release"}  # as the access log calls them; else the word before the dot
NO_KEY = Text(
    en="this command must be signed, and this node knows no command key of the ward (`commands.key`)",
    vi="lệnh này phải được ký, nhưng thiết bị chưa có khóa lệnh của phường (`commands.key`)",
)
AGE_UNKNOWN = Text(
    en="the node's clock is not set yet, so it cannot tell how old this command is; name the `session` of its birth",
    vi="đồng hồ của thiết bị chưa được chỉnh nên không biết lệnh ra từ khi nào; hãy ghi `session` trong tin birth",
)
FORGOTTEN = Text(
    en="the node's memory of commands was damaged since; say it anew",
    vi="bộ nhớ lệnh của thiết bị đã hỏng sau lúc đó; hãy ra lệnh lại",
)
FUTURE = Text(en="issued_utc is in the future", vi="thời điểm ra lệnh (issued_utc) nằm trong tương lai")


class Obeyed(Protocol):
    """What the door wants to know of a command. `signed = True`: never without the ward's signature."""

    @property
    def name(self) -> str:
        """As in the topic."""


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom and what the door believes."""

    seen: SeenRequests
    verifies: Callable[[bytes, str], bool] | None = None  # (what was signed, signature); None: no key is pinned
    floor_ns: Callable[[], int] = lambda: FLOOR_WALL_NS  # it is surely later than this
    note: Callable[[Access], object] = lambda _access: None  # the access log


@dataclass(frozen=True, slots=True)
class Request:
    """A command that is in order by itself. `command` is None when this node has none of that `name`."""

    name: str
    command: Obeyed | None
    model: type[CommandMessage]
    message: CommandMessage
    fields: dict[str, Any]


class Door:
    """`session` is the node's name for its present connection: what bears it was said since."""

    def __init__(self, topics: Topics, names: frozenset[str], trust: Trust, clock: Clock) -> None:
        self.session = ""
        self._topics = topics
        self._trust = trust
        self._clock = clock
        self._small = Allowance(SMALL_A_SECOND, SMALL_AT_ONCE, clock)
        self._large: dict[str, Allowance] = {}
        self._all = Pace(ACCEPTED_A_MINUTE, 60.0, clock)
        self._paces = {
            name: Pace(ACCEPTED_A_MINUTE if name == KEEPALIVE else OF_ONE_A_MINUTE, 60.0, clock) for name in names
        }
        self._noted = Pace(NOTED_AN_HOUR, 3600.0, clock)

    @property
    def pinned(self) -> bool:
        """Is the ward's key known, so that what comes through `read` is surely the ward's?"""
        return self._trust.verifies is not None

    def read(self, name: str, command: Obeyed | None, payload: bytes, retained: bool) -> Request:
        """Raises Refused, ValidationError."""
        if retained:
            raise Refused(Refusal.RETAINED)
        if len(payload) > most_bytes(name):
            raise Refused(Refusal.TOO_LARGE)
        if not self._worth_reading(name, len(payload)):
            raise Refused(Refusal.RATE_LIMITED)
        fields = parse_object(payload)
        from agent.contract.requests import REQUESTS  # noqa: PLC0415  # loaded with the first command

        model = REQUESTS.get(name, CommandMessage)
        request = Request(name, command, model, model.model_validate(fields), fields)
        self._check_signature(request)
        return request

    def admit(self, request: Request) -> None:
        """On return the request is remembered as taken. Raises Refused, StorageError."""
        self._check_time(request)
        if self._trust.seen.knows(request.message.request_id):
            raise Refused(Refusal.REPLAYED)
        if self._before_memory(request.message):
            raise Refused(Refusal.REPLAYED, FORGOTTEN)
        pace = self._paces.get(request.name)
        if not self._all.free() or (pace and not pace.free()):
            raise Refused(Refusal.RATE_LIMITED)
        if request.command is None or pace is None:
            raise Refused(Refusal.NOT_CAPABLE if request.name in COMMANDS else Refusal.UNKNOWN_COMMAND)
        # Remembered before it runs: after a crash in between it is refused, and the ward asks anew.
        self._trust.seen.remember(request.message.request_id)
        self._all.allow()
        pace.allow()

    def _worth_reading(self, name: str, length: int) -> bool:
        if length <= SMALL_BYTES:
            return self._small.take(1)
        allowance = self._large.get(name)
        if allowance is None:  # names are those of our topics: few
            allowance = self._large[name] = Allowance(LARGE_A_SECOND, LARGE_AT_ONCE, self._clock)
        return allowance.take(length)

    def _check_signature(self, request: Request) -> None:
        if self._trust.verifies is None:
            if getattr(request.command, "signed", False):
                raise self._unauthorised(request, NO_KEY)
            return
        from agent.commands.signature import signed_bytes  # noqa: PLC0415  # only where a key is pinned

        signature = request.message.signature
        try:
            said = signed_bytes(self._topics, request.name, request.fields)
        except ValueError as error:
            raise Refused(Refusal.BAD_JSON) from error
        if signature is None or not self._trust.verifies(said, signature):
            raise self._unauthorised(request)

    def _unauthorised(self, request: Request, text: Text | None = None) -> Refused:
        by = request.message.by
        if by is not None and _needs_by(request.model) and self._noted.allow():
            now = self._clock.now()
            span = (_footage_ns(request.message, "from_utc", now), _footage_ns(request.message, "to_utc", now))
            attempt = Access(
                action=ACTIONS.get(request.name, request.name.partition(".")[0]),
                by=by.officer,
                case=by.case,
                reason=by.reason,
                cam=getattr(request.message, "cam", ""),
                from_ns=span[0],
                to_ns=span[1],
                result=Refusal.UNAUTHORISED.value,
                request_id=request.message.request_id,
            )
            with contextlib.suppress(StorageError):  # nothing moves; a full disk is told elsewhere
                self._trust.note(attempt)
        return Refused(Refusal.UNAUTHORISED, text)

    def _before_memory(self, message: CommandMessage) -> bool:
        """Was it said before the memory of what was taken was lost?"""
        lost_ns, now = self._trust.seen.lost_ns, self._clock.now()
        return lost_ns is not None and now.trusted and parse_utc(message.issued_utc) < lost_ns <= now.wall_ns

    def _check_time(self, request: Request) -> None:
        message = request.message
        try:
            issued_ns = parse_utc(message.issued_utc)
        except (ValueError, OverflowError) as error:
            raise Refused(Refusal.SCHEMA) from error
        ends_ns = issued_ns + round(message.expires_in_s * NS)
        now = self._clock.now()
        if not now.trusted:
            # Then its time counts from receipt, as far as nothing tells that it is older.
            if ends_ns < self._trust.floor_ns():
                raise Refused(Refusal.EXPIRED)
            if _needs_by(request.model) and (not self.session or message.session != self.session):
                raise Refused(Refusal.BUSY, AGE_UNKNOWN)
            return
        if now.wall_ns > ends_ns:
            raise Refused(Refusal.EXPIRED)
        if issued_ns > now.wall_ns + AHEAD_NS:
            raise Refused(Refusal.SCHEMA, FUTURE)


def _needs_by(model: type[CommandMessage]) -> bool:
    """Does it move or keep footage, or change the node? The contract asks for a name exactly then."""
    return model.model_fields["by"].is_required()


def _footage_ns(message: CommandMessage, field: str, now: Moment) -> int:
    told = getattr(message, field, None)
    try:
        return parse_utc(told) if told else now.wall_ns
    except (ValueError, OverflowError):
        return now.wall_ns
