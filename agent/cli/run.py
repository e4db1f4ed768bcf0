"""`camera-agent run`: the node. systemd starts this; SIGTERM, SIGINT and SIGHUP end it within ten seconds."""

import argparse
import os
import signal

from agent.app.again import AGAIN_CODE, begin_again
from agent.app.run import run_node
from agent.cli.arguments import DEFAULT_CONFIG, Subparsers, add_config
from agent.clock import Clock
from agent.health.logs import set_up_logs
from agent.i18n import Text
from agent.settings import Keeping
from agent.stop import StopSignal


def add(subparsers: Subparsers) -> argparse.ArgumentParser:
    """The command's arguments."""
    parser = subparsers.add_parser("run", help=str(Text(en="run the node", vi="chạy thiết bị")))
    add_config(parser, DEFAULT_CONFIG)
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Until a signal asks it to stop. Raises ConfigError (exit 78) when it cannot start at all."""
    settings = Keeping(arguments.config)
    clock = Clock()
    language = settings.chosen.config.node.language
    os.environ.setdefault("CAMERA_AGENT_LANG", language)  # under systemd no terminal tells the language
    set_up_logs(clock)
    ends = [signal.SIGTERM, signal.SIGINT]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # `nohup` means what it says
        ends.append(signal.SIGHUP)
    code = run_node(settings, clock, StopSignal(ends))
    if code == AGAIN_CODE:
        begin_again()
    return code
