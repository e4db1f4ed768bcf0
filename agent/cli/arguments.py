"""Arguments that several commands share."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from agent.i18n import Text

DEFAULT_CONFIG = "/etc/camera-agent/config.yaml"

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]
else:
    Subparsers = object


def add_config(parser: argparse.ArgumentParser, default: str | None = None) -> None:
    """`--config FILE`."""
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        default=Path(default) if default else None,
        required=default is None,
        help=str(Text(en="the node's configuration (YAML)", vi="tệp cấu hình của thiết bị (YAML)"))
        + (f" [{default}]" if default else ""),
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    """`--json`."""
    parser.add_argument("--json", action="store_true", help=str(Text(en="for programs", vi="dành cho chương trình")))
