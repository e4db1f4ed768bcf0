"""Why a bundle is not taken. Whoever raises this has changed nothing on the disk."""

from agent.errors import Rejected
from agent.i18n import Text

GET_ANEW = Text(en="Get the bundle anew from the ward", vi="Hãy lấy lại gói cập nhật từ phường")


class UpdateRefused(Rejected):
    """`kind`: one word for programs (`signature`, `damaged`, `machine`, `python`, `older`, `room`, …)."""

    def __init__(self, kind: str, text: Text, hint: Text | None = None) -> None:
        super().__init__(text, hint, code="update_refused")
        self.kind = kind


def damaged(en: str, vi: str) -> UpdateRefused:
    """The bundle is not as it was made."""
    return UpdateRefused(
        "damaged",
        Text(en=f"The bundle is damaged: {en}", vi=f"Gói cập nhật bị hỏng: {vi}"),
        GET_ANEW,
    )
