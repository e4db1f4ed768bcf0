"""What the system says of an error, for people: its own words in English, ours in Vietnamese.

Libraries pass the system's words on, sometimes with numbers of their own, so the words are what is looked up.
"""

import errno
import os

from agent.i18n import Text


def reason(error: BaseException) -> Text:
    """Why it failed: `strerror`, or else what the error says, or else its name."""
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return Text(en=said, vi=_VIETNAMESE.get(said, said))


_BY_NUMBER = {
    errno.EPERM: "hệ thống không cho phép",
    errno.ENOENT: "không có tệp hoặc thư mục này",
    errno.EIO: "thiết bị đọc ghi bị lỗi",
    errno.ENXIO: "không có thiết bị này",
    errno.EACCES: "không có quyền truy cập",
    errno.EBUSY: "đang có chương trình khác dùng",
    errno.EEXIST: "tệp đã có sẵn",
    errno.ENODEV: "không có thiết bị này",
    errno.ENOTDIR: "đây không phải thư mục",
    errno.EISDIR: "đây là một thư mục",
    errno.EMFILE: "mở quá nhiều tệp cùng lúc",
    errno.EFBIG: "tệp quá lớn",
    errno.ENOSPC: "ổ đĩa hết chỗ",
    errno.EROFS: "ổ đĩa chỉ cho đọc",
    errno.EPIPE: "đầu bên kia đã đóng",
    errno.ENAMETOOLONG: "tên tệp quá dài",
    errno.EADDRINUSE: "cổng này đang có chương trình khác dùng",
    errno.ENETUNREACH: "không có đường mạng tới đó",
    errno.ECONNRESET: "kết nối bị ngắt giữa chừng",
    errno.ETIMEDOUT: "quá thời gian chờ",
    errno.ECONNREFUSED: "bị từ chối kết nối",
    errno.EHOSTUNREACH: "không tới được máy này",
    errno.EDQUOT: "hết dung lượng được cấp",
}
_VIETNAMESE = {os.strerror(number): words for number, words in _BY_NUMBER.items()} | {
    # FFmpeg's own, which have no errno.
    "Invalid data found when processing input": "dữ liệu không đọc được",
    "End of file": "tệp kết thúc giữa chừng",
    "Immediate exit requested": "quá thời gian chờ",
}
