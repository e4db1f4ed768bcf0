"""The `household` section: the page on which the family sees what this node sends, and may stop it for a while."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from agent.config.setup import ListenAddress
from agent.config.units import Bilingual, NonEmptyPath, Problem, Seconds, Section, Whole, duration_s, shown
from agent.i18n import Text

SHORTEST_PAUSE_S = 300.0


class HouseholdSection(Section):
    """The household's page, by HTTPS and with a code of its own: it only shows. Off unless this section stands.

    vi: Trang dành cho gia đình, qua HTTPS và có mã riêng: chỉ để xem. Không có mục này thì trang không hoạt động.
    """

    listen: ListenAddress = "0.0.0.0"  # noqa: S104  # the household's own network
    """The address on which it listens; 0.0.0.0: all of this device.
    vi: Địa chỉ mà trang lắng nghe; 0.0.0.0: mọi địa chỉ của thiết bị.
    """
    port: Whole = Field(default=8444, ge=0, le=65535)
    """Its port; 0: any free one.
    vi: Cổng của trang; 0: cổng trống bất kỳ.
    """
    code_file: Annotated[Path, NonEmptyPath] = Path("/etc/camera-agent/household.code")
    """The household's code, in a file of its own (`chmod 600`). Without the file there is no page.
    vi: Mã của gia đình, ghi trong một tệp riêng (`chmod 600`). Không có tệp này thì không có trang.
    """
    pause: Seconds = Field(default=0.0, ge=0, le=14400)
    """For how long at once the household may stop recording, if the ward allows it; 0: not at all.
    vi: Gia đình được tạm dừng ghi hình mỗi lần lâu nhất bao lâu, nếu phường cho phép; 0: không được dừng.
    """
    pauses_per_day: Whole = Field(default=2, ge=1, le=12)
    """How often within 24 hours.
    vi: Được tạm dừng bao nhiêu lần trong 24 giờ.
    """

    @classmethod
    def problems(cls, data: Mapping[str, Any]) -> Iterator[Problem]:
        """A pause of seconds is a mistake of the unit."""
        try:
            pause_s = duration_s(data["pause"])
        except (KeyError, Bilingual):  # not there, or said by the field itself
            return
        if 0 < pause_s < SHORTEST_PAUSE_S:
            yield Problem(
                ("pause",),
                Text(
                    en=f"{shown(data['pause'])} is too short for a pause; at least 5m, or 0 for none",
                    vi=f"{shown(data['pause'])} là quá ngắn để tạm dừng; ít nhất 5m, hoặc 0 nếu không cho",
                ),
            )
