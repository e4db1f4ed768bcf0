"""MQTT reason codes as errors for a person: why a broker does not let us in, or does not take a message.

Numbers are of MQTT 5, section 2.4; paho translates those of 3.1.1 into them.
"""

from agent.errors import LinkError
from agent.i18n import Text
from agent.uplink.peer import Peer

UNSUPPORTED_VERSION = 132
KEEPALIVE_TIMEOUT = 141
TAKEN_OVER = 142
FAILURE = 128  # and above
NOBODY_LISTENS = 16  # taken, but no client has subscribed: it is gone

# code: (fault suffix, English, Vietnamese); the rest is answered with the number.
CONNECT = {
    132: (
        "refused",
        "{peer} does not speak the MQTT version in `mqtt.protocol`",
        "{peer} không dùng phiên bản MQTT ghi ở `mqtt.protocol`",
    ),
    133: ("refused", "{peer} does not accept this node's id", "{peer} không chấp nhận mã thiết bị này"),
    134: ("auth", "{peer} refuses the user name or password", "{peer} từ chối tên đăng nhập hoặc mật khẩu"),
    135: ("auth", "{peer} does not authorise this node", "{peer} không cấp quyền cho thiết bị này"),
    136: ("refused", "{peer} is not available now", "{peer} hiện không phục vụ"),
    137: ("refused", "{peer} is busy", "{peer} đang quá tải"),
    138: ("refused", "{peer} has banned this node", "{peer} đã cấm thiết bị này"),
    139: ("unreachable", "{peer} is shutting down", "{peer} đang tắt"),
    140: ("auth", "{peer} wants another way to log in", "{peer} yêu cầu cách đăng nhập khác"),
    141: ("unreachable", "{peer} did not hear from us in time", "{peer} không nhận được tín hiệu kịp thời"),
    149: ("refused", "{peer} finds our packets too large", "{peer} báo gói tin quá lớn"),
    151: ("refused", "{peer}: quota exceeded", "{peer}: vượt hạn mức"),
    159: ("refused", "{peer} gets too many connections", "{peer} nhận quá nhiều kết nối"),
}
HINTS = {
    "auth": Text(
        en="correct `mqtt.username`, `mqtt.password_file` or `tls`; the next try is in a minute",
        vi="hãy sửa `mqtt.username`, `mqtt.password_file` hoặc `tls`; sẽ thử lại sau một phút",
    ),
    "refused": Text(
        en="ask the ward's operator to look at the broker's log",
        vi="hãy nhờ người vận hành ở phường xem nhật ký máy chủ",
    ),
}
PUBLISH = {
    131: Text(en="for its own reasons", vi="vì lý do riêng"),
    135: Text(en="not authorised", vi="không có quyền"),
    144: Text(en="topic not allowed", vi="chủ đề không được phép"),
    149: Text(en="too large", vi="quá lớn"),
    151: Text(en="quota exceeded", vi="vượt hạn mức"),
    153: Text(en="payload not accepted", vi="nội dung không được chấp nhận"),
}


def connection_refused(code: int, peer: Peer) -> LinkError:
    """For a CONNACK, or a DISCONNECT by the broker."""
    suffix, en, vi = CONNECT.get(
        code,
        ("refused", f"{{peer}} refuses this node (MQTT reason {code})", f"{{peer}} từ chối thiết bị này (mã {code})"),
    )
    return peer.trouble(suffix, en, vi, HINTS.get(suffix))


def message_refused(code: int, topic: str, peer: Peer) -> LinkError:
    """For a PUBACK or SUBACK with a failure."""
    why = PUBLISH.get(code, Text(en=f"MQTT reason {code}", vi=f"mã {code}"))
    return peer.trouble(
        "refused",
        f"{{peer}} does not take {topic}: {why.en}",
        f"{{peer}} không nhận {topic}: {why.vi}",
        Text(
            en="let the broker's access list allow this node's topics; it is tried again",
            vi="hãy cho phép các chủ đề của thiết bị này trong danh sách quyền của máy chủ; sẽ thử lại",
        ),
    )


def duplicate(node: str) -> LinkError:
    """Another client with our id keeps throwing us out."""
    return LinkError(
        Text(
            en=f"the broker keeps ending the connection: another node with the id {node} seems to be there",
            vi=f"máy chủ MQTT liên tục ngắt kết nối: có vẻ thiết bị khác đang dùng cùng mã {node}",
        ),
        Text(
            en="give each node its own `node.id`; the next try is in five minutes",
            vi="hãy đặt cho mỗi thiết bị một `node.id` riêng; sẽ thử lại sau năm phút",
        ),
        code="duplicate_identity",
    )
