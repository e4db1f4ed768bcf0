"""The wording of what goes wrong with network cameras only; a part of `problems.WORDS`. Data only."""

from agent.i18n import Text

NETWORK_WORDS: dict[str, tuple[Text, Text]] = {
    "camera_host": (
        Text(en="No machine is called {detail}", vi="Không có máy nào tên {detail}"),
        Text(
            en="Write the camera's IP address into `source`; the router's page lists it",
            vi="Hãy ghi địa chỉ IP của camera vào `source`; trang của bộ định tuyến (router) có ghi",
        ),
    ),
    "camera_certificate": (
        Text(
            en="The camera {address} does not prove itself with `ca_file`: {detail}",
            vi="Chứng chỉ của camera {address} không khớp với `ca_file`: {detail}",
        ),
        Text(
            en="Fetch the camera's certificate anew, or check that nobody has put another device in its place",
            vi="Hãy lấy lại chứng chỉ của camera, hoặc kiểm tra xem có ai thay bằng thiết bị khác không",
        ),
    ),
    "camera_ca_file": (
        Text(en="There is no certificate in {detail}", vi="Không có chứng chỉ trong {detail}"),
        Text(
            en="`ca_file` must name a PEM file that the agent may read",
            vi="`ca_file` phải là một tệp PEM mà chương trình đọc được",
        ),
    ),
    "camera_tls": (
        Text(en="The camera {address} does not speak TLS here", vi="Camera {address} không dùng TLS ở cổng này"),
        Text(
            en="Switch RTSPS on in the camera and check the port, or write rtsp:// instead of rtsps://",
            vi="Hãy bật RTSPS trong camera và kiểm tra cổng, hoặc ghi rtsp:// thay cho rtsps://",
        ),
    ),
    "camera_declined": (
        Text(en="The camera {address} answers with an error: {detail}", vi="Camera {address} trả lời lỗi: {detail}"),
        Text(
            en="It may have too many viewers: close other recorders and telephone apps, or restart the camera",
            vi="Có thể quá nhiều người đang xem: hãy tắt đầu ghi hoặc ứng dụng khác, hoặc khởi động lại camera",
        ),
    ),
    "camera_damaged": (
        Text(
            en="{address} sends pictures that cannot be decoded, for {detail}",
            vi="{address} gửi hình không giải mã được, đã {detail}",
        ),
        Text(
            en="Switch off stream encryption in the camera's settings; reconnecting by itself",
            vi="Hãy tắt mã hoá luồng (stream encryption) trong cài đặt camera; đang tự kết nối lại",
        ),
    ),
}
