"""The stretch of time that a command names, and the line that it leaves in the access log."""

from dataclasses import dataclass

from agent.clock import NS, Moment
from agent.commands.refused import Refused
from agent.contract.base import parse_utc
from agent.contract.commands import CommandMessage, Refusal
from agent.i18n import Text
from agent.values import GRANTED, Access

NOBODY = "ward"  # a command that needs nobody's name had none
LATEST_NS = 7_258_118_400 * NS  # the year 2200
NO_TIME_OF_OURS = Text(en="times lie between 1970 and 2199", vi="thời gian phải nằm trong khoảng năm 1970 đến 2199")
CLOCK_UNSET = Text(
    en="the node's clock is not set yet, so this cannot be done just now; "
    "let it reach a time server (NTP), see `selftest`",
    vi="đồng hồ của thiết bị chưa được chỉnh nên chưa làm được việc này; hãy cho thiết bị tới được máy chủ giờ (NTP), "
    "xem `selftest`",
)


@dataclass(frozen=True, slots=True)
class Span:
    """What is asked for, on the node's clocks."""

    start: Moment
    end: Moment


def parsed_ns(text: str) -> int:
    """Unix nanoseconds of a time that there can be footage of. Raises Refused(schema)."""
    try:
        told_ns = parse_utc(text)
    except (ValueError, OverflowError) as error:
        raise Refused(Refusal.SCHEMA) from error
    if not 0 <= told_ns < LATEST_NS:  # what databases and files of the node cannot hold breaks them
        raise Refused(Refusal.SCHEMA, NO_TIME_OF_OURS)
    return told_ns


def span_of(from_utc: str, to_utc: str, now: Moment) -> Span:
    """From before to. Raises Refused(schema)."""
    from_ns, to_ns = parsed_ns(from_utc), parsed_ns(to_utc)
    if from_ns >= to_ns:
        raise Refused(
            Refusal.SCHEMA,
            Text(en="from_utc comes before to_utc", vi="from_utc phải trước to_utc"),
        )
    return Span(moment_of(from_ns, now), moment_of(to_ns, now))


def moment_of(wall_ns: int, now: Moment) -> Moment:
    """A time of the wall clock on both clocks of `now`."""
    return now.shifted((wall_ns - now.wall_ns) / NS)


def need_clock(now: Moment) -> None:
    """Raises Refused(busy) while nobody knows what time it is."""
    if not now.trusted:
        raise Refused(Refusal.BUSY, CLOCK_UNSET)


def need_camera(cam: str, cams: frozenset[str]) -> None:
    """Raises Refused(not_found)."""
    if cam not in cams:
        raise Refused(Refusal.NOT_FOUND, Text(en=f"no camera {cam} here", vi=f"không có camera {cam} ở đây"))


def access_of(action: str, request: CommandMessage, cam: str, span: Span, result: str = GRANTED) -> Access:
    """Who asked for what, and what came of it."""
    by = request.by
    return Access(
        action=action,
        by=by.officer if by else NOBODY,
        case=by.case if by else "",
        reason=by.reason if by else "",
        cam=cam,
        from_ns=span.start.wall_ns,
        to_ns=span.end.wall_ns,
        result=result,
        request_id=request.request_id,
    )
