"""Small fakes for the health room: a clock moved by hand, and states as the other rooms would give them."""

from pathlib import Path

from agent.clock import Clock, Moment
from agent.health.report import HealthReport, HealthSettings, HealthSources
from agent.values import CameraState, FootageState, LinkState, SpoolState

WALL_NS = 1_800_000_000 * 10**9


class HandClock(Clock):
    """Time stands still until `go`."""

    def __init__(self, trusted: bool = True) -> None:
        self.boot_id = "boot-1"
        self.is_trusted = trusted
        self._mono_s = 1000.0
        self.wall_offset_ns = WALL_NS

    def go(self, seconds: float) -> None:
        self._mono_s += seconds

    def now(self) -> Moment:
        mono_ns = round(self._mono_s * 1e9)
        return Moment(mono_ns, self.wall_offset_ns + mono_ns, self.is_trusted, self.boot_id)

    def mono_s(self) -> float:
        return self._mono_s

    def trusted(self) -> bool:
        return self.is_trusted


def write(root: Path, path: str, text: str) -> None:
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")


def sources(
    cameras: tuple[CameraState, ...] = (CameraState("gate", state="ok", fps=15.0),),
    footage: tuple[FootageState, ...] = (FootageState("gate", recorded_s=60.0, expected_s=61.0, bytes=5_000_000),),
    spool: SpoolState | None = None,
    link: LinkState | None = None,
    faults: tuple[str, ...] = (),
) -> HealthSources:
    return HealthSources(
        cameras=lambda: cameras,
        footage=lambda: footage,
        spool=lambda: spool or SpoolState(messages=3, clips=1, bytes=2_000_000),
        link=lambda: link or LinkState(connected=True, protocol="5", rtt_ms=20.0),
        restarts=lambda: 2,
        faults=lambda: faults,
    )


def report_of(tmp_path: Path, clock: Clock, given: HealthSources | None = None, insecure: bool = False) -> HealthReport:
    settings = HealthSettings("gate-12", tmp_path, insecure=insecure, root=tmp_path / "root")
    return HealthReport(settings, given or sources(), clock)
