"""Children that the kernel does not let go (state D): put aside, remembered over a restart, never waited for.

In: a process that outlived its SIGKILL. Out: whether a camera is still held by one. Kept in a file with process number,
start time and boot, so that a number given out anew is not taken for it.
"""

import json
import logging
import subprocess
import threading
from dataclasses import asdict, dataclass
from pathlib import Path

from agent.clock import boot_id
from agent.durable import remove_durably, write_durably

log = logging.getLogger(__name__)
FILE = "unkillable.json"
PROC = Path("/proc")
MOST = 64


@dataclass(frozen=True, slots=True)
class Held:
    """A process that holds a camera."""

    camera: str
    pid: int
    started: int  # clock ticks since boot
    boot: str


class Aside:
    """Thread-safe. `folder`: where to keep them; None: as long as this process lives."""

    def __init__(self, folder: Path | None = None, proc: Path = PROC) -> None:
        self._path = None if folder is None else folder / FILE
        self._proc = proc
        self._lock = threading.Lock()
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._held = _read(self._path)
        self.total = 0  # put aside since the start

    def put(self, camera: str, process: subprocess.Popen[bytes]) -> None:
        """`process` was killed and is still there."""
        started = self._started(process.pid)
        with self._lock:
            self.total += 1
            if started is not None:
                self._processes[process.pid] = process
                self._held = (*self._held, Held(camera, process.pid, started, boot_id()))[-MOST:]
                self._write()

    def holder(self, camera: str) -> int | None:
        """The process that still holds `camera`."""
        with self._lock:
            alive = tuple(held for held in self._held if self._alive(held))
            if alive != self._held:
                self._held = alive
                self._write()
            return next((held.pid for held in alive if held.camera == camera), None)

    def _alive(self, held: Held) -> bool:
        process = self._processes.get(held.pid)
        if process is not None and process.poll() is not None:
            del self._processes[held.pid]
            return False
        return held.boot == boot_id() and self._started(held.pid) == held.started

    def _started(self, pid: int) -> int | None:
        """Clock ticks since boot; None when it is gone, or dead and only not reaped. proc_pid_stat(5)."""
        try:
            fields = (self._proc / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
            state, *rest = fields.rpartition(")")[2].split()
            return None if state in ("Z", "X") else int(rest[18])
        except (OSError, ValueError, IndexError):
            return None

    def _write(self) -> None:
        if self._path is None:
            return
        try:
            if self._held:
                write_durably(self._path, json.dumps([asdict(held) for held in self._held]).encode())
            else:
                remove_durably(self._path)
        except OSError as error:  # a full disk must not keep a camera from being opened
            log.warning("cannot note the processes that hold cameras: %s", error.strerror)


def _read(path: Path | None) -> tuple[Held, ...]:
    try:
        rows = json.loads(path.read_bytes()) if path is not None else []
        return tuple(
            Held(str(row["camera"]), int(row["pid"]), int(row["started"]), str(row["boot"])) for row in rows[-MOST:]
        )
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
        log.warning("the note of processes that hold cameras is damaged; it begins anew")
        return ()
