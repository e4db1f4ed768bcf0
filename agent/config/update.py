"""The section about new versions of the program."""

from pydantic import Field

from agent.config.addresses import SecureUrl
from agent.config.units import Section, Whole


class UpdateSection(Section):
    """New versions of the program, fetched by the node. Without this section a person brings them.

    vi: Phiên bản mới của phần mềm do thiết bị tự tải. Không có mục này thì phải có người mang tới.
    """

    url: SecureUrl
    """https://host/channel.json: which version there is, and where. Only a bundle that the key in
    /etc/camera-agent/update.pub has signed is ever taken.
    vi: https://host/channel.json: đang có phiên bản nào, tải ở đâu. Chỉ nhận gói được ký bằng khoá ghi ở
    /etc/camera-agent/update.pub.
    """
    stage: Whole = Field(default=100, ge=0, le=100)
    """The share of all nodes, in percent, that take a new version; which ones differs from version to version. The ward
    raises it step by step.
    vi: Tỉ lệ phần trăm thiết bị nhận phiên bản mới; mỗi phiên bản chọn những thiết bị khác nhau. Phường tăng dần từng
    bước.
    """
