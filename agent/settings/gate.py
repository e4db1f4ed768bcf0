"""Does a candidate work? Judged from what is seen of the node since it was loaded, against what worked before.

Comes in: every few seconds, what was captured, analysed, inferred and acknowledged. Goes out: wait, good, or what is
lacking when the time is over. Durations are monotonic.
"""

from dataclasses import dataclass
from enum import Enum

from agent.i18n import Text
from agent.settings.state import Before, Trial

STEADY_S = 8.0  # all must be well for this long: what breaks with the second picture is not good
LONGEST_S = 900.0  # a line that is down for everybody is waited for, but not for ever


@dataclass(frozen=True, slots=True)
class Seen:
    """The node since the candidate was loaded."""

    captured: frozenset[str] = frozenset()  # cameras whose pictures come
    analysed: frozenset[str] = frozenset()  # cameras whose pictures went through all rules
    broken: frozenset[str] = frozenset()  # workers that failed or hang
    inferred: bool = False  # the model ran on a picture of now
    acknowledged: bool = False  # the broker has taken a message of now
    silent: bool = False  # no connection, and nobody refuses one: the line is down, or it is not our turn yet


class Outcome(Enum):
    """What a look came to."""

    WAIT = "wait"
    GOOD = "good"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`why` is what lacks."""

    outcome: Outcome
    why: Text | None = None


class Gate:
    """One for a trial, from the start of the process at `start_s`."""

    def __init__(self, trial: Trial, start_s: float) -> None:
        self._before = trial.before
        self._until_s = start_s + trial.window_s
        self._last_s = start_s + max(trial.window_s, LONGEST_S)
        self._well_s: float | None = None

    def look(self, seen: Seen, now_s: float) -> Verdict:
        """Called all the while."""
        lacking = lacks(self._before, seen)
        if not lacking:
            self._well_s = now_s if self._well_s is None else self._well_s
            good = now_s - self._well_s >= STEADY_S
            return Verdict(Outcome.GOOD if good else Outcome.WAIT)
        self._well_s = None
        # The address of the broker is the installer's: when nothing answers there, no candidate is to blame.
        only_line = seen.silent and not lacks(self._before.model_copy(update={"broker": False}), seen)
        if now_s < (self._last_s if only_line else self._until_s):
            return Verdict(Outcome.WAIT)
        return Verdict(
            Outcome.FAILED, Text(en="; ".join(each.en for each in lacking), vi="; ".join(each.vi for each in lacking))
        )


def lacks(before: Before, seen: Seen) -> tuple[Text, ...]:
    """What worked before and does not now."""
    found: list[Text] = []
    cams = frozenset(before.cams)
    for silent in sorted(cams - seen.captured):
        found.append(Text(en=f"camera {silent} gives no picture", vi=f"camera {silent} không cho hình"))
    for blind in sorted(cams & seen.captured - seen.analysed):
        found.append(
            Text(en=f"no picture of camera {blind} is analysed", vi=f"hình của camera {blind} không được phân tích")
        )
    if before.model and not seen.inferred:
        found.append(Text(en="the model does not run", vi="mô hình nhận dạng không chạy"))
    if before.broker and not seen.acknowledged:
        found.append(Text(en="the broker has acknowledged nothing", vi="máy chủ MQTT của phường chưa xác nhận tin nào"))
    for worker in sorted(seen.broken - frozenset(before.broken)):
        found.append(Text(en=f"{worker} fails", vi=f"{worker} bị lỗi"))
    return tuple(found)
