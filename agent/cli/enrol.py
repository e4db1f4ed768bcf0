"""`camera-agent enrol --ward URL`: the node's key, made here, and its certificate from the ward, with a token."""

import argparse
import contextlib
import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from agent.cli.argv import hide_option
from agent.errors import AgentError, LinkError
from agent.i18n import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.app.enrol import Files
    from agent.cli.arguments import Subparsers
    from agent.config.model import Config

LONGEST_TOKEN = 4096
PORT = Text(
    en="is the port in --ward the authority's? It is 9443 unless the ward says otherwise",
    vi="cổng trong --ward có đúng của máy chủ cấp chứng chỉ không? Thường là 9443, trừ khi phường báo khác",
)


def add(subparsers: "Subparsers") -> argparse.ArgumentParser:
    """The command's arguments. A token among them is overwritten first of all."""
    hide_option("--token")
    from agent.cli.arguments import DEFAULT_CONFIG, add_config  # noqa: PLC0415  # after the token was hidden

    about = Text(en="get this node's certificate from the ward", vi="lấy chứng chỉ của thiết bị này từ phường")
    parser = subparsers.add_parser("enrol", help=str(about), allow_abbrev=False)
    ward = Text(en="the ward's authority, https://host:9443", vi="máy chủ cấp chứng chỉ, https://host:9443")
    parser.add_argument("--ward", required=True, metavar="URL", help=str(ward))
    group = parser.add_mutually_exclusive_group()
    token = Text(
        en="the one-time token; better - (standard input), a file, or typed when asked",
        vi="mã đăng ký; nên dùng - (đầu vào chuẩn), tệp, hoặc gõ khi hỏi",
    )
    group.add_argument("--token", metavar="TOKEN", help=str(token))
    file = Text(en="a file with the token, - for standard input", vi="tệp chứa mã đăng ký, - là đầu vào chuẩn")
    group.add_argument("--token-file", metavar="FILE", help=str(file))
    ca = Text(
        en="the ward's authority (PEM), for a token without fingerprint",
        vi="chứng chỉ của nơi cấp (PEM), khi mã không kèm mã nhận dạng",
    )
    parser.add_argument("--ca", type=Path, metavar="FILE", help=str(ca))
    add_config(parser, DEFAULT_CONFIG)
    return parser


def run(arguments: argparse.Namespace) -> int:
    """0 when the certificate is stored. Raises ConfigError, AgentError."""
    # cryptography and the rooms, which no other command needs
    from agent.app.enrol import enrol, files_of, trusted  # noqa: PLC0415
    from agent.app.wiping import wake_erased  # noqa: PLC0415
    from agent.cli.owner import as_owner  # noqa: PLC0415
    from agent.clock import Clock  # noqa: PLC0415
    from agent.config.load import load_config  # noqa: PLC0415
    from agent.contract.base import utc  # noqa: PLC0415
    from agent.identity.store import IdentityStore  # noqa: PLC0415
    from agent.identity.token import parse_token  # noqa: PLC0415

    config = load_config(arguments.config)
    _check_url(arguments.ward)
    data = config.node.data_dir
    if not data.is_dir():
        raise AgentError(
            Text(en=f"there is no folder {data}", vi=f"không có thư mục {data}"),
            Text(
                en="start the service once (systemctl start camera-agent), then enrol",
                vi="hãy chạy dịch vụ một lần (systemctl start camera-agent) rồi đăng ký",
            ),
        )
    files = files_of(config.tls, data)
    store = IdentityStore(files.ca, files.cert, files.key)
    token = parse_token(_told_token(arguments))
    with _in_options(arguments):
        ca_pem = trusted(arguments.ward, token, arguments.ca, Clock())
        with as_owner(data):
            validity = enrol(config.node.id, arguments.ward, token, ca_pem, store)
            wake_erased(data)
    day = utc(validity.not_after_ns)[:10]
    print(
        Text(
            en=f"{config.node.id} is enrolled until {day}; key and certificate are in {store.folder}",
            vi=f"{config.node.id} đã đăng ký, đến ngày {day}; khoá và chứng chỉ nằm trong {store.folder}",
        )
    )
    _advise(config, files, arguments)
    return 0


@contextlib.contextmanager
def _in_options(arguments: argparse.Namespace) -> "Iterator[None]":
    """A node that is being enrolled has no `tls` yet: its words are of `--ca` and `--ward`. Raises LinkError."""
    from agent.cli.options import tls_options  # noqa: PLC0415  # as above
    from agent.uplink.peer import about_own_certificate  # noqa: PLC0415

    try:
        with tls_options(*(("ca",) if arguments.ca else ())):
            yield
    except LinkError as error:
        if error.hint is None or about_own_certificate(error):  # who wants a certificate is not who gives the first
            raise LinkError(error.text, PORT, code=error.code, silent=error.silent) from error
        raise


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc:
        raise AgentError(
            Text(
                en="the address of the ward's authority is https://host:port",
                vi="địa chỉ máy chủ cấp chứng chỉ có dạng https://host:port",
            ),
            Text(en="a token is sent over TLS only", vi="mã đăng ký chỉ được gửi qua TLS"),
        )


def _told_token(arguments: argparse.Namespace) -> str:
    """From the command line, a file, standard input, or a person who types it unseen. Raises AgentError."""
    if arguments.token not in {None, "-"}:
        return str(arguments.token)
    told = arguments.token or arguments.token_file
    if told == "-" and not sys.stdin.isatty():
        return sys.stdin.read(LONGEST_TOKEN)
    if told not in {None, "-"}:
        try:
            with Path(told).open(encoding="ascii") as file:
                return file.read(LONGEST_TOKEN)
        except (OSError, UnicodeDecodeError) as error:
            raise AgentError(
                Text(
                    en=f"the file {arguments.token_file} cannot be read",
                    vi=f"không đọc được tệp {arguments.token_file}",
                )
            ) from error
    if not sys.stdin.isatty():
        raise AgentError(
            Text(en="there is no token", vi="chưa có mã đăng ký"),
            Text(
                en="use --token-file FILE, or - for standard input", vi="hãy dùng --token-file TỆP, hoặc - là đầu vào"
            ),
        )
    return getpass.getpass(str(Text(en="Token (not shown): ", vi="Mã đăng ký (không hiện ra): ")))


def _advise(config: "Config", files: "Files", arguments: argparse.Namespace) -> None:
    """What is left to do, if anything."""
    tls = config.tls
    if tls.cert is not None and tls.key is not None:
        print(
            Text(
                en="A running node takes the new certificate by itself.",
                vi="Thiết bị đang chạy sẽ tự dùng chứng chỉ mới.",
            )
        )
        return
    parts = urlsplit(arguments.ward)
    print(
        Text(
            en=f"Write into {arguments.config}, then: systemctl restart camera-agent",
            vi=f"Hãy ghi vào {arguments.config}, rồi chạy: systemctl restart camera-agent",
        )
    )
    print(
        f"\ntls:\n  ca: {files.ca}\n  cert: {files.cert}\n  key: {files.key}\n"
        f"  renew: https://{parts.netloc}/.well-known/est"
    )
