"""Why a picture is not shown, or is not shown any more, for people."""

from agent.i18n import Text

STOPPED = Text(en="the ward has closed it", vi="phường đã đóng")
NOBODY = Text(
    en="the ward did not say in time that somebody still looks", vi="phường không báo kịp là vẫn còn người xem"
)
LONG_ENOUGH = Text(en="it has lasted as long as it may", vi="đã hết thời gian được phép xem")
NODE_STOPS = Text(en="the node stops", vi="thiết bị đang dừng")
NODE_STARTED = Text(
    en="the node has started anew; a live picture does not go on by itself",
    vi="thiết bị vừa khởi động lại; hình trực tiếp không tự phát tiếp",
)
TOO_SLOW = Text(en="the line does not carry even a small picture", vi="đường truyền không tải nổi cả hình nhỏ")
NO_PICTURE = Text(en="the camera gives no picture", vi="camera không có hình")
BROKEN = Text(en="the picture could not be pushed", vi="không phát được hình")
RESTS = {
    "quiet_hours": Text(
        en="the household's quiet hours: no live picture until they are over",
        vi="đang trong giờ nghỉ của gia đình: không phát hình trực tiếp cho đến khi hết giờ nghỉ",
    ),
    "day_spent": Text(
        en="what the household allows a day is used up: no live picture until tomorrow",
        vi="đã hết dung lượng gia đình cho dùng trong ngày: không phát hình trực tiếp cho đến ngày mai",
    ),
}
PAUSED = Text(en="the household has stopped recording for a while", vi="gia đình đang tạm dừng ghi hình")
SEEN_ALREADY = Text(
    en="this camera is being shown to the ward already", vi="camera này đang được phát cho phường xem rồi"
)
FULL = Text(en="as many live pictures as the node shows at once", vi="thiết bị đang phát đủ số hình trực tiếp cho phép")
NO_ROOM = Text(
    en="the household's line has too little left for a live picture",
    vi="đường truyền của gia đình không còn đủ cho hình trực tiếp",
)
