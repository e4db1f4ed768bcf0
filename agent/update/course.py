"""The course of an update, step by step; killed after any of them, `resume` finds the way from what is on the disk.

    take       checks all of a bundle, makes the version, notes the trial, exchanges `current`
    resume     of the judge: sees to it that the right version runs, waits for its proof, and keeps it or goes back
    undo       a person wants the version before: the same trial, the other way

What decides: `judge` names the new version as soon as it has proved itself; `update.json` says `returning` as soon as
it is given up. Before the first exchange nothing of the running version was touched.
"""

import os
import secrets
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from agent.clock import Clock
from agent.durable import disk_error, remove_durably, write_durably
from agent.errors import AgentError
from agent.i18n import Text
from agent.update.boot import at_boot, known_trial
from agent.update.judge import Eyes, Gate, judged
from agent.update.place import COMPLETE, INSTALLING, Place, drop, newer, only_one, point, release_of, seal, target, tidy
from agent.update.proof import Proof, read_proof
from agent.update.services import Services
from agent.update.sight import Worked
from agent.update.state import (
    Ended,
    History,
    Result,
    Trial,
    end_trial,
    ended_text,
    read_history,
    write_history,
    write_trial,
)
from agent.update.units import reconcile

WINDOW_S = 900.0
SETTLE_S = 60.0
UNTRIED = Text(
    en="it was interrupted before the new version was started", vi="bị ngắt trước khi phiên bản mới được chạy"
)
ASKED = Text(en="a person asked for the version before", vi="có người yêu cầu trở lại phiên bản trước")


@dataclass(frozen=True, slots=True)
class Hands:
    """What the course works with. `gate` is made from what worked before, the window and the start of the trial."""

    services: Services
    gate: Callable[[Worked | None, float, float], Gate]
    clock: Clock
    wait: Callable[[float], bool]
    say: Callable[[Text], None]


@dataclass(frozen=True, slots=True)
class Times:
    """How long a version may take to prove itself, and how long it must have run. Seconds."""

    window_s: float = WINDOW_S
    settle_s: float = SETTLE_S


class Course:
    """Of one place. Raises AgentError in words; OSError becomes StorageError."""

    def __init__(self, place: Place, hands: Hands, times: Times | None = None) -> None:
        self._place = place
        self._hands = hands
        self._times = times or Times()

    # Towards a trial

    def begin(self) -> str:
        """Nothing else is on trial; whatever was left half-made is removed. The running version. Raises AgentError."""
        place = self._place
        current = target(place.current)
        if current is None or not (place.folder(current) / "bin/camera-agent").is_file():
            raise AgentError(
                Text(
                    en=f"{place.current} names no whole version",
                    vi=f"{place.current} không trỏ tới phiên bản nào đầy đủ",
                ),
                Text(en="Install once more: install.sh --bundle BUNDLE", vi="Hãy cài lại: install.sh --bundle GÓI"),
            )
        if known_trial(place, self._hands.clock) is not None:
            raise busy(Text(en="a version is on trial", vi="đang chạy thử một phiên bản"))
        proof = self._before()
        if proof is not None and proof.busy:
            raise busy(Text(en="a configuration is on trial", vi="đang chạy thử một cấu hình"))
        return current

    def lay(self, name: str, manifest: bytes, fill: Callable[[Path], None]) -> None:
        """Make the version in its folder, or leave nothing of it. Raises OSError, and what `fill` raises."""
        place = self._place
        place.state.mkdir(mode=0o755, exist_ok=True)
        current = target(place.current)
        assert current is not None
        if not place.is_complete(current):  # install.sh made it from a checkout; it runs, so it is whole
            write_durably(place.folder(current) / COMPLETE, b"{}\n", 0o644)
        point(place.judge, current)
        tidy(place, {read_history(place).previous})
        if place.is_complete(name):
            return
        write_durably(place.state / INSTALLING, name.encode(), 0o644)
        drop(place, name)
        folder = place.folder(name)
        folder.mkdir(mode=0o755)
        try:
            fill(folder)
            seal(place, name, manifest)
        except BaseException:
            drop(place, name)
            raise
        finally:
            remove_durably(place.state / INSTALLING)

    def try_out(self, name: str, *, undo: bool = False) -> None:
        """From here on the version is on trial. Raises OSError."""
        place, clock = self._place, self._hands.clock
        current = target(place.current)
        assert current is not None
        before = self._before()
        point(place.judge, current)
        trial = Trial(
            id=secrets.token_hex(8),
            new=name,
            previous=current,
            step="trying",
            boot_id=clock.boot_id,
            since_s=clock.mono_s(),
            window_s=self._times.window_s,
            settle_s=self._times.settle_s,
            before=before.before if before is not None else None,
            undo=undo,
        )
        write_trial(place, trial)
        point(place.current, name)

    def undo(self) -> str:
        """A person wants the version before. Its name. Raises AgentError and OSError."""
        place = self._place
        with only_one(place, patient=False):
            trial = known_trial(place, self._hands.clock)
            if trial is not None:
                if target(place.judge) != trial.new:
                    write_trial(place, replace(trial, step="returning", why=ASKED))
                return trial.previous
            current = self.begin()
            previous = read_history(place).previous
            if previous is None or previous == current or not place.is_complete(previous):
                raise AgentError(
                    Text(en="No version before this one is kept", vi="Không còn giữ phiên bản nào trước đó"),
                    Text(en="Update with a bundle instead", vi="Hãy cập nhật bằng một gói"),
                )
            self.try_out(previous, undo=True)
            return previous

    # Of the judge

    def resume(self) -> None:
        """Bring what goes on to its end; nothing to do is fine. Raises Interrupted, AgentError, OSError."""
        place, clock = self._place, self._hands.clock
        with only_one(place, patient=True):
            trial = known_trial(place, clock)
            if trial is not None and trial.boot_id != clock.boot_id and trial.step == "trying":
                trial = None
        if trial is None and at_boot(place, clock):  # counts, should nobody have done so before the agent started
            self._hands.services.reload()
        with only_one(place, patient=True):
            trial = known_trial(place, clock)
            if trial is None:
                self._clean(read_history(place))
            elif target(place.judge) == trial.new:
                self._keep(trial)
            elif trial.step == "returning":
                self._return(trial)
            elif target(place.current) != trial.new:
                self._end(trial, "failed", UNTRIED, read_history(place))
            else:
                self._judge(trial)

    def _judge(self, trial: Trial) -> None:
        place, hands = self._place, self._hands
        self._run(trial.new)
        gate = hands.gate(trial.before, trial.window_s, trial.since_s)
        why = judged(trial, gate, Eyes(place, hands.services, hands.clock, hands.wait))
        if why is None:
            point(place.judge, trial.new)
            self._keep(trial)
        else:
            trial = replace(trial, step="returning", why=why)
            write_trial(place, trial)
            self._return(trial)

    def _keep(self, trial: Trial) -> None:
        place = self._place
        if reconcile(place, own=True):
            self._hands.services.reload()
        history = read_history(place)
        release = release_of(trial.new)
        if release is not None and (history.highest is None or newer(release, history.highest)):
            history = replace(history, highest=release)
        self._end(trial, "updated", None, replace(history, previous=trial.previous))

    def _return(self, trial: Trial) -> None:
        point(self._place.current, trial.previous)
        self._run(trial.previous)
        self._end(trial, "returned", trial.why, read_history(self._place))

    def _run(self, name: str) -> None:
        services = self._hands.services
        changed = reconcile(self._place, own=False)
        if changed:
            services.reload()
        if changed or services.life().folder != name:
            services.restart()

    def _end(self, trial: Trial, result: Result, why: Text | None, history: History) -> None:
        place = self._place
        ended = Ended(result, trial.previous, trial.new, self._hands.clock.now().wall_ns, why)
        failed = trial.new if result == "returned" and not trial.undo else None
        history = history.after(ended, failed)
        write_history(place, history)
        end_trial(place)
        self._clean(history)
        self._hands.say(ended_text(ended))

    def _clean(self, history: History) -> None:
        place = self._place
        with suppress(OSError):
            tidy(place, {history.previous})
            (place.state / INSTALLING).unlink(missing_ok=True)

    def _before(self) -> Proof | None:
        proof = read_proof(self._place.run)
        clock = self._hands.clock
        return proof if proof is not None and proof.is_fresh(clock.boot_id, clock.mono_s()) else None


def room_for(place: Place, wanted: int) -> None:
    """Is there room for so many bytes more? The version before the running one goes first. Raises AgentError."""
    if shutil.disk_usage(place.versions).free >= wanted:
        return
    keep = {target(place.current), target(place.judge)}
    others = [folder for folder in place.versions.iterdir() if folder.name not in keep]
    freed = sum(_size(folder) for folder in others)
    free = shutil.disk_usage(place.versions).free
    if free + freed < wanted:
        missing = (wanted - free - freed) / 1e6
        raise AgentError(
            Text(
                en=f"The update needs {wanted / 1e6:.0f} MB on the disk of {place.home}; {missing:.0f} MB are missing",
                vi=f"Bản cập nhật cần {wanted / 1e6:.0f} MB trên ổ đĩa chứa {place.home}; còn thiếu {missing:.0f} MB",
            ),
            Text(
                en="Lower `footage.budget`, or remove other files, then try again",
                vi="Hãy giảm `footage.budget` hoặc xoá bớt tệp khác rồi thử lại",
            ),
            code="disk_full",
        )
    for folder in others:
        drop(place, folder.name)


def _size(folder: Path) -> int:
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += os.lstat(Path(path) / name).st_blocks * 512
    return total


def busy(why: Text) -> AgentError:
    """Not now."""
    return AgentError(
        Text(en=f"No update now: {why.en}", vi=f"Chưa cập nhật được: {why.vi}"),
        Text(en="Try again in some minutes", vi="Hãy thử lại sau vài phút"),
    )


def disk_trouble(error: OSError, place: Place) -> AgentError:
    """In words."""
    return disk_error(error, Path(str(error.filename)) if error.filename else place.home)
