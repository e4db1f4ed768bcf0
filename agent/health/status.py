"""The status file: the last report and the open faults, for `camera-agent status` on the same machine.

It lies in memory (/run) wherever that can be written; only where it cannot, it goes to the card, and then seldom.
"""

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from agent.clock import Clock
from agent.contract.base import Part
from agent.contract.birth import ConfigFacts
from agent.contract.health import HealthMessage
from agent.contract.messages import FaultMessage
from agent.errors import AgentError
from agent.i18n import Text

FOLDER = "camera-agent"
RUN = Path("/run")
SHOWN_EVERY_S = 5.0
CARD_EVERY_S = 60.0  # a card is worn by every write
FRESH_S = 30.0  # plus the time between two writes: older than that, the agent hangs or has gone


@dataclass(frozen=True, slots=True)
class NodeIdentity:
    """Which node this is."""

    node: str
    ward: str
    version: str


class StatusReport(Part):
    """What `camera-agent status --json` prints. No secrets, no paths."""

    node: str
    ward: str
    version: str
    pid: int
    boot_id: str
    mono_s: float  # monotonic seconds when this was written
    every_s: float  # how often it is written
    health: HealthMessage
    faults: tuple[FaultMessage, ...] = ()
    config: ConfigFacts | None = None
    clock_set: bool = True  # False: nobody knows yet what time it is
    watchdog_s: float | None = None  # systemd starts it anew when it is silent for so long; None: nobody does

    def age_s(self, clock: Clock) -> float | None:
        """Seconds since it was written; None when that was before this boot."""
        return max(0.0, clock.mono_s() - self.mono_s) if self.boot_id == clock.boot_id else None

    def running(self, clock: Clock) -> bool:
        """Is it as fresh as that of a working agent?"""
        age_s = self.age_s(clock)
        return age_s is not None and age_s < FRESH_S + self.every_s


@dataclass(frozen=True, slots=True)
class Place:
    """A folder where the status file may be. `volatile`: in memory, so it may be written often."""

    folder: Path
    volatile: bool


def places(data_dir: Path, environ: Mapping[str, str] = os.environ, run: Path = RUN) -> tuple[Place, ...]:
    """Where to write and to look, best first: systemd's runtime folder, /run, the user's own, the data folder."""
    found: list[Place] = []
    if environ.get("RUNTIME_DIRECTORY"):
        found.append(Place(Path(environ["RUNTIME_DIRECTORY"].split(":")[0]), volatile=True))
    found.append(Place(run / FOLDER, volatile=True))
    if environ.get("XDG_RUNTIME_DIR"):
        found.append(Place(Path(environ["XDG_RUNTIME_DIR"]) / FOLDER, volatile=True))
    found.append(Place(data_dir / "run", volatile=False))
    return tuple(found)


def status_name(node: str) -> str:
    """The file's name: several nodes may share a machine."""
    return f"status-{node}.json"


def runtime_file(name: str, data_dir: Path) -> Path | None:
    """Where a small file is best that need not outlive the boot: in memory; None where there is no such place."""
    volatile = [place.folder for place in places(data_dir) if place.volatile and _usable(place.folder)]
    return volatile[0] / name if volatile else None


def _usable(folder: Path) -> bool:
    # os.path: a folder that may not even be looked at is none, and no error. By the rights in force: root may be
    # acting as the owner of the data.
    nearest = folder if os.path.exists(folder) else folder.parent  # noqa: PTH110
    return os.access(nearest, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids)


class StatusFile:
    """Writes to the first place that takes it. A place that fails later is given up for the next."""

    def __init__(self, node: str, candidates: tuple[Place, ...]) -> None:
        self._name = status_name(node)
        self._places = list(candidates)

    @property
    def every_s(self) -> float:
        """How often a write does no harm here."""
        return SHOWN_EVERY_S if self._places and self._places[0].volatile else CARD_EVERY_S

    def write(self, report: StatusReport) -> Path | None:
        """Replace the file in one step; None when no place takes it, which harms only those who would read it."""
        data = report.model_dump_json(exclude_none=True, by_alias=True).encode()
        while self._places:
            try:
                return _replace(self._places[0].folder, self._name, data)
            except OSError:
                self._places.pop(0)
        return None

    def remove(self) -> None:
        """Take the file away, as a stopped agent has no status."""
        if self._places:
            with contextlib.suppress(OSError):
                (self._places[0].folder / self._name).unlink()


def _replace(folder: Path, name: str, data: bytes) -> Path:
    # No fsync: after a power cut the old status is worth nothing anyway.
    folder.mkdir(mode=0o755, exist_ok=True)
    temporary = folder / f".{name}.tmp"
    temporary.write_bytes(data)
    temporary.chmod(0o644)  # whoever sits at the machine may ask how it is
    return temporary.replace(folder / name)


def read_status(node: str, candidates: tuple[Place, ...], clock: Clock) -> StatusReport:
    """The newest status of `node`. Raises AgentError where there is none that can be read."""
    found: list[StatusReport] = []
    for place in candidates:
        with contextlib.suppress(OSError, ValidationError):
            found.append(StatusReport.model_validate_json((place.folder / status_name(node)).read_bytes()))
    if not found:
        raise AgentError(
            Text(en=f"The agent of node {node!r} is not running here", vi=f"Thiết bị {node!r} hiện không chạy ở đây"),
            Text(
                en="Start it with `systemctl start camera-agent`, or see `journalctl -u camera-agent`",
                vi="Chạy bằng `systemctl start camera-agent`, hoặc xem `journalctl -u camera-agent`",
            ),
            code="not_running",
        )
    return max(found, key=lambda report: (report.boot_id == clock.boot_id, report.mono_s))


def known_nodes(candidates: tuple[Place, ...]) -> tuple[str, ...]:
    """The nodes that have a status file here, for a person who may not read the configuration."""
    found: set[str] = set()
    for place in candidates:
        with contextlib.suppress(OSError):
            found |= {path.stem.removeprefix("status-") for path in place.folder.glob(status_name("*"))}
    return tuple(sorted(found))
