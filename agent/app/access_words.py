"""What stands in the access log, in the words of people."""

from agent.commands.refused import REASONS
from agent.i18n import Text

ACTIONS = {
    "clip": Text(en="a clip was asked for", vi="xin đoạn hình"),
    "cut": Text(en="a clip was taken at the device", vi="cắt hình tại thiết bị"),
    "hold": Text(en="footage was put on hold", vi="yêu cầu giữ hình"),
    "release": Text(en="a hold was ended", vi="bỏ yêu cầu giữ hình"),
    "live": Text(en="the live picture was asked for", vi="xin xem hình trực tiếp"),
    "live_end": Text(en="the live picture ended", vi="kết thúc xem trực tiếp"),
    "config": Text(en="a configuration was sent or taken back", vi="gửi hoặc rút lại cấu hình"),
    "list": Text(en="a list of the footage was asked for", vi="xin danh sách hình đã ghi"),
    "cancel": Text(en="a clip that was asked for was called off", vi="thôi xin đoạn hình"),
    "snapshot": Text(en="a picture was asked for", vi="xin một ảnh"),
    "restart": Text(en="the device was told to begin anew", vi="yêu cầu khởi động lại"),
    "wipe": Text(en="the device was told to erase", vi="yêu cầu xoá dữ liệu"),
    "view": Text(en="an event was looked at on the device's page", vi="xem sự kiện trên trang của thiết bị"),
    "household_login": Text(en="somebody logged in to the family's page", vi="đăng nhập trang gia đình"),
    "household_pause": Text(en="the family stopped recording for a while", vi="gia đình tạm dừng ghi hình"),
    "household_resume": Text(en="the family ended the pause", vi="gia đình cho ghi hình lại"),
}
RESULTS = {
    "granted": Text(en="granted", vi="đã cho"),
    "wrong_code": Text(en="wrong code", vi="sai mã"),
    "locked": Text(en="wrong code too often: locked for 5 minutes", vi="sai mã nhiều lần: khoá 5 phút"),
    "refused": Text(en="refused", vi="đã từ chối"),
    "asked": Text(en="told what it would take; nothing done yet", vi="đã báo sẽ mất gì; chưa làm gì"),
} | {code.value: Text(en=f"refused: {why.en}", vi=f"đã từ chối: {why.vi}") for code, why in REASONS.items()}
