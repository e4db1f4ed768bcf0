"""Do clips leave?"""

from agent.contract.answers import CheckRow
from agent.health.checks.facts import Facts, failed, only_live, row
from agent.i18n import Text

BROKEN = "upload_"
CHECK = Text(en="check the network and `upload.url`", vi="hãy kiểm tra mạng và `upload.url`")
RESTS = {
    "quiet_hours": Text(en="resting: the household's quiet hours", vi="đang nghỉ: giờ nghỉ của gia đình"),
    "day_spent": Text(en="resting: the day's data is used up", vi="đang nghỉ: đã hết dung lượng trong ngày"),
}


def check(facts: Facts) -> tuple[CheckRow, ...]:
    """One row."""
    report = facts.report
    if not facts.setup.upload:
        text = Text(en="no upload server: clips stay here", vi="không có máy chủ nhận clip: clip ở lại thiết bị")
        return (row("upload", "ok", text),)
    if not facts.live:
        tried = facts.looked.upload
        if tried is None:
            return (only_live("upload", Text(en="not asked", vi="chưa hỏi")),)
        if tried.error is not None:
            return (failed("upload", tried.error, CHECK),)
        text = Text(en=f"{tried.name} answers ({tried.told.en})", vi=f"{tried.name} có trả lời ({tried.told.vi})")
        return (row("upload", "ok", text),)
    if any(code.startswith(BROKEN) for code in report.faults):
        return (
            row(
                "upload",
                "error",
                Text(en=f"the upload server fails; {report.spool.clips} clips wait",
                     vi=f"máy chủ nhận clip bị lỗi; {report.spool.clips} clip đang chờ"),
                Text(en="see the open fault", vi="xem lỗi đang mở"),
            ),
        )  # fmt: skip
    waiting = report.budget.waiting
    if waiting is not None:
        return (row("upload", "ok", RESTS[waiting]),)
    sent = report.net.uploaded_mb
    if sent is None and report.net.uplink_kbps is None:
        text = Text(en="nothing was sent yet since the start", vi="chưa gửi clip nào từ lúc khởi động")
        return (row("upload", "unknown", text),)
    kbps = f", {report.net.uplink_kbps:.0f} kbit/s" if report.net.uplink_kbps is not None else ""
    return (
        row(
            "upload",
            "ok",
            Text(en=f"{sent or 0:.0f} MB sent{kbps}; {report.spool.clips} clips wait",
                 vi=f"đã gửi {sent or 0:.0f} MB{kbps}; {report.spool.clips} clip đang chờ"),
        ),
    )  # fmt: skip
