"""Are objects recognised, or only motion?"""

from agent.contract.answers import CheckRow
from agent.health.checks.facts import Facts, failed, only_live, row
from agent.i18n import Text

TELLS = Text(
    en="see the fault; `camera-agent model check FILE` tells more",
    vi="xem lỗi đang mở; `camera-agent model check FILE` cho biết thêm",
)


def check(facts: Facts) -> tuple[CheckRow, ...]:
    """One row."""
    times = [camera.inference_ms for camera in facts.report.cams if camera.inference_ms is not None]
    objects = [camera for camera in facts.report.cams if camera.vision == "objects"]
    if not facts.setup.model:
        text = Text(en="no model: motion only, as configured", vi="không có mô hình: chỉ phát hiện chuyển động")
        return (row("model", "ok", text),)
    if not facts.live:
        tried = facts.looked.model
        if tried is None:
            return (only_live("model", Text(en="not tried", vi="chưa thử")),)
        return (failed("model", tried.error, TELLS) if tried.error else row("model", "ok", tried.told),)
    if not objects:
        return (
            row(
                "model",
                "error",
                Text(en="the model is not used: motion only", vi="không dùng được mô hình: chỉ phát hiện chuyển động"),
                TELLS,
            ),
        )
    if not times:
        text = Text(en="nothing was recognised yet since the start", vi="chưa chạy mô hình lần nào từ lúc khởi động")
        return (row("model", "unknown", text),)
    slowest = max(times)
    return (row("model", "ok", Text(en=f"{slowest:.0f} ms a picture", vi=f"{slowest:.0f} ms mỗi hình")),)
