"""Is a rule on now? Weekdays and hours are read from the wall clock in the node's time zone.

The local clock counts: a span over the hour that a change of summer time repeats is on twice, over the one it skips
not at all. While the clock is not trusted the rule is on: a missed intruder is worse than one too many at noon.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from agent.clock import NS, Moment
from agent.config.schedule import WEEKDAYS, Schedule


class LocalSchedule:
    """A schedule of the configuration in one time zone."""

    def __init__(self, schedule: Schedule, timezone: str) -> None:
        self._zone = ZoneInfo(timezone)
        self._days = frozenset(WEEKDAYS.index(day) for day in schedule.days)
        self._span = schedule.span()

    def on(self, at: Moment) -> bool:
        """Is the rule on at `at`?"""
        if not at.trusted:
            return True
        local = datetime.fromtimestamp(at.wall_ns // NS, self._zone)
        now, start, end = local.time(), self._span.start, self._span.end
        if start < end:
            return start <= now < end and local.weekday() in self._days
        # Over midnight: the early hours belong to the day before.
        if now >= start:
            return local.weekday() in self._days
        return now < end and (local - timedelta(days=1)).weekday() in self._days
