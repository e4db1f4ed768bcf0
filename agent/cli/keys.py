"""`camera-agent keys --out ward`: at the ward, the key pair for encrypted footage."""

import argparse
import sys
from pathlib import Path

from agent.cli.arguments import Subparsers
from agent.errors import AgentError
from agent.footage.ward_key import fingerprint, make_pair
from agent.i18n import Text
from agent.system_words import reason


def add(subparsers: Subparsers) -> argparse.ArgumentParser:
    """The command's arguments."""
    about = Text(en="make the ward's keys for encrypted footage", vi="tạo khoá của phường cho hình ghi được mã hoá")
    parser = subparsers.add_parser("keys", help=str(about))
    out = Text(en="writes NAME.key (secret) and NAME.pub", vi="ghi TÊN.key (bí mật) và TÊN.pub")
    parser.add_argument("--out", type=Path, required=True, metavar=str(Text(en="NAME", vi="TÊN")), help=str(out))
    return parser


def run(arguments: argparse.Namespace) -> int:
    """0, or 1 when the files are there already or cannot be written. Raises AgentError."""
    private, public = (arguments.out.with_name(arguments.out.name + suffix) for suffix in (".key", ".pub"))
    try:
        key = make_pair(private, public)
    except OSError as error:
        why = reason(error)
        raise AgentError(Text(en=f"{private}: {why.en}", vi=f"{private}: {why.vi}")) from error
    print(
        Text(
            en=f"{private}: keep it at the ward, with a copy in a safe; without it nobody can open the footage\n"
            f"{public}: give it to each node as `evidence: {{encrypt_to: FILE}}`\nfingerprint {fingerprint(key)}",
            vi=f"{private}: giữ tại phường, kèm một bản sao cất nơi an toàn; mất khoá này thì không ai mở được hình\n"
            f"{public}: chép cho từng thiết bị, ghi ở `evidence: {{encrypt_to: TỆP}}`\n"
            f"mã nhận dạng khoá (fingerprint) {fingerprint(key)}",
        ),
        file=sys.stdout,
    )
    return 0
