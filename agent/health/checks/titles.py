"""What each check is called for people. A check of one camera has the camera's id behind its name."""

from agent.i18n import Text

TITLES = {
    "config": Text(en="Configuration", vi="Cấu hình"),
    "camera": Text(en="Camera", vi="Camera"),
    "model": Text(en="Detection model", vi="Mô hình nhận dạng"),
    "footage": Text(en="Footage kept", vi="Lưu hình"),
    "disk": Text(en="Disk", vi="Ổ đĩa"),
    "card": Text(en="Memory card", vi="Thẻ nhớ"),
    "clock": Text(en="Clock", vi="Đồng hồ"),
    "power": Text(en="Power supply", vi="Nguồn điện"),
    "heat": Text(en="Heat", vi="Nhiệt độ"),
    "wifi": Text(en="Wi-Fi", vi="Wi-Fi"),
    "line": Text(en="Ward's broker", vi="Máy chủ phường"),
    "tls": Text(en="Encryption (TLS)", vi="Mã hoá (TLS)"),
    "certificate": Text(en="Own certificate", vi="Chứng chỉ"),
    "server": Text(en="Ward's answer", vi="Phường trả lời"),
    "upload": Text(en="Sending clips", vi="Gửi clip"),
    "watchdog": Text(en="Watchdog", vi="Giám sát treo"),
    "service": Text(en="Service", vi="Dịch vụ"),
    "secrets": Text(en="Secret files", vi="Tệp bí mật"),
    "notice": Text(en="Notice by law", vi="Thông báo theo luật"),
    "packages": Text(en="Python packages", vi="Gói Python"),
    "faults": Text(en="Open faults", vi="Lỗi đang mở"),
    "fault": Text(en="Fault", vi="Lỗi"),
}


def title_of(name: str) -> Text:
    """`camera gate` becomes `Camera gate`; a name that is not known stays as it is."""
    kind, _, which = name.partition(" ")
    title = TITLES.get(kind, Text(en=kind, vi=kind))
    return Text(en=f"{title.en} {which}", vi=f"{title.vi} {which}") if which else title
