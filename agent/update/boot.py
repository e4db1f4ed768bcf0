"""The first step of a start of the device while a version is on trial, before the agent starts.

Counts the start; at the third without a proof the version before comes back. The judge, started afterwards, does the
rest (course.py). Run by camera-agent-update-boot.service with the program of the version that proved itself last. Only
the standard library, and nothing imported late: `python -I -m agent.update.boot [ROOT]`.
"""

import sys
from dataclasses import replace
from pathlib import Path

from agent.clock import Clock
from agent.durable import remove_durably
from agent.i18n import Text
from agent.update.place import FOLDER, INSTALLING, Place, drop, only_one, point, target
from agent.update.state import MOST_BOOTS, Trial, read_trial, set_aside, write_trial
from agent.update.units import reconcile

BOOTS = Text(
    en=f"the device was started {MOST_BOOTS} times before the new version had proved itself",
    vi=f"thiết bị đã khởi động {MOST_BOOTS} lần mà phiên bản mới chưa chứng tỏ là chạy tốt",
)
UNREADABLE = Text(
    en="what was noted about the trial cannot be read any more", vi="không còn đọc được ghi chép về lần chạy thử"
)


def at_boot(place: Place, clock: Clock) -> bool:
    """Decide which version this start of the device runs. Did units change? Raises OSError and AgentError."""
    with only_one(place, patient=False):
        trial = known_trial(place, clock)
        _clean(place)
        if trial is None or target(place.judge) == trial.new:
            return reconcile(place, own=False)
        if trial.step == "trying" and target(place.current) == trial.new:
            trial = replace(trial, boots=trial.boots + 1, boot_id=clock.boot_id, since_s=clock.mono_s())
            if trial.boots >= MOST_BOOTS:
                trial = replace(trial, step="returning", why=BOOTS)
            write_trial(place, trial)
        if trial.step == "returning":
            point(place.current, trial.previous)
        return reconcile(place, own=False)


def known_trial(place: Place, clock: Clock) -> Trial | None:
    """The trial that goes on. Of one that cannot be read, what proved itself last comes back. Raises OSError."""
    try:
        return read_trial(place)
    except ValueError:
        set_aside(place)
        current, judge = target(place.current), target(place.judge)
        if judge is None or current is None or current == judge or not place.is_complete(judge):
            return None
        window_s = settle_s = 0.0
        trial = Trial(
            "", current, judge, "returning", clock.boot_id, clock.mono_s(), window_s, settle_s, why=UNREADABLE
        )
        write_trial(place, trial)
        return trial


def _clean(place: Place) -> None:
    """What an installation that was broken off has left."""
    mark = place.state / INSTALLING
    if not mark.exists():
        return
    name = mark.read_text(encoding="utf-8", errors="replace")
    if FOLDER.fullmatch(name) and name not in (target(place.current), target(place.judge)):
        drop(place, name)
    remove_durably(mark)


def main() -> int:
    """0, whatever happens: the agent starts next, and something runs."""
    place = Place(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("/"))
    changed = at_boot(place, Clock())
    if changed:
        from agent.update.services import Systemd  # noqa: PLC0415

        Systemd().reload()
    return 0


if __name__ == "__main__":
    sys.exit(main())
