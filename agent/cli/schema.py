"""`camera-agent schema`: what editors and other programs need to know of the configuration and of the messages."""

import argparse
import json

from agent.cli.arguments import Subparsers
from agent.config.schema import config_schema
from agent.contract.asyncapi import asyncapi
from agent.i18n import Text


def add(subparsers: Subparsers) -> argparse.ArgumentParser:
    """The command's arguments."""
    parser = subparsers.add_parser(
        "schema", help=str(Text(en="schema of configuration or messages", vi="lược đồ của cấu hình hoặc bản tin"))
    )
    parser.add_argument("what", choices=("config", "mqtt"), help="JSON Schema 2020-12, AsyncAPI 3.0")
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Print it as JSON."""
    print(json.dumps(config_schema() if arguments.what == "config" else asyncapi(), indent=2, ensure_ascii=False))
    return 0
