"""Answers for people, as short tables in their language, and for programs, as JSON."""

import json
from datetime import date, datetime
from zoneinfo import ZoneInfo

from .report import Answer
from .words import Words

HEADS = {
    "node": Words("node", "thiết bị"),
    "label": Words("label", "tên"),
    "why": Words("why", "vì sao"),
    "since": Words("since", "từ lúc"),
    "last_health_at": Words("last health", "báo cáo cuối"),
    "fault_text": Words("last fault", "lỗi gần nhất"),
    "remedy": Words("remedy", "cách xử lý"),
    "cam": Words("camera", "camera"),
    "day": Words("day", "ngày"),
    "recorded_s": Words("recorded s", "đã ghi (giây)"),
    "expected_s": Words("expected s", "phải có (giây)"),
    "missing_s": Words("missing s", "thiếu (giây)"),
    "down_s": Words("off s", "ngừng chạy (giây)"),
    "restarts": Words("restarts", "khởi động lại"),
    "causes": Words("gaps by cause, s", "khoảng trống theo lý do, giây"),
    "at": Words("asked at", "lúc"),
    "officer": Words("officer", "cán bộ"),
    "case_ref": Words("case", "vụ việc"),
    "reason": Words("reason", "lý do"),
    "command": Words("command", "lệnh"),
    "from_at": Words("from", "từ"),
    "to_at": Words("to", "đến"),
    "result": Words("result", "kết quả"),
    "code": Words("code", "mã"),
    "text": Words("words", "lời giải thích"),
    "files": Words("files", "tệp"),
    "rule": Words("rule", "quy tắc"),
    "started_at": Words("began", "bắt đầu"),
    "clip_state": Words("clip", "clip"),
    "clip_url": Words("clip at", "clip ở"),
    "manifest_url": Words("manifest at", "tệp xác nhận ở"),
    "clip_reason": Words("clip: why", "clip: vì sao"),
    "job_url": Words("asked clip at", "clip theo yêu cầu ở"),
    "job_state": Words("asked clip", "clip theo yêu cầu"),
    "node_holds": Words("still on the node", "còn trên thiết bị"),
    "turns_at_earliest": Words("there about until", "còn giữ đến khoảng"),
    "held_until": Words("held until", "được giữ đến"),
}
VALUES = {
    "offline": Words("offline", "mất kết nối"),
    "stopped": Words("stopped", "đã dừng"),
    "no_health": Words("no health", "không báo cáo"),
    "True": Words("yes", "có"),
    "False": Words("no", "không"),
    "unanswered": Words("unanswered", "chưa trả lời"),
    "accepted": Words("accepted", "đã nhận"),
    "rejected": Words("rejected", "bị từ chối"),
    "planned": Words("planned", "đã lên kế hoạch"),
    "none": Words("none", "không có"),
    "recording": Words("recording", "đang ghi"),
    "queued": Words("queued", "đang chờ gửi"),
    "dropped": Words("dropped", "đã bỏ"),
    "waiting": Words("waiting", "đang chờ"),
    "uploading": Words("uploading", "đang gửi"),
    "uploaded": Words("uploaded", "đã gửi"),
    "done": Words("done", "xong"),
    "failed": Words("failed", "không được"),
    "cancelled": Words("cancelled", "đã huỷ"),
}
SHOWN = {
    "silent": ("node", "label", "why", "since", "last_health_at", "fault_text", "remedy"),
    "recorded": ("day", "node", "cam", "recorded_s", "expected_s", "missing_s", "down_s", "restarts", "causes"),
    "asked": (
        "at",
        "officer",
        "case_ref",
        "reason",
        "command",
        "node",
        "cam",
        "from_at",
        "to_at",
        "result",
        "code",
        "files",
    ),
}
NOTHING = {
    "silent": Words("No node is silent.", "Không có thiết bị nào im lặng."),
    "recorded": Words("No camera recorded less than expected.", "Không camera nào ghi thiếu."),
    "clip": Words("No such event.", "Không có sự kiện này."),
    "asked": Words("Nobody asked for anything.", "Không ai yêu cầu gì."),
}


def as_json(answer: Answer) -> str:
    """One JSON array."""
    return json.dumps(answer, ensure_ascii=False, default=_plain)


def as_text(about: str, answer: Answer, language: str, zone: ZoneInfo) -> str:
    """A table; one event's clip is shown line by line."""
    if not answer:
        return NOTHING[about].say(language)
    if about == "clip":
        return "\n\n".join("\n".join(_lines(row, language, zone)) for row in answer)
    columns = SHOWN[about]
    cells = [[HEADS[name].say(language) for name in columns]]
    cells += [[_cell(row[name], language, zone) for name in columns] for row in answer]
    widths = [max(len(line[index]) for line in cells) for index in range(len(columns))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells
    )


def _lines(row: dict[str, object], language: str, zone: ZoneInfo) -> list[str]:
    shown = [(HEADS[name].say(language), _cell(value, language, zone)) for name, value in row.items() if name in HEADS]
    width = max(len(head) for head, _ in shown)
    return [f"{head.ljust(width)}  {cell}" for head, cell in shown if cell != "-"]


def _cell(value: object, language: str, zone: ZoneInfo) -> str:
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, float):
        return f"{value:.1f}"
    if isinstance(value, dict):
        return ", ".join(f"{cause} {seconds}" for cause, seconds in value.items()) or "-"
    if isinstance(value, list):
        return " ".join(map(str, value)) or "-"
    text = str(value)
    return "-" if value in (None, "") else VALUES[text].say(language) if text in VALUES else text


def _plain(value: object) -> str | float:
    return value.isoformat() if isinstance(value, datetime | date) else float(str(value))
