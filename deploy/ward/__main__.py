"""`python -m deploy.ward COMMAND`, installed as `camera-ward`: run, lay, add, token, revoke, refresh, desk, send."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from agent.errors import AgentError
from agent.i18n import Text
from agent.options import number
from deploy.ward.child import WardError
from deploy.ward.site import Ports, Site, WardSettings
from deploy.ward.ward import default_cache

ETC = Path("/etc/camera-ward")
STATE = Path("/var/lib/camera-ward")
RUN = Path("/run/camera-ward")


def main(argv: Sequence[str] | None = None) -> int:
    """0, 1 (failed or refused), 2 (usage), 3 (no answer in time)."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.verb(arguments))
    except (AgentError, OSError) as error:
        print(f"camera-ward: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="camera-ward", allow_abbrev=False)
    verbs = parser.add_subparsers(required=True, metavar="COMMAND")
    site = argparse.ArgumentParser(add_help=False)
    site.add_argument("--site", type=Path, help=_say("a ward of one directory", "phường nằm trong một thư mục"))
    how = argparse.ArgumentParser(add_help=False)
    how.add_argument("--ward", help=_say("its name in topics", "tên phường trong topic"))
    how.add_argument("--hosts", default="localhost,127.0.0.1", help=_say("names and addresses", "tên máy và địa chỉ"))
    how.add_argument("--prefix", default="camera")
    how.add_argument("--ports", help="nodes,staff,uploads,live,enrol,rtmp,ask")

    run = verbs.add_parser("run", parents=[how], help=_say("a whole ward here", "chạy cả máy chủ phường tại đây"))
    run.add_argument("--directory", type=Path, default=default_cache() / "ward")
    run.add_argument("--node", default="node-1")
    run.add_argument("--camera", help=_say("its source; else the street video", "nguồn hình; mặc định video đường phố"))
    run.add_argument("--seconds", type=number(0.1, 86400, "60"))
    run.add_argument("--no-media", action="store_true")
    run.set_defaults(verb=_run)

    lay = verbs.add_parser("lay", parents=[how, site], help=_say("configuration and certificates", "tạo cấu hình"))
    lay.add_argument("--root", type=Path, default=Path("/"), help=_say("write below it", "ghi bên dưới thư mục này"))
    lay.add_argument("--address", default="0.0.0.0", help=_say("where to listen", "địa chỉ lắng nghe"))  # noqa: S104
    lay.add_argument("--user", default="camera-ward")
    lay.set_defaults(verb=_lay)

    add = verbs.add_parser("add", parents=[site], help=_say("files for a node without EST", "tệp cho thiết bị"))
    add.add_argument("node")
    add.add_argument("folder", type=Path)
    add.set_defaults(verb=_add)

    token = verbs.add_parser("token", parents=[site], help=_say("let a node enrol", "cấp mã đăng ký"))
    token.add_argument("node")
    token.add_argument("--days", type=number(0.01, 90, "1"), default=1.0)
    token.add_argument("--again", action="store_true")
    token.set_defaults(verb=_token)

    revoke = verbs.add_parser("revoke", parents=[site], help=_say("a node is out", "thu hồi một thiết bị"))
    revoke.add_argument("node")
    revoke.set_defaults(verb=_revoke)

    verbs.add_parser("refresh", parents=[site], help=_say("daily", "hằng ngày")).set_defaults(verb=_refresh)

    desk = verbs.add_parser("desk", parents=[site], help=_say("folder for an officer", "thư mục cho cán bộ"))
    desk.add_argument("folder", type=Path)
    desk.add_argument("--host")
    desk.set_defaults(verb=_desk)

    send = verbs.add_parser("send", help=_say("a command to a node", "gửi lệnh tới thiết bị"))
    _add_send(send)
    return parser


def _add_send(send: argparse.ArgumentParser) -> None:
    send.add_argument("node", help=_say("its id", "mã thiết bị"))
    send.add_argument("command", help=_say("for example selftest, clip.request", "ví dụ selftest, clip.request"))
    send.add_argument(
        "fields",
        nargs="*",
        metavar="key=value",
        help=_say("key=@FILE takes a file's text", "key=@FILE lấy nội dung của tệp"),
    )
    send.add_argument("--by", metavar=_say("OFFICER/CASE/REASON", "CÁN_BỘ/VỤ_VIỆC/LÝ_DO"))
    send.add_argument("--sign", type=Path, metavar="KEY", help=_say("command.key", "command.key, khoá ký lệnh"))
    send.add_argument(
        "--desk",
        type=Path,
        default=Path(os.environ.get("CAMERA_WARD_DESK", str(STATE / "desk"))),
        help=_say("folder made by `desk`", "thư mục do lệnh `desk` tạo"),
    )
    expires = _say("seconds until the node refuses it [300]", "sau ngần ấy giây thiết bị không nhận nữa [300]")
    send.add_argument("--expires", type=number(1, 604_800, "300"), default=300.0, metavar="S", help=expires)
    wait = _say("seconds to wait for its end [900]", "chờ kết quả trong ngần ấy giây [900]")
    send.add_argument("--wait", type=number(0, 604_800, "900"), default=900.0, metavar="S", help=wait)
    send.add_argument("--json", action="store_true", help=_say("for programs", "dành cho chương trình"))
    send.set_defaults(verb=_send)


def _run(arguments: argparse.Namespace) -> int:
    from deploy.ward.here import Trial, run  # noqa: PLC0415  # each verb loads what it needs

    base: Path = arguments.directory
    trial = Trial(
        base, _settings(arguments), arguments.node, arguments.camera, arguments.seconds, not arguments.no_media
    )
    return run(trial)


def _lay(arguments: argparse.Namespace) -> int:
    from deploy.ward.operate import lay  # noqa: PLC0415

    site = _site(arguments)
    lay(site, _settings(arguments, arguments.address, arguments.user) if arguments.ward else site.settings())
    print(site.here(site.etc))
    return 0


def _add(arguments: argparse.Namespace) -> int:
    from deploy.ward.operate import add_node  # noqa: PLC0415

    print(add_node(_laid(arguments), arguments.node, arguments.folder))
    return 0


def _token(arguments: argparse.Namespace) -> int:
    from deploy.ward.ca import command  # noqa: PLC0415

    site = _laid(arguments)
    more = ("--again",) if arguments.again else ()
    print(command(site.here(site.nodes), "token", arguments.node, "--days", str(arguments.days), *more).strip())
    return 0


def _revoke(arguments: argparse.Namespace) -> int:
    from deploy.ward.operate import revoke  # noqa: PLC0415

    count = revoke(_laid(arguments), arguments.node)
    if count == 0:
        raise WardError(
            Text(
                en=f"no certificate of {arguments.node} was good: nothing revoked",
                vi=f"{arguments.node} không có chứng chỉ nào còn hiệu lực: chưa thu hồi gì",
            ),
            Text(
                en="is the name right? It is the `node.id` of its configuration",
                vi="hãy kiểm tra tên: đó là `node.id` trong cấu hình của thiết bị",
            ),
        )
    print(Text(en=f"{count} certificates revoked", vi=f"đã thu hồi {count} chứng chỉ"))
    return 0


def _refresh(arguments: argparse.Namespace) -> int:
    from deploy.ward.operate import refresh  # noqa: PLC0415

    refresh(_laid(arguments))
    return 0


def _desk(arguments: argparse.Namespace) -> int:
    from deploy.ward.operate import make_desk  # noqa: PLC0415

    make_desk(_laid(arguments), arguments.folder, arguments.host)
    print(arguments.folder)
    return 0


def _send(arguments: argparse.Namespace) -> int:
    from deploy.ward.order import Order, load_key, parse_fields  # noqa: PLC0415
    from deploy.ward.send import Desk, Manner, send  # noqa: PLC0415

    desk = Desk.of(arguments.desk)
    fields = parse_fields(arguments.fields)
    order = Order(desk.ward, arguments.node, arguments.command, fields, arguments.by, arguments.expires)
    key = load_key(arguments.sign) if arguments.sign else None
    return send(desk, order, Manner(arguments.wait, arguments.json, key), lambda line: print(line, flush=True))


def _site(arguments: argparse.Namespace) -> Site:
    if arguments.site is None:
        return Site(ETC, STATE, RUN, getattr(arguments, "root", Path("/")))
    return Site.below(arguments.site.resolve())


def _laid(arguments: argparse.Namespace) -> Site:
    """A site that is there: no second authority is made where somebody forgot --site. Raises WardError."""
    site = _site(arguments)
    site.settings()
    return site


def _settings(arguments: argparse.Namespace, address: str = "127.0.0.1", user: str = "camera-ward") -> WardSettings:
    hosts = tuple(host for host in arguments.hosts.split(",") if host)
    ports = _ports(arguments.ports) if arguments.ports else Ports()
    return WardSettings(arguments.ward or "phuong-thu", hosts, arguments.prefix, address, ports, user)


def _ports(words: str) -> Ports:
    try:
        return Ports(*map(int, words.split(",")))
    except (ValueError, TypeError) as error:
        raise WardError(
            Text(en=f"--ports {words}: these are no ports", vi=f"--ports {words}: không phải các số cổng"),
            Text(
                en="up to seven numbers with commas: nodes,staff,uploads,live,enrol,rtmp,ask",
                vi="nhiều nhất bảy số, cách nhau bằng dấu phẩy: nodes,staff,uploads,live,enrol,rtmp,ask",
            ),
        ) from error


def _say(en: str, vi: str) -> str:
    return str(Text(en=en, vi=vi))


if __name__ == "__main__":
    sys.exit(main())
