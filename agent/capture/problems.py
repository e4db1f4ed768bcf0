"""Every way a camera can fail, said so that an installer knows what to do. Library errors become CameraError here.

The address in a message never holds a password: only the configured source, which has none, is printed.
"""

import errno

import av

from agent.capture.network_words import NETWORK_WORDS
from agent.capture.picamera.words import PICAMERA_CODES, PICAMERA_WORDS
from agent.errors import CameraError
from agent.i18n import Text
from agent.system_words import reason

UNREACHABLE = (
    errno.ECONNREFUSED,
    errno.EHOSTUNREACH,
    errno.ENETUNREACH,
    errno.ECONNRESET,
    errno.EPIPE,
    errno.EADDRNOTAVAIL,
)
GONE = (errno.ENODEV, errno.ENXIO, errno.EIO)


# Closer words than the ward's catalogue of faults has codes for.
CODES = {
    "camera_busy": "camera_permission",
    "camera_refused": "camera_codec",
    "camera_no_camera": "camera_codec",
    "camera_no_format": "camera_codec",
    "camera_must_encode": "camera_codec",
    "camera_usb_full": "camera_codec",
    "camera_usb_error": "camera_silent",
    "camera_encoder": "camera_codec",
    "camera_no_video": "camera_codec",
    "camera_mask": "camera_codec",
    "camera_garbage": "camera_path",
    "camera_file_missing": "camera_file",
    "camera_ended": "camera_silent",
    "camera_declined": "camera_silent",
    "camera_host": "camera_unreachable",
    "camera_tls": "camera_unreachable",
    "camera_ca_file": "camera_certificate",
    "camera_garbled": "camera_crashed",
    **PICAMERA_CODES,
}


def problem(name: str, address: str, detail: str | Text = "") -> CameraError:
    """The error called `name` (a key of WORDS) at `address`; `detail` stands for {detail}."""
    text, hint = WORDS[name]
    code = CODES.get(name, name)
    return CameraError(filled(text, address, detail), filled(hint, address, detail), code=code)


def from_av(error: av.FFmpegError, kind: str, address: str) -> CameraError:
    """What went wrong while opening or reading `address` of a camera of `kind` (rtsp, v4l2, file)."""
    # What the library's own error says beside `strerror` may hold the address with the password.
    made = problem(_name(error, kind), address, reason(error) if error.strerror else type(error).__name__)
    made.__cause__ = OSError(error.errno or 0, f"{type(error).__name__}: {error.strerror}", address)
    return made


def _name(error: av.FFmpegError, kind: str) -> str:
    if kind == "file":
        return "camera_file_missing" if isinstance(error, FileNotFoundError) else "camera_file"
    if isinstance(error, PermissionError):
        return "camera_permission"
    if kind == "v4l2":
        absent = isinstance(error, FileNotFoundError) or error.errno in GONE
        closer = {errno.EBUSY: "camera_busy", errno.ENOSPC: "camera_usb_full"}
        return "camera_absent" if absent else closer.get(error.errno or 0, "camera_refused")
    if isinstance(error, av.error.HTTPUnauthorizedError | av.error.HTTPForbiddenError):
        return "camera_auth"
    if isinstance(error, av.error.HTTPNotFoundError):
        return "camera_path"
    if isinstance(error, av.error.HTTPClientError | av.error.HTTPError):
        return "camera_declined"
    if isinstance(error, TimeoutError | av.error.ExitError) or error.errno in (*UNREACHABLE, errno.ETIMEDOUT):
        return "camera_unreachable"
    if isinstance(error, av.error.EOFError):
        return "camera_ended"
    if error.errno == errno.EIO:  # FFmpeg's answer to a host name that does not resolve
        return "camera_unreachable"
    return "camera_garbage"


def filled(text: Text, address: str, detail: str | Text) -> Text:
    """`text` with its {address} and {detail}."""
    told = Text(en=detail, vi=detail) if isinstance(detail, str) else detail
    return Text(
        en=text.en.replace("{address}", address).replace("{detail}", told.en),
        vi=text.vi.replace("{address}", address).replace("{detail}", told.vi),
    )


WORDS: dict[str, tuple[Text, Text]] = {
    **NETWORK_WORDS,
    **PICAMERA_WORDS,
    "camera_absent": (
        Text(en="No camera at {address}", vi="Không có camera tại {address}"),
        Text(
            en="Plug the camera in again; `ls /dev/video*` shows which devices there are",
            vi="Hãy cắm lại camera; lệnh `ls /dev/video*` cho biết đang có thiết bị nào",
        ),
    ),
    "camera_permission": (
        Text(en="Not allowed to open {address}", vi="Không có quyền mở {address}"),
        Text(
            en="The agent's user must be in group `video`: sudo usermod -aG video camera-agent, then restart",
            vi="Hãy thêm người dùng vào nhóm `video`: sudo usermod -aG video camera-agent, rồi khởi động lại",
        ),
    ),
    "camera_busy": (
        Text(en="Another program is using {address}", vi="Chương trình khác đang dùng {address}"),
        Text(en="Find it with `sudo fuser {address}` and stop it", vi="Tìm bằng `sudo fuser {address}` rồi tắt nó đi"),
    ),
    "camera_refused": (
        Text(en="{address} refuses the settings: {detail}", vi="{address} không nhận cài đặt: {detail}"),
        Text(
            en="Set `v4l2` (width, height, fps, input_format) to one of v4l2-ctl -d {address} --list-formats-ext",
            vi="Sửa mục `v4l2` (width, height, fps, input_format) theo lệnh v4l2-ctl -d {address} --list-formats-ext",
        ),
    ),
    "camera_no_camera": (
        Text(
            en="{address} is no node that gives pictures (it belongs to: {detail})",
            vi="{address} không phải nút cho hình (thuộc về: {detail})",
        ),
        Text(
            en="A USB camera has several names; take the one that ends in -video-index0 from `ls /dev/v4l/by-id`",
            vi="Camera USB có nhiều tên; hãy lấy tên kết thúc bằng -video-index0 trong `ls /dev/v4l/by-id`",
        ),
    ),
    "camera_no_format": (
        Text(
            en="{address} does not offer what is asked for: {detail}",
            vi="{address} không có định dạng được yêu cầu: {detail}",
        ),
        Text(
            en="Leave out `input_format`, or take another camera: it must offer H.264, MJPEG or YUYV",
            vi="Hãy bỏ dòng `input_format`, hoặc dùng camera khác: phải có H.264, MJPEG hoặc YUYV",
        ),
    ),
    "camera_must_encode": (
        Text(
            en="{address} has no H.264 of its own and `transcode: false` forbids to encode; it offers {detail}",
            vi="{address} không tự nén H.264 mà `transcode: false` cấm mã hoá; camera có {detail}",
        ),
        Text(
            en="Remove `transcode: false`, or take a camera that gives H.264",
            vi="Hãy bỏ dòng `transcode: false`, hoặc dùng camera có sẵn H.264",
        ),
    ),
    "camera_usb_full": (
        Text(
            en="The USB bus has no room left for the pictures of {address}",
            vi="Cổng USB không còn đủ băng thông cho hình của {address}",
        ),
        Text(
            en="Plug one camera into another USB port, or set a smaller `width`, `height` or `fps`",
            vi="Hãy cắm một camera sang cổng USB khác, hoặc giảm `width`, `height` hay `fps`",
        ),
    ),
    "camera_usb_error": (
        Text(en="{address} is plugged in but answers with errors", vi="{address} đang cắm nhưng trả lời bị lỗi"),
        Text(
            en="Unplug the camera and plug it in again; if it goes on: another cable, or a hub with its own power",
            vi="Hãy rút camera rồi cắm lại; nếu vẫn lỗi: đổi dây, hoặc dùng bộ chia USB có nguồn riêng",
        ),
    ),
    "camera_encoder": (
        Text(
            en="The pictures of {address} cannot be encoded: {detail}",
            vi="Không mã hoá được hình của {address}: {detail}",
        ),
        Text(
            en="Set another `width` and `height` for this camera, and restart the node if it goes on",
            vi="Hãy đặt `width` và `height` khác cho camera này; nếu vẫn lỗi, hãy khởi động lại thiết bị",
        ),
    ),
    "camera_auth": (
        Text(en="The camera {address} refuses the password", vi="Camera {address} không chấp nhận mật khẩu"),
        Text(
            en="Check `username` and the file named in `password_file`, then restart the agent",
            vi="Hãy kiểm tra `username` và tệp ghi ở `password_file`, rồi khởi động lại chương trình",
        ),
    ),
    "camera_path": (
        Text(en="The camera has no stream {address}", vi="Camera không có luồng {address}"),
        Text(
            en="The part after the host name is wrong; look it up in the camera's manual or web page",
            vi="Phần sau tên máy bị sai; hãy xem sách hướng dẫn hoặc trang web của camera",
        ),
    ),
    "camera_unreachable": (
        Text(en="The camera {address} does not answer: {detail}", vi="Camera {address} không trả lời: {detail}"),
        Text(
            en="Check its power, its network cable or wifi, and the host name and port in `source`",
            vi="Hãy kiểm tra nguồn điện, dây mạng hoặc wifi của camera, cùng tên máy và cổng trong `source`",
        ),
    ),
    "camera_silent": (
        Text(en="No picture from {address} for {detail}", vi="Không có hình từ {address}: {detail}"),
        Text(
            en="Reconnecting by itself; if it keeps happening, restart the camera and check its cable",
            vi="Đang tự kết nối lại; nếu lặp lại nhiều lần, hãy khởi động lại camera và kiểm tra dây",
        ),
    ),
    "camera_ended": (
        Text(en="The camera ended the stream {address}", vi="Camera đã ngắt luồng {address}"),
        Text(
            en="Reconnecting by itself; if it keeps happening, restart the camera and check its network",
            vi="Đang tự kết nối lại; nếu lặp lại nhiều lần, hãy khởi động lại camera và kiểm tra mạng",
        ),
    ),
    "camera_stuck": (
        Text(en="{address} no longer answers ({detail})", vi="{address} không còn phản hồi ({detail})"),
        Text(
            en="Starting it anew by itself; if it keeps happening, unplug the camera, plug it in and check its cable",
            vi="Đang tự khởi động lại; nếu lặp lại nhiều lần, hãy rút camera ra cắm lại và kiểm tra dây cáp",
        ),
    ),
    "camera_crashed": (
        Text(en="Reading {address} ended unexpectedly: {detail}", vi="Việc đọc {address} dừng bất ngờ: {detail}"),
        Text(
            en="Starting it anew by itself; if it keeps happening, check the power supply and the camera's cable",
            vi="Đang tự khởi động lại; nếu lặp lại nhiều lần, hãy kiểm tra nguồn điện và dây cáp của camera",
        ),
    ),
    "camera_garbled": (
        Text(en="Reading {address} gave nonsense: {detail}", vi="Việc đọc {address} cho dữ liệu sai: {detail}"),
        Text(
            en="Starting it anew by itself; if it keeps happening, install the agent again",
            vi="Đang tự khởi động lại; nếu lặp lại nhiều lần, hãy cài lại chương trình",
        ),
    ),
    "camera_unkillable": (
        Text(
            en="{address} hangs in its driver: process {detail} cannot be ended",
            vi="{address} bị treo trong trình điều khiển: không kết thúc được tiến trình {detail}",
        ),
        Text(
            en="Unplug the camera and plug it in again; if that fails, switch the node off and on",
            vi="Hãy rút camera ra rồi cắm lại; nếu chưa được, hãy tắt thiết bị rồi bật lại",
        ),
    ),
    "camera_garbage": (
        Text(
            en="{address} sends something that is not video: {detail}",
            vi="{address} gửi dữ liệu không phải hình: {detail}",
        ),
        Text(
            en="Check that the address is the camera's RTSP stream and not its web page",
            vi="Hãy kiểm tra địa chỉ có đúng là luồng RTSP của camera, không phải trang web của nó",
        ),
    ),
    "camera_file_missing": (
        Text(en="There is no video file {address}", vi="Không có tệp video {address}"),
        Text(
            en="Check the path (`source` in the configuration)", vi="Hãy kiểm tra đường dẫn (`source` trong cấu hình)"
        ),
    ),
    "camera_file": (
        Text(en="The video file {address} cannot be read: {detail}", vi="Không đọc được tệp video {address}: {detail}"),
        Text(en="Copy it again, or take another file", vi="Hãy chép lại tệp, hoặc dùng tệp khác"),
    ),
    "camera_no_video": (
        Text(en="{address} has no video in it", vi="{address} không có hình"),
        Text(
            en="It may be sound only; check the stream settings of the camera",
            vi="Có thể chỉ có tiếng; hãy kiểm tra cài đặt luồng của camera",
        ),
    ),
    "camera_mask": (
        Text(
            en="{address} sends pictures that are already encoded ({detail}): its privacy masks cannot be applied",
            vi="{address} gửi hình đã mã hoá sẵn ({detail}): không che được vùng riêng tư",
        ),
        Text(
            en="Write `transcode: true` for this camera (costs much CPU), or set the masks in the camera itself",
            vi="Hãy ghi `transcode: true` cho camera này (tốn nhiều CPU), hoặc đặt vùng che ngay trong camera",
        ),
    ),
    "camera_codec": (
        Text(
            en="{address} is encoded as {detail}, which does not play in MP4",
            vi="{address} mã hoá bằng {detail}, không phát được trong MP4",
        ),
        Text(
            en="Set the camera to H.264 or H.265, or write `transcode: true` for this camera (costs much CPU)",
            vi="Hãy đặt camera sang H.264 hoặc H.265, hoặc ghi `transcode: true` cho camera này (tốn nhiều CPU)",
        ),
    ),
}
