"""What root remembers of updates, in two small files that everybody may read, each replaced in one step.

    state/update.json    there while a version is on trial, and gone when that is decided
    state/history.json   how the last update ended, and the newest version that ever proved itself

Only the standard library: the way back must not depend on what a card may have lost.
"""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from agent.durable import remove_durably, write_durably
from agent.i18n import Text
from agent.update.place import Place, release_of
from agent.update.sight import Worked

TRIAL, HISTORY = "update.json", "history.json"
MOST_BOOTS = 3  # the third start of the device without a proof goes back
MOST_FAILED = 8  # builds that are not tried again by themselves
MOST_BYTES = 1 << 16
Result = Literal["updated", "returned", "failed", "refused"]


@dataclass(frozen=True, slots=True)
class Trial:
    """A version that has not proved itself. Times are monotonic seconds of the boot `boot_id`."""

    id: str  # told to the node, so that it proves this trial and no other
    new: str
    previous: str
    step: Literal["trying", "returning"]
    boot_id: str
    since_s: float
    window_s: float
    settle_s: float
    before: Worked | None = None  # None: nobody knows
    boots: int = 0  # starts of the device since
    undo: bool = False  # a person wants the version before
    why: Text | None = None  # it goes back


@dataclass(frozen=True, slots=True)
class Ended:
    """How an update ended. `to` is the version that was wanted, `frm` the one that ran."""

    result: Result
    frm: str
    to: str
    at_ns: int  # wall clock, for people
    why: Text | None = None


@dataclass(frozen=True, slots=True)
class History:
    """`highest`: no bundle below it is taken. `previous`: the folder of the version before, for `--rollback`."""

    highest: str | None = None
    previous: str | None = None
    last: Ended | None = None
    failed: tuple[str, ...] = ()  # folders' names

    def after(self, ended: Ended, build: str | None = None) -> "History":
        """With this end; `build` is not tried again unasked."""
        failed = self.failed if build is None else (*(each for each in self.failed if each != build), build)
        return replace(self, last=ended, failed=failed[-MOST_FAILED:])


def read_trial(place: Place) -> Trial | None:
    """None when there is none. Raises ValueError when it cannot be understood, OSError when it cannot be read."""
    data = _read(place.state / TRIAL)
    if data is None:
        return None
    try:
        step = data["step"]
        if step not in ("trying", "returning"):
            raise ValueError("step")
        return Trial(
            id=str(data["id"]),
            new=str(data["new"]),
            previous=str(data["previous"]),
            step=step,
            boot_id=str(data["boot_id"]),
            since_s=float(data["since_s"]),
            window_s=float(data["window_s"]),
            settle_s=float(data["settle_s"]),
            before=Worked.of(data["before"]),
            boots=int(data["boots"]),
            undo=bool(data["undo"]),
            why=_text(data["why"]),
        )
    except (KeyError, TypeError) as error:
        raise ValueError("not a trial") from error


def write_trial(place: Place, trial: Trial) -> None:
    """Durable on return. Raises OSError."""
    _write(place.state / TRIAL, trial)


def end_trial(place: Place) -> None:
    """There is none any more; durable on return. Raises OSError."""
    remove_durably(place.state / TRIAL)


def set_aside(place: Place) -> None:
    """A trial that cannot be understood is kept for whoever looks into it. Raises OSError."""
    (place.state / TRIAL).replace(place.state / f"{TRIAL}.bad")


def read_history(place: Place) -> History:
    """An empty one when there is none or it cannot be understood. Raises OSError when it cannot be read."""
    try:
        data = _read(place.state / HISTORY) or {}
        last = data.get("last")
        ended = None
        if last is not None:
            result, why = last["result"], _text(last["why"])
            ended = Ended(result, str(last["frm"]), str(last["to"]), int(last["at_ns"]), why)
        highest, previous = (None if data.get(name) is None else str(data[name]) for name in ("highest", "previous"))
        return History(highest, previous, ended, tuple(str(each) for each in data.get("failed", ())))
    except (ValueError, KeyError, TypeError):
        return History()


def write_history(place: Place, history: History) -> None:
    """Durable on return. Raises OSError."""
    _write(place.state / HISTORY, history)


def ended_text(ended: Ended) -> Text:
    """One line for people."""
    to, frm = (release_of(name) or name for name in (ended.to, ended.frm))
    why = ended.why or Text(en="", vi="")
    if ended.result == "updated":
        return Text(en=f"Version {to} has proved itself and stays", vi=f"Phiên bản {to} chạy tốt và được giữ lại")
    if ended.result == "returned":
        return Text(
            en=f"Version {to} did not work, {frm} runs again: {why.en}",
            vi=f"Phiên bản {to} không chạy được, đã trở lại {frm}: {why.vi}",
        )
    if ended.result == "refused":
        return Text(en=f"The update was not taken: {why.en}", vi=f"Không nhận bản cập nhật: {why.vi}")
    return Text(
        en=f"The update to {to} did not take place, {frm} runs on: {why.en}",
        vi=f"Chưa cập nhật lên {to}, vẫn chạy {frm}: {why.vi}",
    )


def _read(path: Path) -> dict[str, Any] | None:
    try:
        with path.open("rb") as file:
            data = json.loads(file.read(MOST_BYTES))
    except FileNotFoundError:
        return None
    if not isinstance(data, dict):
        raise ValueError("not an object")
    return data


def _write(path: Path, value: "Trial | History") -> None:
    path.parent.mkdir(mode=0o755, exist_ok=True)
    write_durably(path, json.dumps(asdict(value), ensure_ascii=False, indent=1).encode() + b"\n", 0o644)


def _text(data: Any) -> Text | None:
    return None if data is None else Text(en=str(data["en"]), vi=str(data["vi"]))
