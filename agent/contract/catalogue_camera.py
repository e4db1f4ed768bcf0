"""The wording of the faults of cameras and models: what is wrong, and what a person at the camera can do. Data only."""

from agent.i18n import Text
from agent.values import Severity

ALERT, WARNING, INFO = Severity.ALERT, Severity.WARNING, Severity.INFO

# code: (severity, what is wrong, what to do)
CAMERA_FAULTS: dict[str, tuple[Severity, Text, Text]] = {
    "camera_absent": (
        ALERT,
        Text(en="The camera is not there", vi="Không tìm thấy camera"),
        Text(
            en="Check the plug and the cable; unplug it and plug it in again",
            vi="Kiểm tra phích cắm và dây cáp; rút camera ra rồi cắm lại",
        ),
    ),
    "camera_permission": (
        ALERT,
        Text(en="The agent may not open the camera", vi="Chương trình không có quyền mở camera"),
        Text(
            en="Add the agent's user to the group `video` and restart the service",
            vi="Thêm người dùng của dịch vụ vào nhóm `video` rồi khởi động lại dịch vụ",
        ),
    ),
    "camera_auth": (
        ALERT,
        Text(en="The camera refuses the user name or password", vi="Camera từ chối tên đăng nhập hoặc mật khẩu"),
        Text(
            en="Correct `username` and `password_file` of this camera",
            vi="Sửa `username` và `password_file` của camera này",
        ),
    ),
    "camera_path": (
        ALERT,
        Text(en="The camera answers, but has no such stream", vi="Camera có trả lời nhưng không có luồng hình này"),
        Text(
            en="Correct the path at the end of `source`; the camera's manual names it",
            vi="Sửa phần đường dẫn cuối `source`; xem trong sách hướng dẫn của camera",
        ),
    ),
    "camera_unreachable": (
        ALERT,
        Text(en="The camera cannot be reached over the network", vi="Không kết nối được với camera qua mạng"),
        Text(
            en="Check the camera's power and network cable, then its address in `source`",
            vi="Kiểm tra nguồn điện và dây mạng của camera, sau đó là địa chỉ trong `source`",
        ),
    ),
    "camera_silent": (
        ALERT,
        Text(en="The camera is connected but sends no picture", vi="Camera đã kết nối nhưng không gửi hình"),
        Text(en="Switch the camera off and on again", vi="Tắt camera rồi bật lại"),
    ),
    "camera_damaged": (
        ALERT,
        Text(en="The camera's pictures cannot be decoded", vi="Không giải mã được hình của camera"),
        Text(
            en="Switch off stream encryption in the camera's settings, then restart the camera",
            vi="Tắt mã hoá luồng (stream encryption) trong cài đặt camera, rồi khởi động lại camera",
        ),
    ),
    "camera_certificate": (
        ALERT,
        Text(en="The camera's certificate is not the expected one", vi="Chứng chỉ của camera không đúng"),
        Text(
            en="Correct `ca_file`, or check that nobody has put another device in the camera's place",
            vi="Sửa `ca_file`, hoặc kiểm tra xem có ai thay camera bằng thiết bị khác không",
        ),
    ),
    "camera_unproven": (
        INFO,
        Text(
            en="The camera's line is encrypted, but any device may pretend to be the camera",
            vi="Đường truyền camera có mã hoá, nhưng thiết bị khác có thể giả làm camera",
        ),
        Text(
            en="Name the camera's certificate in `ca_file`",
            vi="Ghi chứng chỉ của camera vào `ca_file`",
        ),
    ),
    "camera_changed": (
        WARNING,
        Text(
            en="The camera changed its picture size or codec while running",
            vi="Camera đổi cỡ hình hoặc chuẩn nén khi đang chạy",
        ),
        Text(
            en="Nothing, if somebody changed its settings; else set a fixed size and codec in the camera",
            vi="Không cần làm gì nếu có người vừa đổi cài đặt; nếu không, hãy đặt cố định cỡ hình và chuẩn nén",
        ),
    ),
    "camera_time_jumped": (
        WARNING,
        Text(en="The camera's time stamps jumped", vi="Dấu thời gian của camera bị nhảy"),
        Text(
            en="Set the camera's clock by a time server (NTP) in its settings",
            vi="Đặt giờ camera theo máy chủ thời gian (NTP) trong cài đặt của camera",
        ),
    ),
    "camera_codec": (
        ALERT,
        Text(
            en="The camera's video codec cannot be kept in MP4",
            vi="Không lưu được chuẩn nén hình của camera này vào tệp MP4",
        ),
        Text(
            en="Set the camera to H.264 or H.265, or write `transcode: true`",
            vi="Đặt camera sang H.264 hoặc H.265, hoặc ghi `transcode: true`",
        ),
    ),
    "camera_file": (
        ALERT,
        Text(en="The video file is missing or damaged", vi="Tệp video không có hoặc bị hỏng"),
        Text(
            en="Check the path in `source` and play the file elsewhere",
            vi="Kiểm tra đường dẫn trong `source` và mở thử tệp",
        ),
    ),
    "camera_stuck": (
        ALERT,
        Text(en="The camera's driver no longer answers", vi="Trình điều khiển camera không còn phản hồi"),
        Text(
            en="Unplug the camera and plug it in again; if that fails, restart the node",
            vi="Rút camera ra rồi cắm lại; nếu chưa được, hãy khởi động lại thiết bị",
        ),
    ),
    "camera_timeout": (
        ALERT,
        Text(
            en="The camera on the ribbon cable sends no pictures: its frontend has timed out",
            vi="Camera nối cáp dẹt không gửi hình: khối thu hình hết thời gian chờ",
        ),
        Text(
            en="Switch the node off and plug the ribbon cable in anew, straight and to the stop at both ends",
            vi="Tắt thiết bị, rút cáp dẹt rồi cắm lại thẳng và sát đáy ở cả hai đầu",
        ),
    ),
    "camera_crashed": (
        ALERT,
        Text(en="The program that reads the camera ended unexpectedly", vi="Chương trình đọc camera dừng bất ngờ"),
        Text(
            en="It is started anew by itself; check the power supply and the camera's cable",
            vi="Thiết bị tự khởi động lại chương trình này; hãy kiểm tra nguồn điện và dây cáp của camera",
        ),
    ),
    "camera_unkillable": (
        ALERT,
        Text(
            en="The camera hangs in its driver and cannot be started anew",
            vi="Camera bị treo trong trình điều khiển, không khởi động lại được",
        ),
        Text(
            en="Unplug the camera and plug it in again; if that fails, switch the node off and on",
            vi="Rút camera ra rồi cắm lại; nếu chưa được, hãy tắt thiết bị rồi bật lại",
        ),
    ),
    "camera_library": (
        ALERT,
        Text(en="The camera's software is not installed", vi="Chưa cài phần mềm của camera"),
        Text(
            en="On a Raspberry Pi: sudo apt install -y python3-picamera2",
            vi="Trên Raspberry Pi: sudo apt install -y python3-picamera2",
        ),
    ),
    "camera_settings": (
        ALERT,
        Text(en="The camera cannot do what is set for it", vi="Camera không làm được theo cài đặt"),
        Text(
            en="Correct this camera's settings; the message names the line",
            vi="Sửa cài đặt của camera này; thông báo có nêu dòng cần sửa",
        ),
    ),
    "camera_encoder": (
        ALERT,
        Text(en="The camera's pictures cannot be encoded", vi="Không mã hoá được hình của camera"),
        Text(
            en="Set a smaller `width` and `height`; if it goes on, restart the node",
            vi="Đặt `width` và `height` nhỏ hơn; nếu vẫn lỗi, hãy khởi động lại thiết bị",
        ),
    ),
    "camera_mask": (
        ALERT,
        Text(
            en="The privacy masks cannot be painted, so the camera is stopped",
            vi="Không tô được vùng che riêng tư nên camera đã dừng",
        ),
        Text(
            en="Nothing was shown unmasked; restart the node",
            vi="Không có hình nào bị lộ; hãy khởi động lại thiết bị",
        ),
    ),
    "encoder_slow": (
        WARNING,
        Text(
            en="Encoding needs more CPU than it may take: pictures are left out of the footage",
            vi="Mã hoá hình cần nhiều CPU hơn mức cho phép: video lưu lại bị bớt hình",
        ),
        Text(
            en="Set a smaller `width`, `height` or `fps`, take a camera with H.264, or raise `encode_cpu`",
            vi="Giảm `width`, `height` hoặc `fps`, dùng camera có H.264, hoặc tăng `encode_cpu`",
        ),
    ),
    "camera_escalated": (
        ALERT,
        Text(
            en="A camera hangs; the agent or the device was restarted because of it",
            vi="Camera bị treo; chương trình hoặc thiết bị đã được khởi động lại vì việc này",
        ),
        Text(
            en="If it does not help, unplug the camera and plug it in again, then check its cable and power supply",
            vi="Nếu chưa được, hãy rút camera ra cắm lại, rồi kiểm tra dây cáp và nguồn điện",
        ),
    ),
    "model_missing": (
        WARNING,
        Text(
            en="No detection model: the node sees motion only",
            vi="Không có mô hình nhận dạng: thiết bị chỉ thấy chuyển động",
        ),
        Text(
            en="Install the model and name it in `detection.model`",
            vi="Cài mô hình và ghi đường dẫn vào `detection.model`",
        ),
    ),
    "model_broken": (
        WARNING,
        Text(
            en="The detection model cannot be used: the node sees motion only",
            vi="Không dùng được mô hình nhận dạng: thiết bị chỉ thấy chuyển động",
        ),
        Text(en="Install the model again", vi="Cài lại mô hình"),
    ),
    "model_labels": (
        WARNING,
        Text(
            en="It is not known what the detection model calls what it finds: the node sees motion only",
            vi="Không rõ mô hình nhận dạng gọi tên vật thể ra sao: thiết bị chỉ thấy chuyển động",
        ),
        Text(
            en="Give the right list of labels in `detection.labels`", vi="Ghi đúng danh sách nhãn ở `detection.labels`"
        ),
    ),
    "classes_unknown": (
        WARNING,
        Text(
            en="Rules ask for classes that the detection model does not know",
            vi="Có luật cần loại vật thể mà mô hình nhận dạng không biết",
        ),
        Text(en="Correct the `classes` of these rules", vi="Sửa `classes` của các luật này"),
    ),
    "model_mismatch": (
        WARNING,
        Text(
            en="The detection model is not the expected one: its sha256 differs",
            vi="Mô hình nhận dạng không đúng bản đã định: mã sha256 khác",
        ),
        Text(
            en="Install the right model, or correct `detection.sha256`",
            vi="Cài đúng mô hình, hoặc sửa `detection.sha256`",
        ),
    ),
}
