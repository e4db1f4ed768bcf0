"""Times as people write them at a node: a day and an hour, or an hour of today, in the node's time zone."""

import re
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from agent.clock import NS, Moment
from agent.config.units import Bilingual, duration_s
from agent.errors import AgentError
from agent.i18n import Text

EARLIEST, LATEST = 1971, 2199  # years; with all that is added, what every part of the agent can write
LATEST_NS = round(datetime(LATEST + 1, 1, 1, tzinfo=timezone.utc).timestamp()) * NS
_HOUR = re.compile(r"\d{1,2}:\d{2}(:\d{2})?")


def moment_of(text: str, now: Moment, zone: ZoneInfo) -> Moment:
    """`02:10`, `2026-11-22 02:10` or ISO 8601 with an offset. Raises AgentError."""
    today = datetime.fromtimestamp(now.wall_ns / NS, zone)
    try:
        if _HOUR.fullmatch(text):
            hour = datetime.strptime(text, "%H:%M:%S" if text.count(":") == 2 else "%H:%M").time()  # noqa: DTZ007
            at = datetime.combine(today.date(), hour, zone)
            at = at - timedelta(days=1) if at > today + timedelta(hours=1) else at
        else:
            at = datetime.fromisoformat(text.replace("Z", "+00:00"))
            at = at if at.tzinfo else at.replace(tzinfo=zone)
        if not EARLIEST <= at.year <= LATEST:
            raise ValueError(at)
    except ValueError as error:
        raise AgentError(
            Text(en=f"{text!r} is not a time", vi=f"{text!r} không phải là thời điểm"),
            Text(en='Write it like "2026-11-22 02:10", or 02:10', vi='Hãy ghi như "2026-11-22 02:10", hoặc 02:10'),
        ) from error
    # Whole nanoseconds: as seconds since 1970 a float would make 02:10:00 of 02:09:59.9999998.
    return now.shifted((round(at.timestamp() * 1000) * (NS // 1000) - now.wall_ns) / NS)


def end_of(start: Moment, until: str | None, lasting: str | None, now: Moment, zone: ZoneInfo) -> Moment:
    """The end of a stretch that is told as a time or as a length. Raises AgentError."""
    try:
        end = start.shifted(duration_s(lasting)) if lasting else moment_of(until or "", now, zone)
    except Bilingual as error:
        raise AgentError(error.text, error.hint) from error
    if end.wall_ns > LATEST_NS:
        raise AgentError(Text(en="that is too long", vi="khoảng thời gian đó quá dài"))
    if end.wall_ns <= start.wall_ns:
        raise AgentError(Text(en="the end is not after the start", vi="thời điểm cuối phải sau thời điểm đầu"))
    return end


def local(wall_ns: int, zone: ZoneInfo) -> str:
    """For people."""
    return f"{datetime.fromtimestamp(wall_ns / NS, timezone.utc).astimezone(zone):%Y-%m-%d %H:%M:%S}"
