"""`camera-agent version`: what runs here."""

import argparse
import platform
import sys

from agent import __version__
from agent.cli.arguments import Subparsers
from agent.i18n import Text


def add(subparsers: Subparsers) -> argparse.ArgumentParser:
    """The command's arguments."""
    return subparsers.add_parser("version", help=str(Text(en="print the version", vi="in phiên bản")))


def run(arguments: argparse.Namespace) -> int:
    """Print it."""
    print(f"camera-agent {__version__} (Python {platform.python_version()}, {sys.platform} {platform.machine()})")
    return 0
