"""`camera-agent status`: one screen, read from the status file that the running node keeps."""

import argparse

from agent.cli.arguments import DEFAULT_CONFIG, Subparsers, add_config, add_json
from agent.clock import Clock
from agent.config.load import load_config
from agent.health.screen import render_status
from agent.health.status import places, read_status
from agent.i18n import Text, locale_language


def add(subparsers: Subparsers) -> argparse.ArgumentParser:
    """The command's arguments."""
    parser = subparsers.add_parser("status", help=str(Text(en="how this node is", vi="tình trạng của nút này")))
    add_config(parser, DEFAULT_CONFIG)
    add_json(parser)
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Print it; 1 when the node is not running."""
    config = load_config(arguments.config)
    clock = Clock()
    report = read_status(config.node.id, places(config.node.data_dir), clock)
    running = report.running(clock)
    if arguments.json:
        print(report.model_dump_json(by_alias=True, exclude_none=True))
    else:
        print(render_status(report, locale_language(), report.age_s(clock), running))
    return 0 if running else 1
