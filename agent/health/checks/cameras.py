"""Does each camera give pictures, and is its view good?"""

from agent.contract.answers import CheckRow
from agent.contract.health import CameraHealth
from agent.health.checks.facts import Facts, Tried, failed, row
from agent.i18n import Text

STATES = {
    "starting": Text(en="starting", vi="đang khởi động"),
    "lost": Text(en="gives no picture", vi="không có hình"),
    "ended": Text(en="its file has ended", vi="tệp đã hết"),
}
VIEWS = {
    "dark": Text(en="sees nothing but dark", vi="chỉ thấy tối"),
    "blurred": Text(en="is out of focus", vi="bị mờ"),
    "moved": Text(en="was moved", vi="bị xoay lệch"),
    "covered": Text(en="is covered", vi="bị che"),
    "blinded": Text(en="is blinded by light", vi="bị chói"),
}
LOST = Text(en="check its power, cable and address", vi="hãy kiểm tra nguồn, dây và địa chỉ của camera")
LOOK = Text(en="look at the camera: clean it, turn it back", vi="hãy xem camera: lau ống kính, xoay lại cho đúng")


def check(facts: Facts) -> tuple[CheckRow, ...]:
    """One row per camera."""
    if not facts.live:
        return tuple(_tried(camera) for camera in facts.looked.cameras)
    return tuple(_one(camera) for camera in facts.report.cams)


def _tried(camera: Tried) -> CheckRow:
    name = f"camera {camera.name}"
    return row(name, "ok", camera.told) if camera.error is None else failed(name, camera.error, LOST)


def _one(camera: CameraHealth) -> CheckRow:
    name = f"camera {camera.id}"
    if camera.state != "ok":
        why = STATES[camera.state]
        cause = f" ({camera.cause})" if camera.cause else ""
        return row(
            name,
            "warn" if camera.state == "starting" else "error",
            Text(en=f"{why.en}{cause}", vi=f"{why.vi}{cause}"),
            LOST,
        )
    if camera.view not in (None, "ok"):
        return row(name, "warn", VIEWS[camera.view or "dark"], LOOK)
    size = f"{camera.width}x{camera.height}, " if camera.width and camera.height else ""
    return row(
        name,
        "ok",
        Text(
            en=f"{size}{camera.fps:.0f} pictures a second, {camera.analysed_fps:.0f} looked at",
            vi=f"{size}{camera.fps:.0f} hình/giây, phân tích {camera.analysed_fps:.0f}",
        ),
    )
