"""Is footage recorded as it should be, and none kept for longer than it may be?"""

from agent.contract.answers import CheckRow
from agent.contract.base import parse_utc
from agent.contract.health import CameraHealth
from agent.health.checks.facts import Facts, only_live, row
from agent.i18n import Text

DAY_NS = 86_400 * 10**9
SLACK_DAYS = 1.0
MOST_MISSING = 0.05
LONG_S = 300.0  # before that a share tells nothing


def check(facts: Facts) -> tuple[CheckRow, ...]:
    """One row per camera."""
    if not facts.live:
        days = f"{facts.setup.max_days:g}"
        return (only_live("footage", Text(en=f"at most {days} days are wanted", vi=f"cần giữ nhiều nhất {days} ngày")),)
    return tuple(_one(camera, facts) for camera in facts.report.cams)


def _one(camera: CameraHealth, facts: Facts) -> CheckRow:
    name = f"footage {camera.id}"
    if camera.footage_oldest_utc is None or not facts.clock_trusted:
        return row(name, "unknown", Text(en="nothing that can be dated yet", vi="chưa có hình nào xác định được ngày"))
    days = (facts.now_ns - parse_utc(camera.footage_oldest_utc)) / DAY_NS
    if days > facts.setup.max_days + SLACK_DAYS:
        return row(
            name,
            "error",
            Text(
                en=f"footage is {days:.1f} days old, {facts.setup.max_days:g} are allowed",
                vi=f"hình đã {days:.1f} ngày, chỉ được giữ {facts.setup.max_days:g}",
            ),
            Text(en="see the faults about the disk and the clock", vi="xem các lỗi về ổ đĩa và đồng hồ"),
        )
    expected, gap = camera.expected_s or 0.0, camera.gap_s or 0.0
    missing = gap / expected if expected > LONG_S else 0.0
    text = Text(
        en=f"{days:.1f} of {facts.setup.max_days:g} days, {missing:.1%} missing since the start",
        vi=f"{days:.1f}/{facts.setup.max_days:g} ngày, thiếu {missing:.1%} từ lúc khởi động",
    )
    return row(name, "warn" if missing > MOST_MISSING else "ok", text)
