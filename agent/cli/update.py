"""`camera-agent update BUNDLE`: a new version that stays only when it works; `--status`, `--rollback`, `--gate`."""

import argparse
import json
import os
import signal
import sys
from dataclasses import asdict
from pathlib import Path

from agent.app.update import Standing, Updates, standing
from agent.cli.arguments import Subparsers, add_json
from agent.config.units import Bilingual, duration_s
from agent.errors import AgentError
from agent.i18n import Text
from agent.stop import StopSignal
from agent.update.course import SETTLE_S, WINDOW_S, Times
from agent.update.judge import Interrupted
from agent.update.place import Place, own_place, release_of
from agent.update.state import ended_text
from agent.update.take import Wish

STOPPED = 130


def add(subparsers: Subparsers) -> argparse.ArgumentParser:
    """The command's arguments."""
    parser = subparsers.add_parser(
        "update",
        help=str(
            Text(
                en="install a signed new version; it goes back by itself when it does not work",
                vi="cài phiên bản mới đã ký; tự trở lại phiên bản cũ nếu không chạy được",
            )
        ),
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("bundle", nargs="?", type=Path, metavar="BUNDLE", help=_say("the file", "tệp gói cập nhật"))
    what.add_argument("--status", action="store_true", help=_say("how updates stand here", "tình trạng cập nhật"))
    what.add_argument("--rollback", action="store_true", help=_say("the version before", "trở lại phiên bản trước"))
    what.add_argument(
        "--gate",
        action="store_true",
        help=_say("does the running node work? exit 0 if so (for RAUC, Mender)",
                  "thiết bị đang chạy có tốt không? mã thoát 0 là tốt (cho RAUC, Mender)"),
    )  # fmt: skip
    what.add_argument("--resume", action="store_true", help=_say("for the units", "dành cho dịch vụ hệ thống"))
    parser.add_argument(
        "--older", action="store_true", help=_say("allow an older version", "cho phép phiên bản cũ hơn")
    )
    parser.add_argument(
        "--window", metavar="15m", default=None, help=_say("time to prove itself", "thời gian để chứng tỏ chạy tốt")
    )
    parser.add_argument(
        "--settle", metavar="60s", default=None, help=_say("it must have run this long", "phải chạy được ít nhất")
    )
    parser.add_argument(
        "--no-broker", action="store_true", help=_say("with --gate: without the ward", "với --gate: không cần phường")
    )
    parser.add_argument("--root", type=Path, default=None, metavar="DIR", help=_say("for tests", "để kiểm thử"))
    add_json(parser)
    return parser


def run(arguments: argparse.Namespace) -> int:
    """0: the new version has proved itself, or what was asked is so; 1: not; 130: it goes on without this command."""
    place = Place(arguments.root) if arguments.root else own_place(sys.prefix) or Place()
    if arguments.status:
        return show(standing(place), arguments.json)
    times = Times(_seconds(arguments.window, WINDOW_S), _seconds(arguments.settle, SETTLE_S))
    updates = Updates(place, StopSignal([signal.SIGTERM, signal.SIGINT]), lambda text: print(text, flush=True), times)
    try:
        if arguments.gate:
            lacking = updates.gate(times.window_s, broker=not arguments.no_broker)
            print(lacking or Text(en="The node works", vi="Thiết bị hoạt động tốt"))
            return 1 if lacking is not None else 0
        only_root(place)
        os.umask(0o022)  # the service's user must be able to read the program
        if arguments.resume:
            updates.resume()
            return 0
        wish = None if arguments.rollback else Wish(Path(os.path.abspath(arguments.bundle)), arguments.older)  # noqa: PTH100  # a link must stay one
        ended = updates.rollback() if wish is None else updates.update(wish)
    except Interrupted:
        return STOPPED
    if ended is None:
        print(
            Text(
                en="The trial goes on without this command: camera-agent update --status",
                vi="Việc chạy thử vẫn tiếp tục: camera-agent update --status",
            )
        )
        return STOPPED
    print(ended_text(ended))
    return 0 if ended.result == "updated" else 1


def show(how: Standing, as_json: bool) -> int:
    """One screen."""
    if as_json:
        print(json.dumps(asdict(how), ensure_ascii=False))
        return 0
    runs, trial, history = how.current, how.trial, how.history
    lines = [Text(en=f"Runs: {_named(runs)}", vi=f"Đang chạy: {_named(runs)}")]
    if trial is not None:
        new = _named(trial["new"])
        lines.append(Text(en=f"On trial: {new}", vi=f"Đang chạy thử: {new}"))
    if history.previous is not None:
        before = _named(history.previous)
        lines.append(Text(en=f"Kept to go back to: {before}", vi=f"Giữ lại để quay về: {before}"))
    if history.last is not None:
        lines.append(ended_text(history.last))
    for line in lines:
        print(line)
    return 0


def only_root(place: Place) -> None:
    """Only root may exchange the program, and only one that was installed. Raises AgentError."""
    if not place.home.is_dir():
        raise AgentError(
            Text(en=f"There is no installed program in {place.home}", vi=f"Chưa cài chương trình nào ở {place.home}"),
            Text(en="deploy/install.sh installs it", vi="hãy cài bằng deploy/install.sh"),
        )
    if not os.access(place.home, os.W_OK):
        raise AgentError(
            Text(en="Updating needs root", vi="Cập nhật cần quyền root"),
            Text(en="sudo camera-agent update …", vi="sudo camera-agent update …"),
        )


def _named(folder: str | None) -> str:
    return "-" if folder is None else f"{release_of(folder) or folder} ({folder})"


def _seconds(told: str | None, usual_s: float) -> float:
    try:
        return usual_s if told is None else duration_s(told)
    except Bilingual as error:
        raise AgentError(error.text, error.hint) from error


def _say(en: str, vi: str) -> str:
    return str(Text(en=en, vi=vi))
