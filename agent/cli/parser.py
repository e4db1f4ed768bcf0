"""An argument parser that speaks the language of the terminal: headings, `--help` and complaints of argparse itself.

argparse has its words in English and translates them only through gettext catalogues. Here they are exchanged where it
lets go of them: in the formatter it is given and in `error`. Words that are not in the tables stay as they are.
"""

import argparse
import re
import sys
from collections.abc import Iterable
from typing import Any, NoReturn

from agent.i18n import Text, locale_language

_USAGE = Text(en="usage: ", vi="cách dùng: ")
_HELP = Text(en="show this help message and exit", vi="hiện hướng dẫn này rồi thoát")
_ERROR = Text(en="error", vi="lỗi")
_HEADINGS = {"positional arguments": "tham số", "options": "tuỳ chọn"}
# What argparse says (Python 3.10 to 3.14), and how it is said in Vietnamese. Groups keep their order.
_COMPLAINTS = (
    (r"unrecognized arguments: (.*)", r"không có tham số này: \1"),
    (r"the following arguments are required: (.*)", r"còn thiếu tham số bắt buộc: \1"),
    (r"one of the arguments (.*) is required", r"phải có một trong các tham số: \1"),
    (r"ambiguous option: (.*) could match (.*)", r"tham số \1 chưa rõ, có thể là: \2"),
    (r"not allowed with argument (.*)", r"không dùng chung được với \1"),
    (r"ignored explicit argument (.*)", r"tham số này không nhận giá trị: \1"),
    (r"expected one argument", r"cần một giá trị đi kèm"),
    (r"expected at most one argument", r"chỉ nhận nhiều nhất một giá trị"),
    (r"expected at least one argument", r"cần ít nhất một giá trị đi kèm"),
    (r"expected (\d+) arguments?", r"cần \1 giá trị đi kèm"),
    (r"invalid choice: (.*), maybe you meant (.*)\? \(choose from .*\)", r"không có \1; có phải ý bạn là \2?"),
    (r"invalid choice: (.*) \(choose from (.*)\)", r"không có \1; hãy chọn một trong: \2"),
    (r"invalid float value: (.*)", r"cần một số, không phải \1"),
    (r"invalid int value: (.*)", r"cần một số nguyên, không phải \1"),
)


class Formatter(argparse.HelpFormatter):
    """Help with the words of the reader's language around it. Should these two methods ever go: help is in English."""

    def add_usage(
        self, usage: str | None, actions: Iterable[argparse.Action], groups: Iterable[Any], prefix: str | None = None
    ) -> None:
        """`prefix` is empty where argparse wants the bare program name."""
        super().add_usage(usage, actions, groups, str(_USAGE) if prefix is None else prefix)

    def start_section(self, heading: str | None) -> None:
        """A heading of argparse's own, or one of ours."""
        super().start_section(_HEADINGS.get(heading or "", heading) if locale_language() == "vi" else heading)


class Parser(argparse.ArgumentParser):
    """Its sub-commands' parsers are of this class too."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"formatter_class": Formatter, **options, "add_help": False})
        self.add_argument("-h", "--help", action="help", default=argparse.SUPPRESS, help=str(_HELP))

    def error(self, message: str) -> NoReturn:
        """Usage, one line, exit 2."""
        self.print_usage(sys.stderr)
        self.exit(2, f"{self.prog}: {_ERROR}: {complaint(message)}\n")


def complaint(message: str) -> str:
    """argparse's `message` in the language of the terminal."""
    if locale_language() != "vi":
        return message
    named = re.fullmatch(r"argument (.+?): (.*)", message, re.DOTALL)
    if named is not None:
        return f"tham số {named[1]}: {_said(named[2])}"
    return _said(message)


def _said(message: str) -> str:
    for pattern, words in _COMPLAINTS:
        found = re.fullmatch(pattern, message, re.DOTALL)
        if found is not None:
            return found.expand(words)
    return message
