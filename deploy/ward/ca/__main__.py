"""`python -m deploy.ward.ca serve | token NODE | revoke NODE | list | server NAME`: run by the ward's operator."""

import argparse
import asyncio
import sys
from datetime import timedelta
from pathlib import Path

from agent.errors import AgentError
from agent.i18n import Text
from agent.options import number
from deploy.ward.ca.audit import Audit
from deploy.ward.ca.authority import Authority
from deploy.ward.ca.policy import NODE
from deploy.ward.ca.refused import Refused
from deploy.ward.ca.register import Register
from deploy.ward.ca.serve import CaOptions, serve

DIRECTORY = Path("/var/lib/camera-ward/ca")
TOKEN_DAYS = 7.0


def main() -> int:
    """0, 1 (refused) or 2 (usage)."""
    arguments = _parser().parse_args()
    try:
        return int(arguments.run(arguments))
    except (Refused, AgentError, OSError) as error:
        print(error, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--directory", type=Path, default=DIRECTORY, help=f"[{DIRECTORY}]")
    parser = argparse.ArgumentParser(prog="python -m deploy.ward.ca")
    verbs = parser.add_subparsers(required=True, metavar="COMMAND")
    runs = verbs.add_parser("serve", parents=[common], help="answer nodes / phục vụ thiết bị")
    runs.add_argument("--host", default="0.0.0.0", help="[0.0.0.0]")  # noqa: S104  # nodes come from outside
    runs.add_argument("--port", type=number(0, 65535, "9443", whole=True), default=9443, help="[9443]")
    runs.add_argument(
        "--names", type=_names, required=True, metavar="NAME,…", help="host names and addresses of this server"
    )
    runs.add_argument("--life-days", type=number(0.0005, 3650, "90"), default=90.0, help="of nodes' certificates [90]")
    runs.set_defaults(run=_serve)
    token = verbs.add_parser("token", parents=[common], help="let one node enrol / cấp mã đăng ký cho một thiết bị")
    token.add_argument("node", type=_node)
    token.add_argument(
        "--days", type=number(0, 90, "7"), default=TOKEN_DAYS, help=f"how long it is good [{TOKEN_DAYS:.0f}]"
    )
    token.add_argument("--again", action="store_true", help="the node has a certificate: replace it when this is used")
    token.set_defaults(run=_token)
    revoke = verbs.add_parser("revoke", parents=[common], help="a node may not come in any more / thu hồi")
    revoke.add_argument("node", type=_node)
    revoke.set_defaults(run=_revoke)
    known = verbs.add_parser("list", parents=[common], help="nodes that may come in / các thiết bị đã đăng ký")
    known.set_defaults(run=_list)
    server = verbs.add_parser("server", parents=[common], help="key and certificate for a broker or upload server")
    server.add_argument("name", type=_node)
    server.add_argument("--names", type=_names, required=True, metavar="NAME,…")
    server.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    server.set_defaults(run=_server)
    return parser


def _serve(arguments: argparse.Namespace) -> int:
    life = timedelta(days=arguments.life_days)
    asyncio.run(serve(CaOptions(arguments.directory, arguments.host, arguments.port, arguments.names, life)))
    return 0


def _token(arguments: argparse.Namespace) -> int:
    authority, register, audit = _open(arguments.directory)
    secret = register.new_token(arguments.node, timedelta(days=arguments.days), arguments.again)
    audit.note("token", arguments.node, days=str(arguments.days), again=str(arguments.again))
    print(f"{secret}.{authority.fingerprint}")
    said = Text(
        en=f"Once, within {arguments.days:g} days, for {arguments.node} only. It is not shown again.",
        vi=f"Dùng một lần, trong {arguments.days:g} ngày, chỉ cho {arguments.node}. Mã không hiện lại.",
    )
    print(said, file=sys.stderr)
    return 0


def _revoke(arguments: argparse.Namespace) -> int:
    authority, register, audit = _open(arguments.directory)
    count = register.revoke(arguments.node)
    authority.write_crl(register.revoked())
    audit.note("revoked", arguments.node, certificates=str(count))
    said = Text(
        en=f"{count} revoked. The broker does not know yet, and a connection that stands goes on: restart it. "
        "(`camera-ward revoke` does both by itself.)",
        vi=f"đã thu hồi {count}. Máy chủ MQTT chưa biết, và kết nối đang mở vẫn còn: hãy khởi động lại máy chủ đó. "
        "(`camera-ward revoke` tự làm cả hai việc.)",
    )
    print(said)
    return 0


def _list(arguments: argparse.Namespace) -> int:
    _, register, _ = _open(arguments.directory)
    for node, ends in register.nodes():
        print(f"{node}\t{ends:%Y-%m-%d}")
    return 0


def _server(arguments: argparse.Namespace) -> int:
    authority, _, audit = _open(arguments.directory)
    made = authority.server(arguments.out, arguments.name, arguments.names)
    audit.note("server", arguments.name, names=",".join(arguments.names))
    print(made.cert)
    return 0


def _open(directory: Path) -> tuple[Authority, Register, Audit]:
    authority = Authority(directory)
    return authority, Register(directory / "ca.db"), Audit(directory / "audit.jsonl")


def _node(word: str) -> str:
    if not NODE.fullmatch(word):
        raise argparse.ArgumentTypeError(f"expected {NODE.pattern}")
    return word


def _names(words: str) -> tuple[str, ...]:
    return tuple(word for word in words.split(",") if word)


if __name__ == "__main__":
    sys.exit(main())
