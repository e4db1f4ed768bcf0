"""PyYAML's complaints in words an installer understands, in both languages, at the right place."""

import re
from dataclasses import dataclass
from typing import Any

from yaml.error import MarkedYAMLError
from yaml.reader import ReaderError

from agent.config.units import Step
from agent.i18n import Text


@dataclass(frozen=True, slots=True)
class Fault:
    """A mistake in the text of a document; `line` and `col` count from 1."""

    path: tuple[Step, ...]
    line: int
    col: int
    text: Text
    hint: Text | None = None


SPACE = Text(en="a space is missing behind the colon", vi="thiếu dấu cách sau dấu hai chấm")
TAB = Text(en="a tab stands here", vi="ở đây có ký tự tab")
_TAB = (
    TAB,
    Text(en="indent with spaces, two per level", vi="hãy thụt dòng bằng dấu cách, mỗi bậc hai dấu"),
)
INDENT = Text(
    en="this line is not indented as the lines around it", vi="dòng này thụt vào không khớp với các dòng xung quanh"
)
_INDENT = (
    INDENT,
    Text(
        en="keys of one section begin in the same column, two spaces further in than the section",
        vi="các khoá trong một mục phải thẳng cột, lùi vào hai dấu cách so với mục đó",
    ),
)
_COLON = (
    Text(
        en="a colon with a space behind it is missing, or one too many", vi="thiếu hoặc thừa dấu hai chấm kèm dấu cách"
    ),
    Text(
        en='write `key: value`; a text with ": " or " #" in it needs quotes',
        vi='hãy ghi `khoá: giá trị`; chữ có ": " hoặc " #" bên trong thì đặt trong dấu nháy',
    ),
)
BRACKET = Text(
    en="a bracket [ or { is not closed, or a comma is missing", vi="ngoặc [ hoặc { chưa đóng, hoặc thiếu dấu phẩy"
)
_BRACKET = (
    BRACKET,
    None,
)
QUOTE = Text(en="a quoted text is not closed", vi="dấu nháy chưa được đóng")
_QUOTE = (QUOTE, None)
ESCAPE = Text(
    en="a backslash in double quotes means something special",
    vi="dấu gạch chéo ngược trong nháy kép có nghĩa riêng",
)
_ESCAPE = (
    ESCAPE,
    Text(en="use single quotes", vi="hãy dùng nháy đơn"),
)
_START = (
    Text(en="a value cannot begin with this character", vi="giá trị không được bắt đầu bằng ký tự này"),
    Text(en="put it in quotes", vi="hãy đặt trong dấu nháy"),
)
_OTHER = (Text(en="this is not valid YAML", vi="chỗ này sai cú pháp YAML"), None)
_TABLE = (
    (r"character '\\t'", _TAB),
    (r"mapping values are not allowed|could not find expected ':'", _COLON),
    (r"sequence entries are not allowed|mapping keys are not allowed|<block end>", _INDENT),
    (r"expected ',' or|but found '[}\]]'", _BRACKET),
    (r"unexpected end of stream", _QUOTE),
    (r"escape|hexadecimal|chr\(\)|out of range|too large", _ESCAPE),
    (r"cannot start any token|alphabetic or numeric|block scalar", _START),
)


def fault_of(error: Exception, text: str, at: tuple[int, int] = (1, 1)) -> Fault:
    """The fault that `error` tells of; `at` is where the parser stood."""
    known = getattr(error, "fault", None)
    if isinstance(known, Fault):
        return known
    if isinstance(error, ReaderError):
        return _unprintable(error, text)
    problem, mark = str(error), None
    if isinstance(error, MarkedYAMLError):
        problem, mark = f"{error.context or ''} {error.problem}", error.problem_mark or error.context_mark
    told, hint = next((words for pattern, words in _TABLE if re.search(pattern, problem)), _OTHER)
    line, col = (mark.line + 1, mark.column + 1) if mark is not None else at
    if told in (_QUOTE[0], _BRACKET[0]) and isinstance(error, MarkedYAMLError) and error.context_mark is not None:
        line, col = error.context_mark.line + 1, error.context_mark.column + 1  # where it was opened
    if told is ESCAPE and text.split("\n")[line - 1][col - 2 : col - 1] == "\\":
        col -= 1  # the parser names the letter behind it
    return Fault((), line, col, told, hint)


def _unprintable(error: Any, text: str) -> Fault:
    before = text[: error.position]
    code = error.character if isinstance(error.character, int) else ord(error.character)
    told = Text(
        en=f"the character U+{code:04X} has no place in a text file",
        vi=f"ký tự U+{code:04X} không được có trong tệp văn bản",
    )
    return Fault((), before.count("\n") + 1, len(before) - before.rfind("\n"), told)
