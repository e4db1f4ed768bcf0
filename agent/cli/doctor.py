"""`camera-agent doctor`: every part of this node, each with what to do; exit 1 when one is in error."""

import argparse
import json
import os
import shutil
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent import __version__
from agent.cli.arguments import DEFAULT_CONFIG, Subparsers, add_config, add_json
from agent.cli.out import check_out, refuse_own_files
from agent.clock import Clock
from agent.config.mistakes import InvalidConfig, format_mistakes
from agent.contract.answers import CheckRow
from agent.contract.base import Words
from agent.durable import write_durably
from agent.errors import AgentError
from agent.health.checks import title_of
from agent.i18n import Text, locale_language
from agent.settings import Chosen, in_use
from agent.system_words import reason

if TYPE_CHECKING:
    from agent.tools.doctor import Diagnosis

EXIT_FAILED = 1
COLUMNS = 100


def add(subparsers: Subparsers) -> argparse.ArgumentParser:
    """The command's arguments."""
    text = Text(en="check every part of this node, with what to do", vi="kiểm tra từng phần của thiết bị, kèm cách sửa")
    parser = subparsers.add_parser("doctor", help=str(text))
    add_config(parser, DEFAULT_CONFIG)
    add_json(parser)
    sheet = Text(
        en="write the hand-over sheet: pictures, checks, places to sign",
        vi="ghi biên bản bàn giao: ảnh, kết quả kiểm tra, chỗ ký",
    )
    parser.add_argument("--sheet", type=Path, metavar="OUT.pdf", help=str(sheet))
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Look, print, and draw the sheet if asked for. Raises AgentError for an OUT that cannot be."""
    if arguments.sheet is not None:
        check_out(arguments.sheet)
    try:
        chosen = in_use(arguments.config)
    except InvalidConfig as error:
        return _without_config(error, arguments)
    config = chosen.config
    if arguments.sheet is not None:
        refuse_own_files(config.node.data_dir, arguments.sheet)
    _may_look(config.node.data_dir)
    # Only here: what a plain `doctor --help` need not load.
    from agent.tools.doctor import as_json, diagnose, table  # noqa: PLC0415

    clock = Clock()
    diagnosis = diagnose(config, clock, _tell)
    if arguments.json:
        print(json.dumps(as_json(diagnosis, __version__), ensure_ascii=False))
    else:
        width = shutil.get_terminal_size((COLUMNS, 24)).columns
        print(table(diagnosis, locale_language(), width, _coloured()))
    if arguments.sheet is not None:
        _sheet(arguments.sheet, chosen, diagnosis, clock)
    return 0 if diagnosis.well else EXIT_FAILED


def _sheet(out: Path, chosen: Chosen, diagnosis: "Diagnosis", clock: Clock) -> None:
    from agent.tools.sheet import HandOver, compose, pdf_of  # noqa: PLC0415 (OpenCV)

    config, now = chosen.config, clock.now()
    zone = ZoneInfo(config.node.timezone)
    at_local = f"{datetime.fromtimestamp(now.wall_ns / 1e9, zone):%d/%m/%Y %H:%M}"
    if not now.trusted:
        at_local += " (đồng hồ chưa chỉnh / clock not set)"
    sheet = HandOver(config, chosen.hash, __version__, diagnosis, at_local)
    title = f"Biên bản bàn giao {config.node.ward} {config.node.id}"
    try:
        write_durably(out, pdf_of(compose(sheet), title))
    except OSError as error:
        why = reason(error)
        raise AgentError(
            Text(en=f"{out} cannot be written: {why.en}", vi=f"không ghi được {out}: {why.vi}"), code="storage_error"
        ) from error
    print(Text(en=f"Hand-over sheet: {out}", vi=f"Biên bản bàn giao: {out}"), file=sys.stderr)


def _without_config(error: InvalidConfig, arguments: argparse.Namespace) -> int:
    """Nothing runs and nothing can be compared: that is the finding."""
    count, first = len(error.mistakes), error.mistakes[0]
    command = f"camera-agent check-config {arguments.config}"
    row = CheckRow(
        name="config",
        state="error",
        text=Words(
            en=f"{count} mistakes; the first: {first.say('en')}", vi=f"{count} lỗi; lỗi đầu tiên: {first.say('vi')}"
        ),
        remedy=Words(en=command, vi=command),
    )
    if arguments.json:
        title = title_of("config")
        check = row.model_dump() | {"title": {"vi": title.vi, "en": title.en}, "source": "here"}
        print(json.dumps({"schema": "doctor/1", "ok": False, "running": False, "checks": [check]}, ensure_ascii=False))
    else:
        print(f"✗ {title_of('config')}: ", end="")
        print(format_mistakes(error.mistakes, locale_language()).lstrip())
    return EXIT_FAILED


def _may_look(data_dir: Path) -> None:
    """Another user would be told of errors that are none."""
    if data_dir.exists() and not os.access(data_dir, os.R_OK | os.X_OK):
        raise AgentError(
            Text(
                en=f"{data_dir} is for the agent's own user: most checks would only say so",
                vi=f"{data_dir} chỉ dành cho người dùng của dịch vụ nên không kiểm tra được gì nhiều",
            ),
            Text(en="Run it with sudo", vi="Hãy chạy bằng sudo"),
        )


def _coloured() -> bool:
    """https://no-color.org"""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _tell(text: Text) -> None:
    if sys.stderr.isatty():
        print(text, file=sys.stderr, flush=True)
