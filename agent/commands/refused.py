"""A refusal on its way to the answer: the contract's code, and why in plain words."""

from agent.contract.answers import Answer
from agent.contract.commands import Refusal
from agent.i18n import Text

REASONS = {
    Refusal.RETAINED: Text(
        en="a retained command is never carried out", vi="không thực hiện lệnh được giữ lại (retained)"
    ),
    Refusal.TOO_LARGE: Text(en="the command is too large", vi="lệnh quá dài"),
    Refusal.BAD_JSON: Text(en="the command is not valid JSON", vi="lệnh không phải JSON hợp lệ"),
    Refusal.SCHEMA: Text(
        en="the command lacks something or has it in the wrong form", vi="lệnh thiếu hoặc sai nội dung"
    ),
    Refusal.EXPIRED: Text(en="the command came too late", vi="lệnh đến quá muộn"),
    Refusal.REPLAYED: Text(en="this command was already received", vi="lệnh này đã được nhận trước đó"),
    Refusal.UNAUTHORISED: Text(
        en="the command is not signed with the ward's command key", vi="lệnh không được ký bằng khóa lệnh của phường"
    ),
    Refusal.RATE_LIMITED: Text(
        en="too many commands; try again in a minute", vi="quá nhiều lệnh; hãy thử lại sau một phút"
    ),
    Refusal.UNKNOWN_COMMAND: Text(en="there is no such command", vi="không có lệnh này"),
    Refusal.NOT_CAPABLE: Text(en="this node cannot do that", vi="thiết bị này không làm được việc đó"),
    Refusal.BUSY: Text(en="not possible just now; try again later", vi="hiện chưa thực hiện được; hãy thử lại sau"),
    Refusal.NOT_FOUND: Text(en="what was asked for is not here", vi="không tìm thấy nội dung được yêu cầu"),
}


class Refused(Exception):
    """The command is not carried out. Without a `text` the code's own words are said; `answer` may tell more."""

    def __init__(self, code: Refusal, text: Text | None = None, answer: Answer | None = None) -> None:
        super().__init__(code.value)
        self.code = code
        self.text = text or REASONS[code]
        self.answer = answer
