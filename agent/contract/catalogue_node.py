"""Faults of the configuration, the disk and the node itself, in words: what is wrong, what to do. Data only."""

from agent.i18n import Text
from agent.values import Severity

ALERT, WARNING, INFO = Severity.ALERT, Severity.WARNING, Severity.INFO

# code: (severity, what is wrong, what to do)
NODE_FAULTS: dict[str, tuple[Severity, Text, Text]] = {
    "secret_unreadable": (
        ALERT,
        Text(en="A password file cannot be read", vi="Không đọc được tệp mật khẩu"),
        Text(
            en="Correct the path in `password_file` and let the agent's user read the file",
            vi="Sửa đường dẫn trong `password_file` và cho người dùng của dịch vụ quyền đọc tệp",
        ),
    ),
    "config_invalid": (
        ALERT,
        Text(en="The configuration has mistakes", vi="Tệp cấu hình có lỗi"),
        Text(
            en="Run `camera-agent check-config` and correct what it names",
            vi="Chạy `camera-agent check-config` rồi sửa những chỗ được nêu",
        ),
    ),
    "config_broken": (
        ALERT,
        Text(
            en="The configuration file cannot be used, the last good one runs",
            vi="Không dùng được tệp cấu hình, đang chạy bản tốt gần nhất",
        ),
        Text(
            en="Run `camera-agent check-config`, correct what it names, then `systemctl restart camera-agent`",
            vi="Chạy `camera-agent check-config`, sửa những chỗ được nêu, rồi `systemctl restart camera-agent`",
        ),
    ),
    "paused": (
        INFO,
        Text(en="The household has stopped recording for a while", vi="Gia đình đã tạm dừng ghi hình"),
        Text(
            en="Nothing to do: it goes on by itself. How long and how often it may be, the ward says in `household:`",
            vi="Không cần làm gì: thiết bị tự ghi lại. Phường quy định được dừng bao lâu, mấy lần ở mục `household:`",
        ),
    ),
    "config_set_aside": (
        INFO,
        Text(
            en="The installer changed the configuration file: what the ward had applied no longer counts",
            vi="Tệp cấu hình trên thiết bị đã được sửa: cấu hình phường gửi trước đó không còn hiệu lực",
        ),
        Text(
            en="Nothing, or let the ward apply its configuration once more",
            vi="Không cần làm gì, hoặc nhờ phường gửi lại cấu hình",
        ),
    ),
    "config_store": (
        WARNING,
        Text(en="What the ward applied cannot be used", vi="Không dùng được cấu hình phường đã gửi"),
        Text(
            en="The node runs the installer's file; ask the ward to apply its configuration again",
            vi="Thiết bị đang dùng tệp cấu hình trên máy; nhờ phường gửi lại cấu hình",
        ),
    ),
    "update_returned": (
        WARNING,
        Text(
            en="A new version of the program did not work, the one before runs again",
            vi="Phiên bản phần mềm mới không chạy được, thiết bị đã trở lại phiên bản trước",
        ),
        Text(
            en="`camera-agent update --status` says why; the ward sends a mended version",
            vi="`camera-agent update --status` cho biết lý do; phường sẽ gửi phiên bản đã sửa",
        ),
    ),
    "update_refused": (
        WARNING,
        Text(en="An update was not taken", vi="Bản cập nhật không được nhận"),
        Text(
            en="`camera-agent update --status` says why; the version before runs on",
            vi="`camera-agent update --status` cho biết lý do; phiên bản cũ vẫn chạy",
        ),
    ),
    "disk_full": (
        ALERT,
        Text(en="The disk is full", vi="Ổ đĩa đã đầy"),
        Text(
            en="Remove other files from the disk, or lower `footage.budget`",
            vi="Xoá bớt tệp khác trên ổ đĩa, hoặc giảm `footage.budget`",
        ),
    ),
    "storage_error": (
        ALERT,
        Text(en="The disk cannot be written or read", vi="Không ghi hoặc đọc được ổ đĩa"),
        Text(
            en="Restart the node; if it comes back, replace the memory card or disk",
            vi="Khởi động lại thiết bị; nếu vẫn lỗi, hãy thay thẻ nhớ hoặc ổ đĩa",
        ),
    ),
    "evidence_key": (
        WARNING,
        Text(
            en="Footage is not sealed: the device key cannot be used",
            vi="Hình chưa được niêm phong: khoá không dùng được",
        ),
        Text(
            en="See what is wrong with `evidence/device.key` in the data directory; recording goes on without a seal",
            vi="Xem lại `evidence/device.key` trong thư mục dữ liệu; vẫn ghi hình nhưng không niêm phong",
        ),
    ),
    "evidence_foreign": (
        WARNING,
        Text(
            en="Footage on this card was sealed by another device",
            vi="Hình trên thẻ này do thiết bị khác niêm phong",
        ),
        Text(
            en="Was the card or the key exchanged? What is recorded from now on has a chain of its own",
            vi="Thẻ nhớ hoặc khoá có bị đổi không? Hình ghi từ nay có chuỗi riêng",
        ),
    ),
    "clock_untrusted": (
        WARNING,
        Text(en="The clock has not been set yet", vi="Đồng hồ chưa được chỉnh đúng giờ"),
        Text(
            en="Check that the node reaches a time server (NTP); times are corrected afterwards",
            vi="Kiểm tra thiết bị có kết nối được máy chủ giờ (NTP); thời gian sẽ được sửa lại sau",
        ),
    ),
    "clock_suspect": (
        WARNING,
        Text(
            en="The clock does not fit the footage of the start before: nothing is deleted by its date",
            vi="Đồng hồ không khớp với hình đã ghi ở lần chạy trước: không xoá hình nào theo ngày",
        ),
        Text(
            en="Check the node's date and its time server; if the node was switched off for over 30 days, all is well",
            vi="Kiểm tra ngày giờ và máy chủ giờ của thiết bị; nếu thiết bị đã tắt hơn 30 ngày thì không sao",
        ),
    ),
    "clock_differs": (
        WARNING,
        Text(
            en="The clocks of this node and of the ward's server differ",
            vi="Đồng hồ của thiết bị và của máy chủ phường lệch nhau",
        ),
        Text(
            en="Check which of the two is wrong: the node keeps its own time, from its time server (NTP)",
            vi="Kiểm tra bên nào sai: thiết bị vẫn theo giờ của mình, lấy từ máy chủ giờ (NTP)",
        ),
    ),
    "duplicate_identity": (
        ALERT,
        Text(en="Another node uses the same id", vi="Có thiết bị khác dùng trùng mã"),
        Text(en="Give each node its own `node.id`", vi="Đặt cho mỗi thiết bị một `node.id` riêng"),
    ),
    "page_port": (
        INFO,
        Text(en="The local page cannot open its port", vi="Trang xem tại chỗ không mở được cổng"),
        Text(en="Choose another `page.port`", vi="Chọn `page.port` khác"),
    ),
    "metrics_failed": (
        INFO,
        Text(en="The figures for Prometheus cannot be given", vi="Không xuất được số liệu cho Prometheus"),
        Text(en="Correct `metrics.textfile` or `metrics.port`", vi="Sửa `metrics.textfile` hoặc `metrics.port`"),
    ),
    "insecure_link": (
        WARNING,
        Text(
            en="The line to the ward is not encrypted: anyone on the way can read along",
            vi="Đường truyền về phường không mã hoá: người khác trên đường truyền có thể đọc được",
        ),
        Text(
            en="Use mqtts:// and https:// and remove `insecure: true`",
            vi="Dùng mqtts:// và https://, rồi bỏ `insecure: true`",
        ),
    ),
    "worker_stuck": (
        ALERT,
        Text(en="A part of the agent no longer answers", vi="Một phần của chương trình không còn phản hồi"),
        Text(
            en="It restarts by itself; if this repeats, report it",
            vi="Chương trình sẽ tự khởi động lại; nếu lặp lại, hãy báo lỗi",
        ),
    ),
    "footage_dropped": (
        WARNING,
        Text(en="Some footage was lost: the disk is too slow", vi="Mất một phần hình ghi: ổ đĩa quá chậm"),
        Text(
            en="Use a faster memory card, or lower the camera's bit rate",
            vi="Dùng thẻ nhớ nhanh hơn, hoặc giảm tốc độ bit của camera",
        ),
    ),
    "footage_pending_lost": (
        ALERT,
        Text(
            en="Footage that a clip was waiting for had to be removed: there was no other room",
            vi="Phải xoá hình mà một clip đang chờ: không còn chỗ nào khác",
        ),
        Text(
            en="Check the line to the ward; release holds, raise `footage.budget` or free the disk",
            vi="Kiểm tra đường truyền về phường; bỏ bớt lệnh giữ, tăng `footage.budget` hoặc dọn ổ đĩa",
        ),
    ),
    "spool_full": (
        WARNING,
        Text(
            en="Too much waits for the ward: the least important was dropped",
            vi="Quá nhiều dữ liệu chờ gửi về phường: phần ít quan trọng nhất đã bị bỏ",
        ),
        Text(en="Check the line to the ward", vi="Kiểm tra đường truyền về phường"),
    ),
    "internal": (
        WARNING,
        Text(en="Something unexpected happened", vi="Có lỗi ngoài dự kiến"),
        Text(
            en="It is tried again; if this repeats, report it with the log",
            vi="Chương trình sẽ thử lại; nếu lặp lại, hãy báo lỗi kèm nhật ký",
        ),
    ),
    "power_weak": (
        WARNING,
        Text(en="The power supply is or was too weak", vi="Nguồn điện đang hoặc đã từng quá yếu"),
        Text(
            en="Use the board's own power supply and a short thick cable",
            vi="Dùng bộ nguồn chính hãng của bo mạch và dây ngắn, to",
        ),
    ),
    "too_hot": (
        WARNING,
        Text(en="The board is too hot and slows itself down", vi="Bo mạch quá nóng nên tự chạy chậm lại"),
        Text(
            en="Give it shade, air around it, or a heat sink",
            vi="Che nắng, để thoáng xung quanh hoặc gắn thêm tản nhiệt",
        ),
    ),
    "detection_slowed": (
        WARNING,
        Text(
            en="Detection runs at half its rate or less, because the board is hot or overloaded",
            vi="Nhận dạng chỉ chạy một nửa tốc độ hoặc ít hơn, vì bo mạch nóng hoặc quá tải",
        ),
        Text(
            en="Give the board shade and air; or take fewer cameras, or a lower `analysis_fps`",
            vi="Che nắng, để thoáng bo mạch; hoặc bớt camera, hoặc giảm `analysis_fps`",
        ),
    ),
    "provider_failed": (
        WARNING,
        Text(
            en="The graphics processor cannot run the detection model; the CPU runs it",
            vi="Bộ xử lý đồ hoạ không chạy được mô hình nhận dạng; CPU đang chạy thay",
        ),
        Text(
            en="Detection goes on, only slower. Set `detection.provider: cpu`, or mend the graphics driver",
            vi="Vẫn nhận dạng được, chỉ chậm hơn. Đặt `detection.provider: cpu`, hoặc sửa trình điều khiển đồ hoạ",
        ),
    ),
}
