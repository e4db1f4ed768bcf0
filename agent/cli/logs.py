"""`camera-agent logs`: the agent's own lines from the system's journal."""

import argparse
import os
import re
import shutil
import subprocess

from agent.cli.arguments import Subparsers
from agent.errors import AgentError
from agent.health.service import UNIT
from agent.i18n import Text
from agent.options import number

PRIORITIES = {"error": "err", "warning": "warning", "info": "info", "debug": "debug"}
LINES = 200
# What systemd.time(7) takes, without what could be taken for an option.
MOMENT = re.compile(r"[0-9A-Za-z@+:][0-9A-Za-z@+:. -]{0,60}")
NO_JOURNAL = Text(
    en="this system has no journal (journalctl), so nothing was kept",
    vi="hệ thống này không có nhật ký (journalctl) nên không lưu lại gì",
)
BY_HAND = Text(
    en="An agent that is started by hand writes to its terminal",
    vi="Chương trình chạy bằng tay ghi ra chính màn hình đó",
)


def add(subparsers: Subparsers) -> argparse.ArgumentParser:
    """The command's arguments."""
    text = Text(en="what the agent wrote into the log", vi="xem nhật ký của chương trình")
    parser = subparsers.add_parser("logs", help=str(text))
    follow = Text(en="go on with what comes", vi="theo dõi tiếp những dòng mới")
    parser.add_argument("-f", "--follow", action="store_true", help=str(follow))
    since = Text(en='from then on: "1 hour ago", "2026-11-22 08:00", today', vi='từ lúc đó: "1 hour ago", today')
    parser.add_argument("--since", metavar="TIME", type=moment, help=str(since))
    level = Text(en="this bad or worse [all]", vi="từ mức này trở lên [tất cả]")
    parser.add_argument("--level", choices=list(PRIORITIES), help=str(level))
    lines = Text(en=f"so many of the newest [{LINES}; all with --since]", vi=f"số dòng mới nhất [{LINES}]")
    parser.add_argument("-n", "--lines", type=number(0, 100_000, str(LINES), whole=True), metavar="N", help=str(lines))
    parser.add_argument("--unit", default=UNIT, metavar="UNIT", help=argparse.SUPPRESS)
    return parser


def moment(word: str) -> str:
    """A moment as journalctl takes it; whether it is one, journalctl says."""
    if not MOMENT.fullmatch(word):
        raise argparse.ArgumentTypeError(str(Text(en="this is no time", vi="đây không phải thời điểm")))
    return word


def run(arguments: argparse.Namespace) -> int:
    """journalctl's own exit code. Raises AgentError where there is no journal."""
    journalctl = shutil.which("journalctl")
    if journalctl is None:
        raise AgentError(NO_JOURNAL, BY_HAND)
    ended = subprocess.run([journalctl, *options(arguments)], check=False)
    if ended.returncode == 0 and os.geteuid() != 0 and not arguments.follow:
        _tell_rights(journalctl, arguments.unit)
    return ended.returncode


def options(arguments: argparse.Namespace) -> list[str]:
    """For journalctl(1)."""
    chosen = ["--unit", arguments.unit, "--output", "short-iso", "--no-hostname"]
    if arguments.follow:
        chosen.append("--follow")
    else:
        chosen.append("--no-pager")
    if arguments.since is not None:
        chosen += ["--since", arguments.since]
    if arguments.level is not None:
        chosen += ["--priority", PRIORITIES[arguments.level]]
    lines = arguments.lines if arguments.lines is not None else None if arguments.since else LINES
    if lines is not None:
        chosen += ["--lines", str(max(1, lines))]
    return chosen


def _tell_rights(journalctl: str, unit: str) -> None:
    """A user without the right sees an empty journal and would take it for a silent agent."""
    asked = [journalctl, "--unit", unit, "--lines", "1", "--quiet", "--output", "cat"]
    if not subprocess.run(asked, check=False, capture_output=True).stdout:
        raise AgentError(
            Text(en="nothing that you may read", vi="không có gì mà bạn được đọc"),
            Text(en="Run it with sudo", vi="Hãy chạy bằng sudo"),
        )
