"""Faults of the line to the ward and of what lets the node in, in words: what is wrong, what to do. Data only."""

from agent.i18n import Text
from agent.values import Severity

ALERT, WARNING, INFO = Severity.ALERT, Severity.WARNING, Severity.INFO

# code: (severity, what is wrong, what to do)
LINE_FAULTS: dict[str, tuple[Severity, Text, Text]] = {
    "broker_unreachable": (
        WARNING,
        Text(en="The ward's broker cannot be reached", vi="Không kết nối được máy chủ MQTT của phường"),
        Text(
            en="Check the node's network; messages are kept until the line is back",
            vi="Kiểm tra mạng của thiết bị; tin nhắn được giữ lại cho đến khi có mạng",
        ),
    ),
    "broker_auth": (
        ALERT,
        Text(
            en="The ward's broker refuses the user name, password or certificate",
            vi="Máy chủ MQTT của phường từ chối tên đăng nhập, mật khẩu hoặc chứng chỉ",
        ),
        Text(
            en="Correct `mqtt.username`, `mqtt.password_file` or `tls`",
            vi="Sửa `mqtt.username`, `mqtt.password_file` hoặc `tls`",
        ),
    ),
    "broker_tls": (
        ALERT,
        Text(
            en="No trusted connection to the ward's broker: the certificate does not fit",
            vi="Không có kết nối tin cậy tới máy chủ MQTT của phường: chứng chỉ không hợp lệ",
        ),
        Text(
            en="Check `tls.ca`, the host name in `mqtt.url` and the node's date",
            vi="Kiểm tra `tls.ca`, tên máy chủ trong `mqtt.url` và ngày giờ của thiết bị",
        ),
    ),
    "nobody_listens": (
        WARNING,
        Text(
            en="The broker takes this node's messages, but nobody at the ward has subscribed to them",
            vi="Máy chủ MQTT nhận tin của thiết bị nhưng ở phường không có chương trình nào đăng ký nhận",
        ),
        Text(
            en="Ask the ward to start its consumer, with a session that the broker keeps while it is away",
            vi="Nhờ phường bật chương trình nhận tin, với phiên được máy chủ giữ lại khi chương trình tạm nghỉ",
        ),
    ),
    "broker_refused": (
        WARNING,
        Text(en="The ward's broker refuses this node", vi="Máy chủ MQTT của phường từ chối thiết bị này"),
        Text(
            en="Ask the ward's operator to look at the broker's log",
            vi="Nhờ người vận hành ở phường xem nhật ký máy chủ",
        ),
    ),
    "upload_unreachable": (
        WARNING,
        Text(en="The ward's upload server cannot be reached", vi="Không kết nối được máy chủ nhận clip của phường"),
        Text(
            en="Check the node's network; clips are kept until the line is back",
            vi="Kiểm tra mạng của thiết bị; clip được giữ lại cho đến khi có mạng",
        ),
    ),
    "upload_auth": (
        ALERT,
        Text(
            en="The upload server refuses the user name, password or certificate",
            vi="Máy chủ nhận clip từ chối tên đăng nhập, mật khẩu hoặc chứng chỉ",
        ),
        Text(
            en="Correct `upload.username`, `upload.password_file` or `tls`",
            vi="Sửa `upload.username`, `upload.password_file` hoặc `tls`",
        ),
    ),
    "upload_tls": (
        ALERT,
        Text(
            en="No trusted connection to the upload server: the certificate does not fit",
            vi="Không có kết nối tin cậy tới máy chủ nhận clip: chứng chỉ không hợp lệ",
        ),
        Text(
            en="Check `tls.ca`, the host name in `upload.url` and the node's date",
            vi="Kiểm tra `tls.ca`, tên máy chủ trong `upload.url` và ngày giờ của thiết bị",
        ),
    ),
    "upload_refused": (
        WARNING,
        Text(en="The upload server refuses a clip", vi="Máy chủ nhận clip từ chối một clip"),
        Text(
            en="Ask the ward's operator to look at the server's log and its free space",
            vi="Nhờ người vận hành ở phường xem nhật ký và dung lượng trống của máy chủ",
        ),
    ),
    "certificate_expiring": (  # info from 30 days before, warning from 7, alert on the last
        INFO,
        Text(en="This node's certificate ends soon", vi="Chứng chỉ của thiết bị sắp hết hạn"),
        Text(
            en="Set `tls.renew` to renew it by itself, or enrol the node again: `camera-agent enrol`",
            vi="Đặt `tls.renew` để tự gia hạn, hoặc đăng ký lại thiết bị: `camera-agent enrol`",
        ),
    ),
    "certificate_expired": (
        ALERT,
        Text(
            en="This node's certificate has expired: the ward no longer lets it in",
            vi="Chứng chỉ của thiết bị đã hết hạn: phường không còn cho kết nối",
        ),
        Text(
            en="Ask the ward for a new token and run `camera-agent enrol`; nothing that waits for the ward is lost",
            vi="Xin phường mã đăng ký mới rồi chạy `camera-agent enrol`; dữ liệu đang chờ gửi không bị mất",
        ),
    ),
    "certificate_renewal": (
        WARNING,
        Text(en="This node's certificate could not be renewed", vi="Không gia hạn được chứng chỉ của thiết bị"),
        Text(
            en="Check `tls.renew` and that the ward's authority runs; it is tried again within a day or so",
            vi="Kiểm tra `tls.renew` và máy chủ cấp chứng chỉ của phường; khoảng một ngày sau sẽ thử lại",
        ),
    ),
}
