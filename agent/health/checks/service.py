"""Does the agent start with the device, and does it stay up? Only a command beside the node asks systemd."""

from agent.contract.answers import CheckRow
from agent.health.checks.facts import Facts, row
from agent.i18n import Text

NAME = "service"
MANY = 5
INSTALL = Text(en="install it: sudo sh deploy/install.sh", vi="hãy cài đặt: sudo sh deploy/install.sh")
ENABLE = Text(en="sudo systemctl enable camera-agent", vi="sudo systemctl enable camera-agent")
START = Text(en="sudo systemctl start camera-agent", vi="sudo systemctl start camera-agent")
LOGS = Text(en="see why: camera-agent logs --level warning", vi="xem lý do: camera-agent logs --level warning")
AT_BOOT = ("enabled", "enabled-runtime", "static", "alias", "generated", "linked")


def check(facts: Facts) -> tuple[CheckRow, ...]:
    """One row; none where nobody asked."""
    service = facts.looked.service
    if service is None:
        return ()
    if not service.installed:
        text = Text(en="there is no service: nobody starts the agent", vi="chưa có dịch vụ: không gì chạy chương trình")
        return (row(NAME, "warn", text, INSTALL),)
    if service.active == "failed":
        return (row(NAME, "error", Text(en="it failed and was given up", vi="bị lỗi và đã ngừng hẳn"), LOGS),)
    if service.active not in ("active", "reloading"):
        words = f"{service.active} ({service.sub})" if service.sub else service.active
        waits = service.active == "activating"
        text = Text(en=f"it does not run: {words}", vi=f"không chạy: {words}")
        return (row(NAME, "error", text, LOGS if waits else START),)
    if service.enabled not in AT_BOOT:
        text = Text(en="it runs, but does not start with the device", vi="đang chạy, nhưng không tự chạy khi bật máy")
        return (row(NAME, "warn", text, ENABLE),)
    count = service.restarts
    text = Text(en=f"runs, starts with the device; started anew {count} times",
                vi=f"đang chạy, tự chạy khi bật máy; đã khởi động lại {count} lần")  # fmt: skip
    return (row(NAME, "warn" if count >= MANY else "ok", text, LOGS if count >= MANY else None),)
