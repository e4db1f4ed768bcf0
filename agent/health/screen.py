"""The status report as one screen for a person: first what is wrong and what to do, then how each part is."""

from collections.abc import Iterator

from agent.contract.fault_pages import page_command
from agent.contract.health import (
    CameraHealth,
    CertificateHealth,
    CommandsHealth,
    HealthMessage,
)
from agent.contract.messages import FaultMessage
from agent.contract.words import cameras_of, cause_words, view_words
from agent.health.screen_changes import config_line, household_line, paused_line, setup_line, update_line
from agent.health.status import StatusReport
from agent.health.words import amount, counted, duration, mark
from agent.i18n import Language, Text
from agent.values import Severity

STATES = {
    "starting": Text(en="starting", vi="đang khởi động"),
    "ok": Text(en="ok", vi="tốt"),
    "lost": Text(en="NO PICTURE", vi="MẤT HÌNH"),
    "ended": Text(en="ended", vi="đã hết"),
}
SEVERITIES = {
    Severity.ALERT: Text(en="serious", vi="nghiêm trọng"),
    Severity.WARNING: Text(en="warning", vi="cảnh báo"),
    Severity.INFO: Text(en="note", vi="lưu ý"),
}
WAITING = {
    "quiet_hours": Text(
        en="CLIPS WAIT for the end of the quiet hours (uplink.quiet_hours)",
        vi="CLIP ĐANG CHỜ hết giờ nghỉ mạng (uplink.quiet_hours)",
    ),
    "day_spent": Text(
        en="CLIPS WAIT for midnight: today's megabytes are used up (uplink.mb_per_day)",
        vi="CLIP ĐANG CHỜ đến nửa đêm: đã dùng hết số megabyte của hôm nay (uplink.mb_per_day)",
    ),
}
RENEWALS = {
    "off": Text(en="not renewed by itself", vi="không tự gia hạn"),
    "ok": Text(en="renewed by itself", vi="tự gia hạn"),
    "failed": Text(en="LAST RENEWAL FAILED", vi="LẦN GIA HẠN GẦN NHẤT BỊ LỖI"),
}
UNHINDERED_KBPS = 100_000  # a home line is slower than that: nothing worth telling
HANGS = Text(
    en="Do first: see `journalctl -u camera-agent`, then `systemctl restart camera-agent`",
    vi="Việc cần làm trước: xem `journalctl -u camera-agent`, rồi `systemctl restart camera-agent`",
)
LAST_SAID = Text(en="What it said last:", vi="Lần cuối thiết bị báo:")
CLOCK_UNSET = Text(
    en=f"{mark(False)} Clock: NOT SET; let the device reach a time server (NTP)",
    vi=f"{mark(False)} Đồng hồ: CHƯA ĐƯỢC CHỈNH; hãy cho thiết bị truy cập máy chủ giờ (NTP)",
)
WEAK_POWER = Text(
    en="Do first: the power is or was too weak; use the board's own supply and a short thick cable",
    vi="Việc cần làm trước: nguồn đang hoặc từng yếu; hãy dùng bộ nguồn chính hãng và dây ngắn, to",
)


def render_status(report: StatusReport, language: Language, age_s: float | None, running: bool) -> str:
    """The whole screen, without colours. `age_s` is None when the report is from before this boot."""
    health = report.health
    lines = [f"{report.node} · {report.ward} · {_verdict(report, running, age_s).say(language)}"]
    first = _first(report, running)
    if first is not None:
        lines.append(first.say(language))
    if not running:
        lines += ["", LAST_SAID.say(language)]
    for fault in report.faults:
        lines += ["", *_fault(fault, language)]
    lines.append("")
    if health.paused is not None:
        lines.append(paused_line(health.paused).say(language))
    lines += [_camera(camera).say(language) for camera in health.cams]
    lines += [text.say(language) for text in _rest(health)]
    if not report.clock_set:
        lines.append(CLOCK_UNSET.say(language))
    config = report.config
    if config is not None and (config.source != "file" or config.last_known_good):
        lines.append(config_line(config).say(language))
    return "\n".join(lines)


def _verdict(report: StatusReport, running: bool, age_s: float | None) -> Text:
    if not running:
        if age_s is None:
            return Text(en="NOT RUNNING since this boot", vi="KHÔNG CHẠY từ khi bật máy")
        ago = duration(age_s)
        return Text(
            en=f"NOT RUNNING OR STUCK, last heard of {ago.en} ago",
            vi=f"KHÔNG CHẠY HOẶC BỊ TREO, tin cuối cách đây {ago.vi}",
        )
    up = duration(report.health.agent.uptime_s)
    if report.faults:
        count = len(report.faults)
        return Text(
            en=f"running for {up.en}, {counted(count, 'fault')}",
            vi=f"chạy được {up.vi}, {count} lỗi",
        )
    if not report.clock_set:  # a fault only when it lasts
        return Text(
            en=f"running for {up.en}, the clock is not set yet", vi=f"chạy được {up.vi}, đồng hồ chưa được chỉnh"
        )
    return Text(en=f"all well, running for {up.en}", vi=f"mọi thứ tốt, chạy được {up.vi}")


def _first(report: StatusReport, running: bool) -> Text | None:
    if not running:
        return HANGS
    serious = [fault for fault in report.faults if fault.severity is Severity.ALERT]
    if report.health.board.undervoltage and not serious:
        return WEAK_POWER  # a weak supply is behind many other warnings
    if report.faults:
        remedy = (serious or list(report.faults))[0].remedy
        return Text(en=f"Do first: {remedy.en}", vi=f"Việc cần làm trước: {remedy.vi}")
    return None


def _fault(fault: FaultMessage, language: Language) -> Iterator[str]:
    yield f"! {SEVERITIES[fault.severity].say(language)}: {fault.text.text().say(language)}{cameras_of(fault.sources)}"
    yield f"  → {fault.remedy.text().say(language)} ({page_command(fault.code)})"


def _camera(camera: CameraHealth) -> Text:
    state = STATES[camera.state]
    size = f"{camera.width}×{camera.height} {camera.codec or ''}".strip() if camera.width else ""
    inference = f" ({camera.inference_ms:.0f} ms)" if camera.inference_ms is not None else ""
    kept_s = duration(camera.recorded_s or 0.0)
    motion_only = camera.vision == "motion_only"
    en = [f"{camera.fps:.1f} pictures/s", f"{camera.analysed_fps:.1f} analysed/s{inference}", f"{kept_s.en} recorded"]
    vi = [f"{camera.fps:.1f} hình/s", f"phân tích {camera.analysed_fps:.1f}/s{inference}", f"đã ghi {kept_s.vi}"]
    if camera.gap_s is not None and camera.gap_s >= 1.0 and camera.gaps:
        missing_s, why = duration(camera.gap_s), cause_words(camera.gaps[-1].cause)
        en.append(f"{missing_s.en} missing (last: {why.en})")
        vi.append(f"thiếu {missing_s.vi} (gần nhất: {why.vi})")
    pending = camera.evicted.pending if camera.evicted else 0
    if pending:
        en.append(f"{counted(pending, 'piece')} removed so far that a clip waited for")
        vi.append(f"đến nay đã xoá {pending} đoạn mà clip còn chờ")
    if motion_only:
        en.append("motion only")
        vi.append("chỉ thấy chuyển động")
    if camera.watched:
        en.append("THE WARD IS LOOKING NOW")
        vi.append("PHƯỜNG ĐANG XEM")
    hindered = view_words(camera.view)
    if hindered is not None:
        en.append(hindered.en.upper())
        vi.append(hindered.vi.upper())
    sign = mark(camera.state in ("ok", "ended") and not motion_only and hindered is None)
    return Text(
        en=f"{sign} Camera {camera.id}: " + ", ".join(part for part in (state.en, size, *en) if part),
        vi=f"{sign} Camera {camera.id}: " + ", ".join(part for part in (state.vi, size, *vi) if part),
    )


def _line(health: HealthMessage) -> Text:
    """The household's line, and why clips wait for it."""
    budget, wanted = health.budget, health.spool.clips_wanted
    en, vi = [f"{budget.mb_today:.0f} MB sent today"], [f"hôm nay đã gửi {budget.mb_today:.0f} MB"]
    if budget.kbps is not None and budget.kbps < UNHINDERED_KBPS and budget.waiting is None:
        en.append(f"clips take at most {budget.kbps} kbit/s now")
        vi.append(f"clip đang được gửi nhiều nhất {budget.kbps} kbit/s")
    if wanted:
        en.append(f"{counted(wanted, 'clip')} still to be cut")
        vi.append(f"{wanted} clip chưa cắt")
    why = WAITING.get(budget.waiting or "")
    if why is not None:
        en.append(why.en)
        vi.append(why.vi)
    return Text(
        en=f"{mark(why is None)} Home internet: " + ", ".join(en),
        vi=f"{mark(why is None)} Mạng gia đình: " + ", ".join(vi),
    )


def _certificate(certificate: CertificateHealth) -> Text:
    """Until when the ward knows this node, and who sees to it that it stays so."""
    left, day, renewal = certificate.days_left, certificate.expires_utc[:10], RENEWALS[certificate.renewal]
    well = mark((left is None or left >= 0) and certificate.renewal != "failed")
    en, vi = (f" ({counted(left, 'day')})", f" (còn {left} ngày)") if left is not None and left >= 0 else ("", "")
    return Text(
        en=f"{well} Certificate: {'EXPIRED on' if left is not None and left < 0 else 'until'} {day}{en}, {renewal.en}",
        vi=f"{well} Chứng chỉ: {'ĐÃ HẾT HẠN ngày' if left is not None and left < 0 else 'đến'} {day}{vi}, {renewal.vi}",
    )


def _commands(commands: CommandsHealth) -> Text:
    """Many that are refused are a ward's program that is wrong, or somebody who should not be there."""
    return Text(
        en=f"{mark(not commands.unanswered)} Commands: {commands.accepted} taken, {commands.refused} refused"
        + (f" ({commands.unanswered} without an answer: too many)" if commands.unanswered else ""),
        vi=f"{mark(not commands.unanswered)} Lệnh: đã nhận {commands.accepted}, từ chối {commands.refused}"
        + (f" ({commands.unanswered} không trả lời vì quá nhiều)" if commands.unanswered else ""),
    )


def _rest(health: HealthMessage) -> Iterator[Text]:
    net, spool, disk, board = health.net, health.spool, health.disk, health.board
    wifi = f", {net.rssi_dbm} dBm" if net.rssi_dbm is not None else ""
    iface = f" ({net.iface}{wifi})" if net.iface else ""
    plain = Text(en=", NOT ENCRYPTED (insecure: true)", vi=", KHÔNG MÃ HOÁ (insecure: true)")
    well = mark(bool(net.connected) and not health.insecure)
    yield Text(
        en=f"{well} Ward: {'connected' if net.connected else 'NOT CONNECTED'}{iface}"
        + (plain.en if health.insecure else ""),
        vi=f"{well} Phường: {'đã kết nối' if net.connected else 'CHƯA KẾT NỐI'}{iface}"
        + (plain.vi if health.insecure else ""),
    )
    if health.certificate is not None:
        yield _certificate(health.certificate)
    if health.setup is not None:
        yield setup_line(health.setup)
    if health.household is not None:
        yield household_line(health.household)
    told = update_line(health.update) if health.update is not None else None
    if told is not None:
        yield told
    waiting, oldest = amount(spool.bytes), duration(spool.oldest_age_s)
    lost = spool.dropped_total
    messages, clips = counted(spool.messages, "message"), counted(spool.clips, "clip")
    yield Text(
        en=f"{mark(not lost)} Waiting: {messages} (oldest {oldest.en}), {clips}, {waiting}"
        + (f", lost {lost}" if lost else ""),
        vi=f"{mark(not lost)} Chờ gửi: {spool.messages} tin (cũ nhất {oldest.vi}), {spool.clips} clip, {waiting}"
        + (f", đã bỏ {lost}" if lost else ""),
    )
    yield _line(health)
    if health.commands is not None and (health.commands.accepted or health.commands.refused):
        yield _commands(health.commands)
    if disk is not None:
        free, written = amount(disk.free_mb * 1e6), amount((disk.written_mb_day or 0.0) * 1e6)
        readonly = Text(en=", READ-ONLY", vi=", CHỈ ĐỌC") if disk.readonly else Text(en="", vi="")
        yield Text(
            en=f"{mark(not disk.readonly)} Disk: {free} free, {written} written in 24 h{readonly.en}",
            vi=f"{mark(not disk.readonly)} Ổ đĩa: còn {free}, ghi {written} trong 24 giờ{readonly.vi}",
        )
    warm = f", {board.temp_c:.0f} °C" if board.temp_c is not None else ""
    held = f", {board.throttled}" if board.throttled and board.undervoltage else ""
    figures = f"CPU {health.agent.cpu_pct:.0f} %, {health.agent.rss_mb:.0f} MB"
    yield Text(
        en=f"{mark(not board.undervoltage)} Board: {board.model or '?'}, {figures}{warm}{held}",
        vi=f"{mark(not board.undervoltage)} Thiết bị: {board.model or '?'}, {figures}{warm}{held}",
    )
