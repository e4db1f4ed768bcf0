"""Arguments that several commands share."""

import argparse
from collections.abc import Callable
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


def number(low: float, high: float, like: str, *, whole: bool = False) -> Callable[[str], float]:
    """A `type` for an option that takes a number from `low` to `high`; nan and inf are none."""

    def read(word: str) -> float:
        try:
            value = int(word) if whole else float(word)
        except ValueError:
            value = low - 1
        if low <= value <= high:
            return value
        kind = Text(en="whole number", vi="số nguyên") if whole else Text(en="number", vi="số")
        told = Text(
            en=f"write a {kind.en} from {low:g} to {high:g}, like {like}, not {word!r}",
            vi=f"hãy ghi một {kind.vi} từ {low:g} đến {high:g}, ví dụ {like}, không phải {word!r}",
        )
        raise argparse.ArgumentTypeError(str(told))

    return read


def add_json(parser: argparse.ArgumentParser) -> None:
    """`--json`."""
    parser.add_argument("--json", action="store_true", help=str(Text(en="for programs", vi="dành cho chương trình")))
