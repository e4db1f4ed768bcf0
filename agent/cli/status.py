"""`camera-agent status`: one screen, read from the status file that the running node keeps."""

import argparse
import os
from pathlib import Path

from agent.cli.arguments import DEFAULT_CONFIG, Subparsers, add_config, add_json
from agent.clock import Clock
from agent.health.screen import render_status
from agent.health.status import Place, known_nodes, places, read_status
from agent.i18n import Text, locale_language
from agent.settings import in_use


def add(subparsers: Subparsers) -> argparse.ArgumentParser:
    """The command's arguments."""
    parser = subparsers.add_parser("status", help=str(Text(en="how this node is", vi="tình trạng của thiết bị này")))
    add_config(parser, DEFAULT_CONFIG)
    add_json(parser)
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Print it; 1 when the node is not running."""
    node, candidates = which_node(arguments.config)
    clock = Clock()
    report = read_status(node, candidates, clock)
    running = report.running(clock)
    if arguments.json:
        print(report.model_dump_json(by_alias=True, exclude_none=True))
    else:
        print(render_status(report, locale_language(), report.age_s(clock), running))
    return 0 if running else 1


def which_node(config: Path) -> "tuple[str, tuple[Place, ...]]":
    """The node and where its status may be. Whoever may not read the configuration is shown the only node there is.

    Raises InvalidConfig when that does not help.
    """
    if not os.access(config, os.R_OK) and config.parent.exists():
        candidates = places(Path())
        known = known_nodes(candidates)
        if len(known) == 1:
            return known[0], candidates
    loaded = in_use(config).config
    return loaded.node.id, places(loaded.node.data_dir)
