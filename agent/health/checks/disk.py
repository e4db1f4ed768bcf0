"""Is there room on the disk, and does it take what is written?"""

from agent.contract.answers import CheckRow
from agent.health.checks.facts import Facts, failed, row
from agent.health.conditions import disk_fault
from agent.i18n import Text

ROOM = Text(en="free some space, or use a larger card", vi="hãy giải phóng dung lượng hoặc dùng thẻ lớn hơn")
LOW_MB = 500.0


def check(facts: Facts) -> tuple[CheckRow, ...]:
    """One row."""
    disk, written = facts.report.disk, facts.looked.disk
    if written is not None and written.error is not None:
        return (failed("disk", written.error, ROOM),)
    if disk is None:
        return (row("disk", "unknown", Text(en="the disk does not tell", vi="không đọc được trạng thái ổ đĩa")),)
    code, text = disk_fault(disk)
    free = Text(en=f"{disk.free_mb:.0f} MB free", vi=f"còn trống {disk.free_mb:.0f} MB")
    if code is not None:
        return (row("disk", "error", text or free, ROOM),)
    return (row("disk", "warn" if disk.free_mb < LOW_MB else "ok", free, ROOM if disk.free_mb < LOW_MB else None),)
