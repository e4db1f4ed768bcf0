"""`camera-agent contract check < DUMP`: does a recorded stream of messages keep to the contract?

mosquitto_sub -h ward -t 'camera/v1/#' -F %j > dump      (or -v)
camera-agent contract check < dump
"""

import argparse
import json
import sys
from contextlib import ExitStack
from pathlib import Path

from agent.cli.arguments import Subparsers, add_json
from agent.cli.plain import plain
from agent.errors import AgentError
from agent.i18n import Text, locale_language
from agent.system_words import reason
from agent.tools.contract_check import Checker, check_stream
from agent.tools.dump import lines_of, read_dump


def add(subparsers: Subparsers) -> argparse.ArgumentParser:
    """The command's arguments."""
    parser = subparsers.add_parser("contract", help=str(Text(en="messages of the ward", vi="bản tin với phường")))
    inner = parser.add_subparsers(dest="action", required=True, metavar=str(Text(en="ACTION", vi="VIỆC")))
    told = Text(
        en="judge a recorded stream (mosquitto_sub -v, or -F %%j) by the contract",
        vi="kiểm tra luồng tin đã ghi (mosquitto_sub -v, hoặc -F %%j) theo giao thức",
    )
    check = inner.add_parser("check", help=str(told))
    from_where = Text(en="default: standard input", vi="mặc định: đầu vào chuẩn")
    check.add_argument("dump", type=Path, metavar="DUMP", nargs="?", help=str(from_where))
    add_json(check)
    return parser


def run(arguments: argparse.Namespace) -> int:
    """0: it keeps to the contract; 1: it does not, or there is nothing. Raises AgentError."""
    with ExitStack() as stack:
        try:
            lines = stack.enter_context(arguments.dump.open("rb")) if arguments.dump else sys.stdin.buffer
            checker = check_stream(read_dump(lines_of(lines)))
        except OSError as error:
            why = reason(error)
            name = arguments.dump
            raise AgentError(
                Text(en=f"{name} cannot be read: {why.en}", vi=f"không đọc được {name}: {why.vi}")
            ) from error
    if not checker.kinds:
        raise AgentError(Text(en="there is no message in it", vi="không có bản tin nào trong đó"))
    print(_json(checker) if arguments.json else _table(checker))
    return 1 if checker.violations else 0


def _table(checker: Checker) -> str:
    vi = locale_language() == "vi"
    head = f"{'loại tin' if vi else 'kind':<18}{'số tin' if vi else 'messages':>10}{'sai' if vi else 'wrong':>8}"
    rows = [head]
    for name, kind in sorted(checker.kinds.items()):
        rows.append(f"{name:<18}{kind.messages:>10}{kind.violations:>8}")
        if kind.first is not None:
            first = kind.first
            where = f"dòng {first.line}" if vi else f"line {first.line}"
            rows.append(f"    {where}, {plain(first.topic)}: {plain(str(first.text))}")
    return "\n".join(rows)


def _json(checker: Checker) -> str:
    kinds = {
        name: {
            "messages": kind.messages,
            "violations": kind.violations,
            "first": None
            if kind.first is None
            else {
                "line": kind.first.line,
                "topic": kind.first.topic,
                "en": kind.first.text.en,
                "vi": kind.first.text.vi,
            },
        }
        for name, kind in sorted(checker.kinds.items())
    }
    return json.dumps({"violations": checker.violations, "kinds": kinds}, ensure_ascii=False)
