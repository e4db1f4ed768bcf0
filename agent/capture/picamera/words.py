"""What is wrong with a Raspberry Pi camera, and what to do about it, for `agent.capture.problems`."""

from agent.i18n import Text

# Closer words than the ward's catalogue of faults has codes for.
PICAMERA_CODES = {
    "picamera_library": "camera_library",
    "picamera_absent": "camera_absent",
    "picamera_busy": "camera_permission",
    "picamera_permission": "camera_permission",
    "picamera_refused": "camera_settings",
    "picamera_silent": "camera_timeout",
    "picamera_encoder": "camera_encoder",
    "picamera_mask": "camera_mask",
    "picamera_stack": "camera_crashed",
}

CABLE = Text(
    en="Switch the node off, take the ribbon cable out at both ends and put it in straight and to the stop, contacts "
    "facing as before, close both latches; then `rpicam-hello --list-cameras` must list it",
    vi="Tắt thiết bị, rút cáp dẹt ở cả hai đầu rồi cắm lại thẳng, sát đáy, đúng mặt tiếp điểm, gài chặt hai chốt; "
    "sau đó lệnh `rpicam-hello --list-cameras` phải thấy camera",
)

PICAMERA_WORDS: dict[str, tuple[Text, Text]] = {
    "picamera_library": (
        Text(
            en="The camera software of the Raspberry Pi is not installed: {detail}",
            vi="Chưa cài phần mềm camera của Raspberry Pi: {detail}",
        ),
        Text(
            en="On Raspberry Pi OS: sudo apt install -y python3-picamera2",
            vi="Trên Raspberry Pi OS: sudo apt install -y python3-picamera2",
        ),
    ),
    "picamera_absent": (
        Text(
            en="The Raspberry Pi sees no camera {address}: {detail}",
            vi="Raspberry Pi không thấy camera {address}: {detail}",
        ),
        CABLE,
    ),
    "picamera_busy": (
        Text(
            en="Another program is using the camera {address}: {detail}",
            vi="Chương trình khác đang dùng camera {address}: {detail}",
        ),
        Text(
            en="Stop rpicam-vid, motion, a browser or a second agent; `sudo fuser -v /dev/media*` names it",
            vi="Hãy tắt rpicam-vid, motion, trình duyệt hoặc bản agent thứ hai; xem bằng `sudo fuser -v /dev/media*`",
        ),
    ),
    "picamera_permission": (
        Text(
            en="Not allowed to use the camera {address}: {detail}",
            vi="Không có quyền dùng camera {address}: {detail}",
        ),
        Text(
            en="The agent's user must be in group `video`: sudo usermod -aG video camera-agent, then restart",
            vi="Hãy thêm người dùng vào nhóm `video`: sudo usermod -aG video camera-agent, rồi khởi động lại",
        ),
    ),
    "picamera_refused": (
        Text(
            en="The camera {address} cannot do what is set: {detail}",
            vi="Camera {address} không làm được theo cài đặt: {detail}",
        ),
        Text(
            en="Remove that line under `picamera2`, or set a `width` and `height` that this camera has",
            vi="Hãy bỏ dòng đó trong mục `picamera2`, hoặc đặt `width` và `height` mà camera này có",
        ),
    ),
    "picamera_silent": (
        Text(
            en="The camera {address} has sent no picture for {detail}",
            vi="Camera {address} không gửi hình đã {detail}",
        ),
        CABLE,
    ),
    "picamera_encoder": (
        Text(
            en="The pictures of {address} cannot be encoded: {detail}",
            vi="Không mã hoá được hình của {address}: {detail}",
        ),
        Text(
            en="On a Pi up to 4 set at most 1920x1080; `ls /dev/video11` must find the encoder; then restart the node",
            vi="Với Pi 4 trở về trước, đặt tối đa 1920x1080; lệnh `ls /dev/video11` phải thấy bộ mã hoá; "
            "rồi khởi động lại thiết bị",
        ),
    ),
    "picamera_mask": (
        Text(
            en="The privacy masks of {address} cannot be painted, so it is stopped: {detail}",
            vi="Không tô được vùng che của {address} nên đã dừng camera: {detail}",
        ),
        Text(
            en="Nothing was shown unmasked. Restart the node; if it goes on, update Raspberry Pi OS",
            vi="Không có hình nào bị lộ. Hãy khởi động lại thiết bị; nếu vẫn lỗi, hãy cập nhật Raspberry Pi OS",
        ),
    ),
    "picamera_stack": (
        Text(
            en="The camera software of the Raspberry Pi failed: {detail}",
            vi="Phần mềm camera của Raspberry Pi bị lỗi: {detail}",
        ),
        Text(
            en="Starting it anew by itself; if it keeps happening, check power supply and ribbon cable, and update "
            "Raspberry Pi OS",
            vi="Đang tự khởi động lại; nếu lặp lại nhiều lần, hãy kiểm tra nguồn điện, cáp dẹt và cập nhật "
            "Raspberry Pi OS",
        ),
    ),
}
