"""Faults that no worker raises because nothing fails: a clock not set, a line in plain text, a full card, losses.

Reads the finished report, so each condition is judged on the very figures that the ward gets.
"""

from agent.clock import Clock
from agent.contract.faults import GradedError, describe
from agent.contract.health import CertificateHealth, DiskHealth, HealthMessage, ServerHealth
from agent.errors import AgentError
from agent.i18n import Text
from agent.values import Severity
from agent.worker import Reporter

CLOCK_DIFFERS_S = 120.0  # the ward's server and this node may be apart so far
CLOCK_GRACE_S = 120.0  # after a start, time daemons need a moment
SLOW_MANY = 10  # a picture left out now and then, when the machine is busy with something else, is no trouble
SLOW_SHOWN_S = 30.0
LOSS_SHOWN_S = 600.0  # a loss stays visible this long after the last one
FULL_MB = 100.0
HOT_C = 80.0  # a Raspberry Pi slows itself down from here
SLOWED, SLOWED_S = 0.5, 600.0  # detection held back to this share for so long
COOLED_C = 5.0  # below that before it is called over
FULL_INODES_PCT = 1.0
CERTIFICATE_DAYS = ((1, Severity.ALERT), (7, Severity.WARNING), (30, Severity.INFO))  # at so many or fewer left
ASKS_STILL = Text(
    en="It asks the ward for another once a day; if that does not help, get a token and run `camera-agent enrol`",
    vi="Mỗi ngày thiết bị tự xin chứng chỉ mới; nếu vẫn không được, hãy xin mã rồi chạy `camera-agent enrol`",
)


class Conditions:
    """Raises and clears by what a report says. Sources: clock, server-clock, link, power, heat, disk,
    footage-loss, spool-loss, detection-slowed, footage-pending, certificate; of each camera: -changed, -jumped, -tls,
    -encoder."""

    def __init__(self, faults: Reporter, clock: Clock) -> None:
        self._faults = faults
        self._clock = clock
        self._started_s = clock.mono_s()
        self._hot = False
        self._slowed_since_s: float | None = None
        self._lost: dict[str, int] = {}
        self._lost_at_s: dict[str, float] = {}

    def check(self, report: HealthMessage, footage_dropped: int) -> None:
        """Judge one report; `footage_dropped` counts lost packets of all cameras."""
        self._check_clock()
        self._set("link", "insecure_link" if report.insecure else None)
        self._check_server(report.net.server)
        self._check_certificate(report.certificate)
        self._set("power", "power_weak" if report.board.undervoltage else None)
        self._check_heat(report.board.temp_c)
        self._check_slowed(report.agent.budget_factor)
        if report.disk is not None:
            self._set("disk", *disk_fault(report.disk))
        self._check_loss("footage-loss", "footage_dropped", footage_dropped)
        for cam in report.cams:
            self._check_loss(f"capture-{cam.id}-changed", "camera_changed", cam.format_changes)
            self._check_loss(f"capture-{cam.id}-jumped", "camera_time_jumped", cam.time_jumps)
            self._check_loss(f"capture-{cam.id}-encoder", "encoder_slow", cam.encode_skipped // SLOW_MANY, SLOW_SHOWN_S)
            self._set(f"capture-{cam.id}-tls", "camera_unproven" if cam.certificate_checked is False else None)
        pending = sum(cam.evicted.pending for cam in report.cams if cam.evicted)
        self._lost.setdefault("footage-pending", pending)  # it counts on over restarts
        self._check_loss("footage-pending", "footage_pending_lost", pending)
        self._check_loss("ward-ear", "nobody_listens", report.net.unheard)
        self._check_loss("spool-loss", "spool_full", report.spool.dropped_messages + report.spool.dropped_clips)

    def _check_clock(self) -> None:
        if self._clock.trusted():
            self._set("clock", None)
        elif self._clock.mono_s() - self._started_s >= CLOCK_GRACE_S:
            self._set("clock", "clock_untrusted")

    def _check_server(self, server: ServerHealth | None) -> None:
        differs_s = server.differs_s if server is not None else None
        if differs_s is None or abs(differs_s) <= CLOCK_DIFFERS_S:
            self._set("server-clock", None)
            return
        minutes = round(abs(differs_s) / 60)
        text = Text(
            en=f"The clocks of this node and of the ward's server differ by {minutes} minutes",
            vi=f"Đồng hồ của thiết bị và của máy chủ phường lệch nhau {minutes} phút",
        )
        self._set("server-clock", "clock_differs", text)

    def _check_certificate(self, certificate: CertificateHealth | None) -> None:
        error = certificate_fault(certificate) if certificate is not None else None
        if error is None:
            self._faults.cleared("certificate")
        else:
            self._faults.raised("certificate", error)

    def _check_heat(self, temp_c: float | None) -> None:
        hot_c = HOT_C - COOLED_C if self._hot else HOT_C
        self._hot = temp_c is not None and temp_c >= hot_c
        self._set("heat", "too_hot" if self._hot else None)

    def _check_slowed(self, factor: float | None) -> None:
        now_s = self._clock.mono_s()
        if factor is None or factor > SLOWED:
            self._slowed_since_s = None
        elif self._slowed_since_s is None:
            self._slowed_since_s = now_s
        long = self._slowed_since_s is not None and now_s - self._slowed_since_s >= SLOWED_S
        self._set("detection-slowed", "detection_slowed" if long else None)

    def _check_loss(self, source: str, code: str, lost: int, shown_s: float = LOSS_SHOWN_S) -> None:
        now_s = self._clock.mono_s()
        if lost > self._lost.get(source, 0):
            self._lost_at_s[source] = now_s
        self._lost[source] = lost
        recent = source in self._lost_at_s and now_s - self._lost_at_s[source] < shown_s
        self._set(source, code if recent else None)

    def _set(self, source: str, code: str | None, text: Text | None = None) -> None:
        if code is None:
            self._faults.cleared(source)
        else:
            self._faults.raised(source, AgentError(describe(code, text).text, code=code))


def disk_fault(disk: DiskHealth) -> tuple[str | None, Text | None]:
    """The code of what is wrong with the disk and its closer wording, or (None, None)."""
    if disk.readonly:
        return "storage_error", Text(
            en="The disk is read-only: the memory card may be worn out", vi="Ổ đĩa chỉ đọc: thẻ nhớ có thể đã hỏng"
        )
    if disk.free_mb < FULL_MB:
        return "disk_full", None
    if disk.inodes_free_pct is not None and disk.inodes_free_pct < FULL_INODES_PCT:
        return "disk_full", Text(en="The disk is full of small files", vi="Ổ đĩa đầy vì quá nhiều tệp nhỏ")
    return None, None


def certificate_fault(certificate: CertificateHealth) -> AgentError | None:
    """What to say of a certificate that ends, louder the nearer that is. Nothing by a clock that may be wrong."""
    left = certificate.days_left
    if left is None or left > CERTIFICATE_DAYS[-1][0]:
        return None
    day = certificate.expires_utc[:10]
    if left < 0:
        return AgentError(
            Text(
                en=f"This node's certificate expired on {day}: the ward no longer lets it in",
                vi=f"Chứng chỉ của thiết bị đã hết hạn ngày {day}: phường không còn cho kết nối",
            ),
            None if certificate.renewal == "off" else ASKS_STILL,
            code="certificate_expired",
        )
    severity = next(severity for days, severity in CERTIFICATE_DAYS if left <= days)
    ends = Text(
        en=f"This node's certificate ends on {day}, in {left} {'day' if left == 1 else 'days'}",
        vi=f"Chứng chỉ của thiết bị hết hạn ngày {day}, còn {left} ngày",
    )
    if certificate.renewal == "ok":
        hint = Text(
            en="It is renewed by itself; nothing to do unless this becomes a warning",
            vi="Thiết bị sẽ tự gia hạn; chưa cần làm gì trừ khi thành cảnh báo",
        )
        return GradedError(ends, hint, code="certificate_expiring", severity=severity)
    return GradedError(ends, code="certificate_expiring", severity=severity)
