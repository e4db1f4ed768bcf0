"""The `notice` section: what people in view have a right to be told. Printed on the sign, looked at by `doctor`."""

from typing import Annotated

from pydantic import Field

from agent.config.units import Section
from agent.i18n import Text

_Words = Annotated[str, Field(min_length=1, max_length=300)]


class NoticeSection(Section):
    """What the law asks to be told where cameras record: why, who answers for it, whom to ask. It stands on the sign.

    vi: Những điều luật yêu cầu phải báo ở nơi camera ghi hình: để làm gì, ai chịu trách nhiệm, hỏi ai. Được in lên biển
    báo.
    """

    purpose: _Words | None = None
    """Why footage of people is recorded, in words that a passer-by understands.
    vi: Ghi hình để làm gì, bằng lời mà người qua đường hiểu được.
    """
    controller: _Words | None = None
    """Who decides about the footage and answers for it: an office, a household, a company.
    vi: Ai quyết định về hình ghi và chịu trách nhiệm: cơ quan, hộ gia đình hay công ty.
    """
    contact: _Words | None = None
    """Where a person asks about footage of themselves: a telephone number, an address.
    vi: Người có mặt trong hình hỏi ở đâu: số điện thoại, địa chỉ.
    """

    def unsaid(self) -> tuple[str, ...]:
        """The settings that are missing, in their order."""
        return tuple(name for name in type(self).model_fields if getattr(self, name) is None)


def unsaid_notice(notice: NoticeSection) -> Text | None:
    """What check-config advises and `doctor` warns of; None when all is told."""
    missing = ", ".join(f"`{name}`" for name in notice.unsaid())
    if not missing:
        return None
    return Text(
        en=f"people in view have a right to know why, by whom and whom to ask: write {missing} under `notice`",
        vi="người trong hình có quyền biết ghi hình để làm gì, do ai và hỏi ở đâu: "
        f"hãy ghi {missing} trong mục `notice`",
    )
