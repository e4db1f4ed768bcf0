"""The sections about what the ward may ask of the node."""

from typing import Annotated

from pydantic import Field

from agent.config.addresses import MediaUrl
from agent.config.links import FilePath
from agent.config.units import Seconds, Section


class CommandsSection(Section):
    """Commands from the ward.

    vi: Lệnh từ phường.
    """

    key: FilePath | None = None
    """The ward's command key (Ed25519, public, PEM). With it every command must be signed; `wipe` always.
    vi: Khoá lệnh của phường (Ed25519, công khai, PEM). Có khoá thì mọi lệnh đều phải được ký; riêng `wipe` lúc nào cũng
    phải ký.
    """


class LiveSection(Section):
    """Where the ward looks at the picture of now. Without this section the node pushes nothing.

    vi: Nơi phường xem hình trực tiếp. Không có mục này thì thiết bị không gửi hình trực tiếp.
    """

    url: MediaUrl
    """rtmps://host:port/application, or rtsps://; rtmp:// and rtsp:// need `insecure: true`. No command
    names another place.
    vi: rtmps://host:port/application, hoặc rtsps://; rtmp:// và rtsp:// cần có `insecure: true`. Không lệnh nào đổi
    được nơi này.
    """
    max: Annotated[Seconds, Field(ge=10, le=3600)] = 600.0
    """It ends after this long, whoever looks.
    vi: Tự kết thúc sau từng này thời gian, ai đang xem cũng vậy.
    """
    keepalive: Annotated[Seconds, Field(ge=5, le=300)] = 30.0
    """It ends when the ward does not say for this long that somebody looks.
    vi: Kết thúc khi lâu chừng này phường không báo là còn người xem.
    """
