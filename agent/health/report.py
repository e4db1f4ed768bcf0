"""Composes the health message from the checks of this room and from what the other rooms say about themselves.

Slow looks (vcgencmd, iw) are kept for half a minute, so that the status file can be fresh every two seconds.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from agent.clock import Clock
from agent.contract.base import utc
from agent.contract.event import gap_span
from agent.contract.health import (
    AccessHealth,
    AgentHealth,
    BoardHealth,
    BudgetHealth,
    CameraHealth,
    CertificateHealth,
    ChainHealth,
    CommandsHealth,
    DiskHealth,
    EvidenceHealth,
    HealthMessage,
    HouseholdHealth,
    NetHealth,
    PauseHealth,
    ServerHealth,
    SetupHealth,
    SpoolHealth,
    UpdateHealth,
)
from agent.health.board import BoardCheck
from agent.health.disk import DiskCheck
from agent.health.net import read_net
from agent.health.process import ProcessCheck
from agent.i18n import Language
from agent.values import (
    AccessTally,
    CameraState,
    CertificateState,
    FootageState,
    LineBudget,
    LinkState,
    Seal,
    ServerSeen,
    SpoolState,
)

SLOW_EVERY_S = 30.0
MB = 1_000_000
DAY_NS = 86_400 * 10**9


@dataclass(frozen=True, slots=True)
class HealthSources:
    """What `app.py` hands in. Each call gives a snapshot and never blocks."""

    cameras: Callable[[], tuple[CameraState, ...]]
    footage: Callable[[], tuple[FootageState, ...]]
    spool: Callable[[], SpoolState]
    link: Callable[[], LinkState]
    restarts: Callable[[], int]
    faults: Callable[[], tuple[str, ...]]
    budget_factor: Callable[[], float | None] = lambda: None  # None: no model
    access: Callable[[], AccessTally | None] = lambda: None
    certificate: Callable[[], CertificateState | None] = lambda: None
    commands: Callable[[], CommandsHealth | None] = lambda: None
    setup: Callable[[], SetupHealth | None] = lambda: None
    household: Callable[[], HouseholdHealth | None] = lambda: None
    paused: Callable[[], PauseHealth | None] = lambda: None
    update: Callable[[], UpdateHealth | None] = lambda: None


@dataclass(frozen=True, slots=True)
class HealthSettings:
    """What the checks need to know of the configuration."""

    node: str
    data_dir: Path
    language: Language = "vi"  # of the words about the power supply
    insecure: bool = False
    certificates: tuple[tuple[str, bool], ...] = ()  # cameras over TLS, and whether their certificate is checked
    root: Path = Path("/")  # where /proc and /sys are looked for


@dataclass(frozen=True, slots=True)
class _Slow:
    at_s: float
    board: BoardHealth
    disk: DiskHealth
    net: NetHealth


class HealthReport:
    """Takes reports; keeps what must be counted between them."""

    def __init__(self, settings: HealthSettings, sources: HealthSources, clock: Clock) -> None:
        self._settings = settings
        self._sources = sources
        self._clock = clock
        self._process = ProcessCheck(clock)
        self._machine = BoardCheck(settings.root)
        self._disk = DiskCheck(settings.data_dir, clock, settings.root)
        self._slow: _Slow | None = None

    def take(self) -> HealthMessage:
        """The node as it is now. May take a few seconds once in half a minute, else milliseconds."""
        slow = self._slow_parts()
        link = self._sources.link()
        process = self._process.read()
        footage = {state.cam: state for state in self._sources.footage()}
        checked = dict(self._settings.certificates)
        return HealthMessage(
            at_utc=utc(self._clock.now().wall_ns),
            agent=AgentHealth(
                uptime_s=process.uptime_s,
                rss_mb=process.rss_mb,
                cpu_pct=process.cpu_pct,
                restarts=self._sources.restarts(),
                threads=process.threads,
                budget_factor=self._sources.budget_factor(),
            ),
            board=slow.board,
            disk=slow.disk,
            net=slow.net.model_copy(update=_link_fields(link)),
            budget=budget_health(link.budget),
            spool=spool_health(self._sources.spool()),
            evidence=evidence_health(tuple(footage.values())),
            access=access_health(self._sources.access()),
            certificate=certificate_health(self._sources.certificate(), self._clock),
            commands=self._sources.commands(),
            update=self._sources.update(),
            setup=self._sources.setup(),
            household=self._sources.household(),
            paused=self._sources.paused(),
            cams=tuple(
                camera_health(state, footage.get(state.id), checked.get(state.id)) for state in self._sources.cameras()
            ),
            faults=self._sources.faults(),
            insecure=self._settings.insecure,
        )

    def footage_dropped(self) -> int:
        """Footage packets lost since the start, over all cameras."""
        return sum(state.dropped_packets for state in self._sources.footage())

    def _slow_parts(self) -> _Slow:
        now_s = self._clock.mono_s()
        if self._slow is None or now_s - self._slow.at_s >= SLOW_EVERY_S:
            self._slow = _Slow(now_s, self._board(), self._disk_part(), self._net())
        return self._slow

    def _board(self) -> BoardHealth:
        board = self._machine.read()
        throttle = board.throttle
        return BoardHealth(
            model=board.model or None,
            cpu_pct=board.cpu_pct,
            load=round(board.load[0], 2),
            mem_free_mb=board.mem_free_mb,
            temp_c=board.temp_c,
            throttled=throttle.words.say(self._settings.language) if throttle else None,
            undervoltage=throttle.undervoltage_since_boot if throttle else None,
        )

    def _disk_part(self) -> DiskHealth:
        disk = self._disk.read()
        return DiskHealth(
            free_mb=disk.free_mb,
            inodes_free_pct=None if disk.missing else disk.inodes_free_pct,
            written_mb_day=disk.written_mb_day,
            readonly=disk.readonly,
            wear_pct=disk.wear_pct,
        )

    def _net(self) -> NetHealth:
        net = read_net(self._settings.node, self._settings.root)
        return NetHealth(iface=net.iface or None, ssid_hash=net.ssid_hash, rssi_dbm=net.rssi_dbm)


def _link_fields(link: LinkState) -> dict[str, object]:
    return {
        "connected": link.connected,
        "protocol": link.protocol or None,
        "rtt_ms": link.rtt_ms,
        "uplink_kbps": link.uplink_kbps,
        "uploaded_mb": round(link.uploaded_bytes / MB, 1),
        "reconnects": link.reconnects,
        "unheard": link.unheard,
        "server": server_health(link.server),
    }


def server_health(seen: ServerSeen | None) -> ServerHealth | None:
    """The ward's consumer."""
    if seen is None:
        return None
    differs_s = None if seen.differs_s is None else round(seen.differs_s, 1)
    return ServerHealth(state=seen.state, heard_s=round(seen.heard_s, 1), differs_s=differs_s)


def budget_health(budget: LineBudget) -> BudgetHealth:
    """What the household leaves to the node of its line."""
    return BudgetHealth(kbps=budget.kbps, mb_today=budget.mb_today, quiet=budget.quiet, waiting=budget.waiting)


def spool_health(state: SpoolState) -> SpoolHealth:
    """The spool's own account, with the losses added up."""
    return SpoolHealth(
        messages=state.messages,
        oldest_age_s=round(state.oldest_age_s, 1),
        clips=state.clips,
        clips_wanted=state.wanted,
        bytes=state.bytes,
        dropped_messages=state.dropped_messages,
        dropped_clips=state.dropped_clips,
        dropped_total=state.dropped_messages + state.dropped_clips,
        set_aside=state.set_aside,
        by_priority={str(row.priority): row.messages for row in state.waiting} or None,
    )


def camera_health(state: CameraState, footage: FootageState | None, checked: bool | None = None) -> CameraHealth:
    """One camera with its footage; `checked`: its certificate, over TLS.

    Raises ValueError on a state that the contract does not know.
    """
    return CameraHealth.model_validate(
        {
            "id": state.id,
            "state": state.state,
            "cause": state.cause,
            "format_changes": state.format_changes,
            "time_jumps": state.time_jumps,
            "certificate_checked": checked,
            "vision": state.vision,
            "view": state.view,
            "watched": state.watched,
            "frame_age_s": state.frame_age_s,
            "fps": state.fps,
            "analysed_fps": state.analysed_fps,
            "inference_ms": state.inference_ms,
            "inferences": state.inferences,
            "inferences_refused": state.inferences_refused,
            "frames": state.frames,
            "analysed": state.analysed,
            "dropped": state.dropped,
            "decode_errors": state.decode_errors,
            "encode_skipped": state.encode_skipped,
            "runs": state.runs,
            "codec": state.codec or None,
            "encoder": state.encoder or None,
            "width": state.width or None,
            "height": state.height or None,
            "recorded_s": footage.recorded_s if footage else None,
            "expected_s": footage.expected_s if footage else None,
            "gap_s": footage.gap_s if footage else None,
            "gaps": tuple(gap_span(gap) for gap in footage.gaps) if footage else (),
            "footage_oldest_utc": utc(footage.oldest_ns) if footage and footage.oldest_ns is not None else None,
            "footage_bytes": footage.bytes if footage else None,
            "footage_memory_bytes": footage.memory_bytes if footage else None,
            "chain": chain_health(footage.head) if footage else None,
            "evicted": asdict(footage.evicted) if footage else None,
        }
    )


def chain_health(head: Seal | None) -> ChainHealth | None:
    """The newest link of a camera's chain, if it has one."""
    return ChainHealth(epoch=head.epoch, seq=head.seq, link=head.link) if head else None


def evidence_health(footage: Sequence[FootageState]) -> EvidenceHealth | None:
    """The newest links of all cameras as one hash; None before there is any."""
    heads = sorted((one.cam, one.head) for one in footage if one.head is not None)
    text = "".join(f"{cam} {head.epoch} {head.seq} {head.link}\n" for cam, head in heads)
    return EvidenceHealth(chain_head=hashlib.sha256(text.encode()).hexdigest()) if heads else None


def access_health(tally: AccessTally | None) -> AccessHealth | None:
    """How far the access log is."""
    return AccessHealth(records=tally.records, head=tally.head) if tally else None


def certificate_health(state: CertificateState | None, clock: Clock) -> CertificateHealth | None:
    """When the node's own certificate ends; how soon that is can be told only by a clock that is right."""
    if state is None:
        return None
    now = clock.now()
    days_left = (state.not_after_ns - now.wall_ns) // DAY_NS if now.trusted else None
    return CertificateHealth(expires_utc=utc(state.not_after_ns), days_left=days_left, renewal=state.renewal)
