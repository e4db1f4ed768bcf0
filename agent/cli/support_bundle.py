"""`camera-agent support-bundle OUT.tar.gz`: for whoever helps from afar. No footage, no secrets; lists what it has."""

import argparse
import os
import sys
from pathlib import Path

from agent.app.selftest import secret_files
from agent.cli.arguments import DEFAULT_CONFIG, Subparsers, add_config
from agent.cli.out import check_out, refuse_own_files
from agent.clock import Clock
from agent.config.mistakes import InvalidConfig
from agent.i18n import Text
from agent.settings import Chosen, in_use


def add(subparsers: Subparsers) -> argparse.ArgumentParser:
    """The command's arguments."""
    text = Text(
        en="collect what helps to find a fault; no footage, no secrets",
        vi="gom thông tin để tìm lỗi; không có hình, không có mật khẩu",
    )
    parser = subparsers.add_parser("support-bundle", help=str(text))
    add_config(parser, DEFAULT_CONFIG)
    where = Text(en="the file to write", vi="tệp sẽ ghi")
    parser.add_argument("out", type=Path, metavar="OUT.tar.gz", help=str(where))
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Collect, take secrets out, write, and list what is in it. Raises AgentError for an OUT that cannot be."""
    check_out(arguments.out)
    from agent.tools.doctor import diagnose  # noqa: PLC0415 (OpenCV, PyAV)
    from agent.tools.support import Redactor, Sources, collect, pack, secret_values  # noqa: PLC0415

    clock = Clock()
    chosen = _chosen(arguments.config)
    files: tuple[Path, ...] = ()
    diagnosis = None
    node = "unknown"
    if chosen is not None:
        refuse_own_files(chosen.config.node.data_dir, arguments.out)
        files, node = tuple(secret_files(chosen.config)), chosen.config.node.id
        diagnosis = diagnose(chosen.config, clock, _tell)
    redact = Redactor(secret_values(files, arguments.config.parent))
    parts = collect(Sources(arguments.config, chosen, diagnosis, clock), redact)
    size = pack(parts, node, arguments.out, clock.now())
    print(Text(en=f"{arguments.out}: {size / 1000:.0f} kB", vi=f"{arguments.out}: {size / 1000:.0f} kB"))
    for part in parts:
        missing = part.missing
        words = part.about if missing is None else Text(
            en=f"NOT INCLUDED: {missing.text.en}", vi=f"KHÔNG CÓ: {missing.text.vi}"
        )  # fmt: skip
        print(f"  {part.name:<18}{words}")
    if os.geteuid() != 0 and any(part.missing for part in parts):
        print(Text(en="With sudo more can be read.", vi="Chạy bằng sudo sẽ đọc được nhiều hơn."), file=sys.stderr)
    return 0


def _chosen(file: Path) -> Chosen | None:
    try:
        return in_use(file)
    except InvalidConfig:
        return None


def _tell(text: Text) -> None:
    if sys.stderr.isatty():
        print(text, file=sys.stderr, flush=True)
