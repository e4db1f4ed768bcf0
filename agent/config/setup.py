"""The `setup` section: the page with which somebody on a ladder aims, draws and tries."""

import ipaddress
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from agent.config.units import Bilingual, Flag, NonEmptyPath, Seconds, Section, Whole, shown


def _address(value: Any) -> Any:
    try:
        ipaddress.ip_address(value)
    except ValueError as error:
        raise Bilingual(
            f"expected an address of this device like 0.0.0.0 (all of them), not {shown(value)}",
            f"cần một địa chỉ của thiết bị này như 0.0.0.0 (mọi địa chỉ), không phải {shown(value)}",
        ) from error
    if not isinstance(value, str):
        raise Bilingual(f'write it in quotes: "{value}"', f'hãy đặt trong dấu nháy: "{value}"')
    return value


ListenAddress = Annotated[str, BeforeValidator(_address)]


class SetupSection(Section):
    """The setup page, by HTTPS and with a one-time code. `camera-agent setup` always opens it; where this section
    stands it also opens at the first boot and by the ward's `identify`, if there is a code on a label.

    vi: Trang cài đặt, qua HTTPS và mã dùng một lần. Lệnh `camera-agent setup` luôn mở được trang; có mục này thì trang
    còn tự mở ở lần khởi động đầu tiên và khi phường gửi lệnh `identify`, miễn là thiết bị có mã in trên nhãn.
    """

    listen: ListenAddress = "0.0.0.0"  # noqa: S104  # only while it is open
    """The address on which it listens while it is open; 0.0.0.0: all of this device.
    vi: Địa chỉ mà trang lắng nghe trong lúc mở; 0.0.0.0: mọi địa chỉ của thiết bị.
    """
    port: Whole = Field(default=8443, ge=0, le=65535)
    """Its port; 0: any free one.
    vi: Cổng của trang; 0: cổng trống bất kỳ.
    """
    code_file: Annotated[Path, NonEmptyPath] = Path("/etc/camera-agent/setup.code")
    """The code that stands on the label, in a file of its own (`chmod 600`). Without the file it never opens by itself.
    vi: Mã in trên nhãn, ghi trong một tệp riêng (`chmod 600`). Không có tệp này thì trang không bao giờ tự mở.
    """
    open_for: Seconds = Field(default=1800.0, ge=60, le=14400)
    """How long it stays open.
    vi: Trang mở trong bao lâu.
    """
    first_boot: Flag = True
    """Open it at the first boot.
    vi: Mở trang ở lần khởi động đầu tiên.
    """
