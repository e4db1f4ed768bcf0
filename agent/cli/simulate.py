"""`camera-agent simulate --nodes N --broker URL`: as many nodes as a city has, for whoever plans its broker."""

import argparse
import json
import signal
import sys
from dataclasses import asdict
from pathlib import Path

from pydantic import ValidationError

from agent.cli.arguments import Subparsers, add_json
from agent.cli.options import tls_options
from agent.config.model import MqttSection
from agent.errors import AgentError, ConfigError
from agent.i18n import Text
from agent.tools.fleet import Plan, Report, simulate
from agent.tools.fleet.measures import Delays
from agent.tools.fleet.plan import Keys
from agent.tools.fleet.simulate import Glance

BAR = 40
PREFIX = "sim"
EXAMPLE = Text(en="for example --broker mqtt://127.0.0.1:1883", vi="ví dụ --broker mqtt://127.0.0.1:1883")


def add(subparsers: Subparsers) -> argparse.ArgumentParser:
    """The command's arguments."""
    parser = subparsers.add_parser(
        "simulate",
        help=str(Text(en="many nodes on one broker, for planning", vi="mô phỏng nhiều thiết bị để thử máy chủ MQTT")),
    )
    parser.add_argument("--nodes", type=int, metavar="N", required=True)
    broker = Text(en="a broker of the ward; several times for a list", vi="máy chủ MQTT; ghi nhiều lần để có danh sách")
    parser.add_argument("--broker", action="append", metavar="URL", help=str(broker))
    cut = Text(
        en="all boot within one second, as after a power cut", vi="tất cả khởi động cùng một giây, như khi có điện lại"
    )
    parser.add_argument("--power-cut", action="store_true", help=str(cut))
    for name, default, words in _NUMBERS:
        parser.add_argument(name, type=float, default=default, metavar="X", help=f"{words} [{default:g}]")
    wards = Text(en="spread over so many wards", vi="chia cho ngần ấy phường")
    parser.add_argument("--wards", type=int, default=1, metavar="N", help=f"{wards} [1]")
    thumbs = Text(en="a picture of so many bytes with each event", vi="kèm ảnh ngần ấy byte cho mỗi sự kiện")
    parser.add_argument("--thumb-bytes", type=int, default=0, metavar="N", help=f"{thumbs} [0]")
    prefix = Text(
        en="first part of all topics: keep it apart from real nodes", vi="phần đầu chủ đề: đừng trùng với thiết bị thật"
    )
    parser.add_argument("--prefix", default=PREFIX, help=f"{prefix} [{PREFIX}]")
    parser.add_argument("--protocol", choices=("auto", "5", "3.1.1"), default="auto", help="MQTT [auto]")
    _add_identity(parser)
    deaf = Text(en="do not listen as the ward does", vi="không chạy chương trình nhận tin của phường")
    parser.add_argument("--no-consumer", action="store_true", help=str(deaf))
    parser.add_argument(
        "--seed", type=int, metavar="N", help=str(Text(en="the same chances again", vi="lặp lại ngẫu nhiên"))
    )
    add_json(parser)
    return parser


_NUMBERS = (
    ("--seconds", 60.0, Text(en="how long", vi="trong bao lâu (giây)")),
    ("--events-per-hour", 6.0, Text(en="of each node", vi="của mỗi thiết bị")),
    ("--health-seconds", 60.0, Text(en="between two health reports", vi="giữa hai báo cáo tình trạng")),
    ("--spread", 30.0, Text(en="`mqtt.spread` of the nodes, seconds", vi="`mqtt.spread` của thiết bị, giây")),
    ("--ramp", 30.0, Text(en="without --power-cut: they start over so many seconds",
                          vi="khi không có --power-cut: khởi động dần trong ngần ấy giây")),
    ("--keepalive", 30.0, Text(en="`mqtt.keepalive` of the nodes, seconds", vi="`mqtt.keepalive` của thiết bị, giây")),
)  # fmt: skip


def _add_identity(parser: argparse.ArgumentParser) -> None:
    each = Text(en="PEM; {node} stands for the node's id", vi="PEM; {node} là mã thiết bị")
    for name in ("--ca", "--cert", "--key"):
        parser.add_argument(name, metavar="FILE", help=str(each))
    parser.add_argument("--username", metavar="NAME")
    password = Text(en="a file with the password", vi="tệp chứa mật khẩu")
    parser.add_argument("--password-file", type=Path, metavar="FILE", help=str(password))


def run(arguments: argparse.Namespace) -> int:
    """Run it and print what was found. Exit code 1 when something was lost or nobody got in.

    Raises ConfigError, LinkError.
    """
    plan = plan_of(arguments)
    progress = Progress(plan)
    before = signal.signal(signal.SIGINT, progress.interrupt)
    try:
        with tls_options("ca", "cert", "key"):
            report = simulate(plan, progress.tell)
    finally:
        signal.signal(signal.SIGINT, before)
        progress.end()
    print(json.dumps(asdict(report)) if arguments.json else table(report))
    return 1 if report.messages.lost or not report.greeted else 0


def plan_of(arguments: argparse.Namespace) -> Plan:
    """Raises ConfigError for what cannot be."""
    if not arguments.broker:
        raise ConfigError(
            Text(en="--broker is missing: the broker to try", vi="thiếu --broker: máy chủ MQTT cần thử"), EXAMPLE
        )
    given = {
        "url": arguments.broker,
        "prefix": arguments.prefix,
        "keepalive": f"{arguments.keepalive:g}s",
        "spread": f"{arguments.spread:g}s",
        "protocol": arguments.protocol,
        "username": arguments.username,
        "password_file": arguments.password_file,
    }
    try:
        section = MqttSection.model_validate({name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        where = ", ".join(".".join(str(part) for part in each["loc"]) for each in error.errors())
        raise ConfigError(
            Text(en=f"not possible: {where}", vi=f"giá trị không hợp lệ: {where}"),
            EXAMPLE,
        ) from error
    return Plan(
        nodes=arguments.nodes,
        section=section,
        seconds=arguments.seconds,
        events_per_hour=arguments.events_per_hour,
        health_s=arguments.health_seconds,
        power_cut=arguments.power_cut,
        ramp_s=arguments.ramp,
        wards=arguments.wards,
        thumb_bytes=arguments.thumb_bytes,
        consumer=not arguments.no_consumer,
        keys=Keys(arguments.ca, arguments.cert, arguments.key),
        password=_password(arguments.password_file),
        seed=arguments.seed,
    )


class Progress:
    """One line on a terminal, anew each second. Ctrl-C ends the run early, and it is reported all the same."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._shown = sys.stderr.isatty()
        self._over = False

    def interrupt(self, *_: object) -> None:
        """Ctrl-C: end this phase; a second one ends the program."""
        self._over = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def tell(self, glance: Glance) -> bool:
        """Show how it stands."""
        if self._shown:
            sys.stderr.write(f"\r\033[K{self._line(glance)}")
            sys.stderr.flush()
        return not self._over

    def end(self) -> None:
        """Leave a clean line."""
        if self._shown:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()

    def _line(self, glance: Glance) -> str:
        of = f"{glance.connected:,}/{self._plan.nodes:,}"
        if glance.draining:
            return str(Text(en=f"{of} connected, {glance.held:,} messages still to leave",
                            vi=f"{of} đang kết nối, còn {glance.held:,} tin chưa gửi"))  # fmt: skip
        return str(
            Text(
                en=f"{glance.second:.0f} s: {of} connected (+{glance.connects_per_s}/s), "
                f"{glance.pubacks_per_s} messages/s, {glance.held} held",
                vi=f"{glance.second:.0f} s: {of} đang kết nối (+{glance.connects_per_s}/s), "
                f"{glance.pubacks_per_s} tin/s, {glance.held} chờ gửi",
            )
        )


def table(report: Report) -> str:
    """For people."""
    flat, told = report.flat, report.messages
    ratio = "-" if flat.peak_over_mean is None else f"{flat.peak_over_mean:.2f}"
    rows = [
        (Text(en="nodes let in", vi="thiết bị đã vào"), f"{report.greeted:,} / {report.nodes:,}"),
        (Text(en="connections a second", vi="kết nối mỗi giây"),
         f"max {flat.peak}, mean {flat.mean:g}: {ratio} ({report.spread_s:g} s)"),
        (Text(en="messages a second", vi="tin mỗi giây"), f"{report.publish_per_s:g}"),
        (Text(en="until the broker's word (PUBACK)", vi="chờ máy chủ xác nhận (PUBACK)"), _delays(report.puback_ms)),
        (Text(en="without a connection, once lost", vi="mất kết nối trong"), _delays(report.away_ms)),
        (Text(en="event messages: acknowledged, held, dropped", vi="tin sự kiện: đã nhận, còn giữ, đã bỏ"),
         f"{told.acked:,}, {told.held:,}, {told.dropped:,}"),
    ]  # fmt: skip
    if report.heard:
        rows += [
            (Text(en="acknowledged, never heard (lost)", vi="đã xác nhận mà không tới (mất)"), f"{told.lost}"),
            (Text(en="heard twice, dropped by id", vi="tới hai lần, bỏ theo mã"), f"{told.sent_again}"),
            (Text(en="from node to consumer", vi="từ thiết bị tới nơi nhận"), _delays(report.heard.lag_ms)),
        ]
    if report.broker:
        cost = report.broker
        value = f"{cost.rss_mb_before:g} → {cost.rss_mb_max:g} MB, CPU {cost.cpu_pct:g} %"
        rows.append((Text(en="the broker here", vi="máy chủ MQTT trên máy này"), value))
    rows.append((Text(en="this program: memory, late by", vi="chương trình này: bộ nhớ, trễ"),
                 f"{report.self_mb:g} MB, {_delays(report.late_ms)}"))  # fmt: skip
    if report.failures:
        value = ", ".join(f"{code} {count}" for code, count in report.failures.items())
        rows.append((Text(en="connections that ended or failed", vi="kết nối đứt hoặc không thành"), value))
        rows += [(Text(en=f"  the last of {code}", vi=f"  lần cuối của {code}"), str(said))
                 for code, said in report.said.items()]  # fmt: skip
    lines = [f"{label!s:44} {value}" for label, value in rows]
    return "\n".join([*lines, *histogram(report)])


def histogram(report: Report) -> list[str]:
    """Connections by the second, in at most 30 lines."""
    counts = report.connects
    step = max(1, -(-len(counts) // 30))
    sums = [sum(counts[start : start + step]) for start in range(0, len(counts), step)]
    most = max(sums, default=0)
    if not most:
        return []
    head = Text(en="connections, by the time since the start", vi="kết nối theo thời gian từ lúc bắt đầu")
    return [str(head)] + [
        f"{number * step:5d} s {count:6d} {'#' * round(BAR * count / most)}" for number, count in enumerate(sums)
    ]


def _delays(delays: Delays) -> str:
    if delays.p50 is None:
        return "-"
    return f"p50 {delays.p50:g} ms, p95 {delays.p95:g} ms, max {delays.max:g} ms"


def _password(file: Path | None) -> str:
    if file is None:
        return ""
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise AgentError(
            Text(en=f"{file} cannot be read: {error.strerror}", vi=f"không đọc được {file}: {error.strerror}")
        ) from error
