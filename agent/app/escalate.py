"""What is done about a camera that hangs and does not come back: start the agent anew, then, if allowed, the device.

A fresh source and a killed child were tried many times by then. Comes in: every second, how each camera is. Goes out:
the rung to take, at most one of each kind in six hours, and a fault that tells what was done.
"""

import contextlib
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from agent.app.rungs import RungFile, Rungs
from agent.clock import Clock
from agent.config.model import EscalationSection
from agent.errors import AgentError, StorageError
from agent.i18n import Text
from agent.worker import Reporter

log = logging.getLogger(__name__)
RESTART_CODE = 75  # EX_TEMPFAIL of sysexits.h
AT_MOST_EVERY_S = 6 * 3600.0
HANGS = frozenset({"camera_stuck", "camera_unkillable", "camera_timeout"})  # not one that is absent or far away
SOURCE = "escalation"
REQUEST = "reboot-wanted"
UNHEARD_S = 60.0
WELL_S = 60.0  # a camera that gives a few pictures and hangs again hangs all the time
AGAIN_S = 60.0  # after a disk error


class Rung(Enum):
    """What is to be done now."""

    PROCESS = "process"
    REBOOT = "reboot"


@dataclass(frozen=True, slots=True)
class CameraView:
    """How a camera is. `fault`: the open code of its capture, first of all one of HANGS."""

    id: str
    works: bool
    fault: str | None = None


class RebootRequest:
    """A file that a unit of root's waits for (camera-agent-reboot.path): this process may not do it itself."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        folder = environ.get("RUNTIME_DIRECTORY", "").split(":")[0]
        self._path = Path(folder) / REQUEST if folder else None
        self.withdraw()

    def make(self) -> None:
        """Ask. Does nothing where no unit could hear it."""
        if self._path is not None:
            with contextlib.suppress(OSError):  # in memory: as good as not heard
                self._path.touch(mode=0o600)

    def withdraw(self) -> None:
        """An old request must not reboot a device on which the unit is switched on later."""
        if self._path is not None:
            with contextlib.suppress(OSError):
                self._path.unlink(missing_ok=True)


class Escalation:
    """Called by one thread."""

    def __init__(self, section: EscalationSection, folder: Path, reporter: Reporter, clock: Clock) -> None:
        self._section = section
        self._file = RungFile(folder, clock.now())
        self._reporter = reporter
        self._clock = clock
        self._since_s: dict[str, float] = {}  # by camera: when its hanging began
        self._well_s: dict[str, float] = {}  # by camera: since when it works
        self._not_before_s = 0.0
        self._asked_s: float | None = None
        self.request = RebootRequest()
        if self.rungs.camera is not None:
            self._tell(self.rungs)

    @property
    def rungs(self) -> Rungs:
        """What was done so far."""
        return self._file.rungs

    def look(self, cameras: Sequence[CameraView]) -> Rung | None:
        """The rung that is taken now; for PROCESS the caller ends with RESTART_CODE."""
        now_s = self._clock.mono_s()
        for camera in cameras:
            self._follow(camera, now_s)
        self._look_whether_it_helped(cameras, now_s)
        self._look_whether_it_was_heard(now_s)
        long = [cam for cam, since_s in self._since_s.items() if now_s - since_s >= self._section.after]
        if not long or now_s < self._not_before_s or any(camera.works for camera in cameras):
            return None
        return self._take(long, now_s)

    def _follow(self, camera: CameraView, now_s: float) -> None:
        if camera.works:
            self._well_s.setdefault(camera.id, now_s)
        else:
            self._well_s.pop(camera.id, None)
        if camera.fault in HANGS:
            self._since_s.setdefault(camera.id, now_s)
        elif camera.fault is not None or self._is_well(camera.id, now_s):
            self._since_s.pop(camera.id, None)

    def _is_well(self, camera: str, now_s: float) -> bool:
        return now_s - self._well_s.get(camera, now_s) >= WELL_S

    def _take(self, hanging: list[str], now_s: float) -> Rung | None:
        now, rungs = self._clock.now(), self.rungs
        if rungs.process.longer_ago_than(AT_MOST_EVERY_S, now):
            rung = Rung.PROCESS
            then = replace(rungs, process=rungs.process.once_more(now), camera=hanging[0], rebooted=False)
        elif (
            self._section.reboot
            and rungs.camera in hanging
            and not rungs.rebooted
            and rungs.reboot.longer_ago_than(AT_MOST_EVERY_S, now)
        ):
            rung = Rung.REBOOT
            then = replace(rungs, reboot=rungs.reboot.once_more(now), rebooted=True)
        else:
            return None
        try:
            self._file.keep(then)
        except StorageError as error:  # what is not noted is not done: it would be done again and again
            log.error("escalation: %s", error)
            self._not_before_s = now_s + AGAIN_S
            return None
        log.error("camera %s hangs: rung %s is taken", then.camera, rung.value)
        self._tell(then)
        if rung is Rung.REBOOT:
            self._asked_s = now_s
            self.request.make()
        return rung

    def _look_whether_it_helped(self, cameras: Sequence[CameraView], now_s: float) -> None:
        hung = self.rungs.camera
        known = any(camera.id == hung for camera in cameras)
        if hung is None or (known and not self._is_well(hung, now_s)):
            return
        with contextlib.suppress(StorageError):  # those who write tell; the next look tries again
            self._file.keep(replace(self.rungs, camera=None, rebooted=False))
            self._reporter.cleared(SOURCE)

    def _look_whether_it_was_heard(self, now_s: float) -> None:
        if self._asked_s is not None and now_s - self._asked_s >= UNHEARD_S:
            self._asked_s = None
            self.request.withdraw()
            self._reporter.raised(SOURCE, AgentError(_UNHEARD, _SWITCH_ON, code="camera_escalated"))

    def _tell(self, rungs: Rungs) -> None:
        process, reboot = rungs.process.count, rungs.reboot.count
        text = Text(
            en=f"Camera {rungs.camera} hangs; restarts because of hanging cameras so far: agent {process}, "
            f"device {reboot}",
            vi=f"Camera {rungs.camera} bị treo; đến nay đã khởi động lại chương trình {process} lần, "
            f"thiết bị {reboot} lần",
        )
        self._reporter.raised(SOURCE, AgentError(text, code="camera_escalated"))


_UNHEARD = Text(
    en="A camera hangs and the device should restart, but nothing on it does so",
    vi="Camera bị treo, thiết bị cần khởi động lại nhưng không có gì trên máy thực hiện việc đó",
)
_SWITCH_ON = Text(
    en="Switch the device off and on; so that it can do so itself: sudo sh deploy/install.sh --allow-reboot",
    vi="Hãy tắt thiết bị rồi bật lại; để thiết bị tự làm được: sudo sh deploy/install.sh --allow-reboot",
)
