"""`camera-agent check-config FILE`: every mistake at once; exit 0 or 78. No hardware, no network."""

import argparse
import json
import sys
from pathlib import Path

from agent.cli.arguments import Subparsers, add_json
from agent.config.load import check_config
from agent.i18n import Text

EXIT_CONFIG = 78


def add(subparsers: Subparsers) -> argparse.ArgumentParser:
    """The command's arguments."""
    parser = subparsers.add_parser(
        "check-config", help=str(Text(en="find every mistake in a configuration", vi="tìm mọi lỗi trong tệp cấu hình"))
    )
    parser.add_argument("file", type=Path, metavar="FILE")
    add_json(parser)
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Print the mistakes; 78 when there are any."""
    mistakes = check_config(arguments.file)
    if arguments.json:
        print(json.dumps([mistake.as_json() for mistake in mistakes], ensure_ascii=False))
    else:
        for mistake in mistakes:
            print(mistake, file=sys.stderr)
        if not mistakes:
            print(Text(en=f"{arguments.file}: no mistakes", vi=f"{arguments.file}: không có lỗi"))
    return EXIT_CONFIG if mistakes else 0
