"""The command line: `migrate` makes the tables, `run` fills them, `report` answers."""

import argparse
import logging
import re
import signal
import socket
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from threading import Event
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import psycopg
from psycopg import errors

from .migrate import migrate
from .options import Database, Login, Options, Tls, broker_at
from .report import Question, ask, deaf_since
from .run import Consumer
from .show import as_json, as_text
from .store import Store, not_now
from .topics import Place
from .words import ConsumerError, Words, language_of_terminal

AGE = re.compile(r"(\d+)([hd])")
NO_TABLES = Words(
    en="the tables are not there, or are older than this consumer: run `migrate` first",
    vi="chưa có bảng, hoặc bảng cũ hơn bản consumer này: hãy chạy `migrate` trước",
)
LEVEL = re.compile(r"[^/+#\s]+")


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 1 with one sentence when something has to be put right."""
    chosen = _parser().parse_args(arguments)
    language = getattr(chosen, "lang", None) or language_of_terminal()
    try:
        code: int = chosen.verb(chosen)
        return code
    except ConsumerError as error:
        print(error.words.say(language), file=sys.stderr)
    except (errors.UndefinedTable, errors.UndefinedFunction, errors.UndefinedColumn):
        print(NO_TABLES.say(language), file=sys.stderr)
    except psycopg.Error as error:
        print(not_now(error).words.say(language), file=sys.stderr)
    return 1


def _migrate(chosen: argparse.Namespace) -> int:
    with Database(chosen.db, statement_s=0).connect() as connection:
        for name in migrate(connection):
            print(name)
    return 0


def _run(chosen: argparse.Namespace) -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    login = Login(chosen.user, chosen.password_file) if chosen.user else None
    broker = broker_at(chosen.mqtt, Tls(chosen.ca, chosen.cert, chosen.key), login, chosen.insecure)
    place = Place(chosen.prefix, chosen.ward)
    options = Options(broker, place, chosen.id, chosen.group, chosen.in_flight, chosen.within)
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    store = Store(Database(chosen.db), chosen.id, chosen.ward)
    try:
        Consumer(options, store, stop, chosen.leave).run()
    finally:
        store.close()
    return 0


def _report(chosen: argparse.Namespace) -> int:
    language = chosen.lang or language_of_terminal()
    zone = _zone(chosen.zone)
    question = Question(
        chosen.about, _since(chosen.since), chosen.node, chosen.event, chosen.zone, chosen.missing / 100, language
    )
    if chosen.about == "clip" and not chosen.event:
        raise ConsumerError(Words(en="report clip needs the event's id", vi="report clip cần mã sự kiện"))
    with Database(chosen.db, statement_s=300).connect() as connection:
        answer, deaf = ask(connection, question), deaf_since(connection)
    if chosen.about == "silent" and deaf:
        at = deaf.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
        said = Words(
            en=f"No consumer has written since {at}: this tells nothing of the nodes. Start the consumer.",
            vi=f"Không có consumer nào ghi từ {at}: chưa kết luận được gì về thiết bị. Hãy chạy consumer.",
        )
        print(said.say(language), file=sys.stderr)
    print(as_json(answer) if chosen.json else as_text(chosen.about, answer, language, zone))
    return 1 if chosen.about == "clip" and not answer else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="consumer", description="What the nodes of a ward say, in PostgreSQL.")
    verbs = parser.add_subparsers(required=True, metavar="migrate|run|report")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--db", default="", help="libpq key=value words, such as service=ward; passwords in ~/.pgpass")
    common.add_argument("--lang", choices=("vi", "en"))
    makes = verbs.add_parser("migrate", parents=[common], help="make the tables, or bring them to the newest form")
    makes.set_defaults(verb=_migrate)
    _add_run(verbs.add_parser("run", parents=[common], help="read the broker and fill the tables"))
    asks = verbs.add_parser("report", parents=[common], help="answer a question")
    asks.add_argument("about", choices=("silent", "recorded", "clip", "asked"))
    asks.add_argument("event", nargs="?", help="id of the event, for clip")
    asks.add_argument("--node")
    asks.add_argument("--since", default="7d", help="2026-03-05T00:00+07:00, or so long ago: 24h, 7d")
    asks.add_argument("--missing", type=float, default=0.1, help="recorded: per cent that may be missing")
    asks.add_argument("--zone", default="Asia/Ho_Chi_Minh", help="whose days and hours")
    asks.add_argument("--json", action="store_true")
    asks.set_defaults(verb=_report)
    return parser


def _add_run(runs: argparse.ArgumentParser) -> None:
    runs.add_argument("--mqtt", required=True, help="mqtts://HOST:PORT")
    runs.add_argument("--ward", required=True, type=_level)
    runs.add_argument("--prefix", default="camera", type=_level)
    runs.add_argument(
        "--group", default="", help="deal the messages out among its consumers; without one each consumer takes all"
    )
    runs.add_argument(
        "--id", default=f"consumer-{socket.gethostname()}", help="client id: always the same for this one"
    )
    runs.add_argument("--ca", type=Path)
    runs.add_argument("--cert", type=Path)
    runs.add_argument("--key", type=Path)
    runs.add_argument("--user")
    runs.add_argument("--password-file", type=Path)
    runs.add_argument("--insecure", action="store_true", help="allow mqtt://")
    runs.add_argument("--in-flight", type=int, default=500, help="messages that may wait for the database")
    runs.add_argument("--within", type=float, default=0.2, help="seconds after which a batch is written")
    runs.add_argument("--leave", action="store_true", help="take what is left for this id, then give it up for good")
    runs.set_defaults(verb=_run)


def _since(text: str) -> datetime:
    """Raises ConsumerError."""
    if match := AGE.fullmatch(text):
        return datetime.now(timezone.utc) - timedelta(hours=int(match[1]) * (24 if match[2] == "d" else 1))
    at: datetime | None
    try:
        at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise ConsumerError(
            Words(
                en=f"--since {text}: a time with its zone, 2026-03-05T00:00+07:00, or so long ago: 24h, 7d",
                vi=f"--since {text}: cần thời điểm kèm múi giờ, 2026-03-05T00:00+07:00, hoặc khoảng vừa qua: 24h, 7d",
            )
        )
    return at


def _level(text: str) -> str:
    if not LEVEL.fullmatch(text):
        raise argparse.ArgumentTypeError("one level of a topic, without / + #")
    return text


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ConsumerError(Words(en=f"no such time zone: {name}", vi=f"không có múi giờ {name}")) from error
