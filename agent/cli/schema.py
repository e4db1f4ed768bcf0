"""`camera-agent schema`: what programs need to know of the configuration and the messages."""

import argparse
import json
from pathlib import Path

from agent.cli.arguments import Subparsers
from agent.config.schema import config_schema
from agent.contract.asyncapi import write_reference
from agent.i18n import Text


def add(subparsers: Subparsers) -> argparse.ArgumentParser:
    """The command's arguments."""
    parser = subparsers.add_parser(
        "schema",
        help=str(Text(en="JSON Schema of the configuration and messages", vi="JSON Schema của cấu hình và tin")),
    )
    parser.add_argument("what", choices=("config", "write"))
    parser.add_argument("directory", type=Path, nargs="?", default=Path("docs/reference"), help="write: docs/reference")
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Print the configuration's schema, or write the whole reference."""
    text = json.dumps(config_schema(), indent=2, ensure_ascii=False) + "\n"
    if arguments.what == "config":
        print(text, end="")
        return 0
    arguments.directory.mkdir(parents=True, exist_ok=True)
    (arguments.directory / "config.schema.json").write_text(text, encoding="utf-8")
    write_reference(arguments.directory / "mqtt")
    return 0
