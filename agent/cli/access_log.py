"""`camera-agent access-log`: who asked for footage of this device, what, when and why; for the household."""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

from agent.access import Broken, Checked, Record, check, files, parse
from agent.app.access_words import ACTIONS, RESULTS
from agent.cli.arguments import DEFAULT_CONFIG, Subparsers, add_config, add_json
from agent.cli.plain import plain
from agent.errors import AgentError
from agent.health.status import places
from agent.i18n import Text, locale_language
from agent.settings import in_use
from agent.system_words import reason

ONLY_NEWEST = Text(
    en="Only the newest records were checked; use sudo for all of them.",
    vi="Chỉ kiểm tra các dòng mới nhất; dùng sudo để kiểm tra tất cả.",
)
BROKEN = {
    Broken.UNREADABLE: Text(en="cannot be read", vi="không đọc được"),
    Broken.CHANGED: Text(en="was changed", vi="đã bị sửa"),
    Broken.MISSING: Text(en="does not follow the one before: records are missing", vi="không nối dòng trước: mất dòng"),
}


def add(subparsers: Subparsers) -> argparse.ArgumentParser:
    """The command's arguments."""
    text = Text(en="who asked for footage, what, when and why", vi="ai đã xin hình, đoạn nào, lúc nào, vì sao")
    parser = subparsers.add_parser("access-log", help=str(text))
    add_config(parser, DEFAULT_CONFIG)
    add_json(parser)
    whole = Text(en="check that nothing was changed or taken out", vi="kiểm tra nhật ký có bị sửa hay xoá không")
    parser.add_argument("--check", action="store_true", help=str(whole))
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Print it, the newest last. 1 when `--check` finds something."""
    log = _log_of(arguments.config)
    lines = list(_lines(log))
    records = [record for record in map(parse, lines) if record is not None]
    if arguments.check:
        status = _tell_check(check(lines, whole=not log.copy), arguments.json, log.copy)
        if log.copy and not arguments.json:
            print(ONLY_NEWEST, file=sys.stderr)
        return status
    if arguments.json:
        for record in records:
            print(json.dumps(record.fields() | {"hash": record.hash}, ensure_ascii=False))
        return 0
    for record in records:
        print("\n".join(map(plain, _words(record, log.zone))))
    if not records:
        print(Text(en="Nobody has asked for footage yet.", vi="Chưa có ai xin hình."))
    if log.copy:
        note = Text(
            en="The newest records; with sudo all are shown, and --check tells whether any was changed.",
            vi="Đây là các dòng mới nhất; dùng sudo để xem tất cả và kiểm tra (--check) có bị sửa không.",
        )
        print(note, file=sys.stderr)
    return 0


class _Log:
    """Where the records are read from: the log itself, or the copy for everybody."""

    def __init__(self, directory: Path | None, copies: Sequence[Path], zone: ZoneInfo) -> None:
        self.directory, self.copies, self.zone = directory, copies, zone
        self.copy = directory is None


def _log_of(config: Path) -> _Log:
    if os.access(config, os.R_OK) or not config.parent.exists():
        loaded = in_use(config).config
        folder = loaded.node.data_dir / "access"
        name = f"access-{loaded.node.id}.jsonl"
        copies = [place.folder / name for place in places(loaded.node.data_dir)]
        return _Log(folder if os.access(folder, os.R_OK | os.X_OK) else None, copies, ZoneInfo(loaded.node.timezone))
    copies = [path for place in places(Path()) for path in sorted(place.folder.glob("access-*.jsonl"))]
    return _Log(None, copies, ZoneInfo("Asia/Ho_Chi_Minh"))


def _lines(log: _Log) -> Iterator[bytes]:
    try:
        if log.directory is not None:
            yield from files.lines(log.directory)
            return
        for path in log.copies:
            if path.exists():
                yield from path.read_bytes().splitlines(keepends=True)
                return
    except OSError as error:
        words = reason(error)
        raise AgentError(
            Text(en=f"the access log cannot be read: {words.en}", vi=f"không đọc được nhật ký truy cập: {words.vi}"),
            code="storage_error",
        ) from error
    raise AgentError(
        Text(en="there is no access log that you may read here", vi="ở đây không có nhật ký truy cập nào bạn đọc được"),
        Text(en="Start the agent once, or use sudo", vi="Hãy chạy dịch vụ một lần, hoặc dùng sudo"),
        code="not_running",
    )


def _words(record: Record, zone: ZoneInfo) -> Iterator[str]:
    language = locale_language()
    action = ACTIONS.get(record.action, Text(en=record.action, vi=record.action)).say(language)
    result = RESULTS.get(record.result, Text(en=record.result, vi=record.result)).say(language)
    unsure = "" if record.clock_trusted else Text(en=" (clock not set)", vi=" (đồng hồ chưa chỉnh)").say(language)
    begin, end = _local(record.from_utc, zone), _local(record.to_utc, zone)
    yield f"{record.number}. {_local(record.at_utc, zone)}{unsure}: {action}; {result}"
    if record.cam:
        yield f"   {record.cam}: {begin} – {end.split(' ', 1)[1] if begin[:10] == end[:10] else end}"
    who = Text(en=f"   by {record.by}", vi=f"   người xin: {record.by}").say(language)
    case = Text(en=f", case {record.case}", vi=f", hồ sơ {record.case}").say(language) if record.case else ""
    yield f"{who}{case}: {record.reason}"


def _local(text: str, zone: ZoneInfo) -> str:
    at = datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone.utc)
    try:
        return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
    except OverflowError:  # the year 1 or 9999, as somebody asked for it
        return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _tell_check(checked: Checked, as_json: bool, copy: bool) -> int:
    if as_json:
        broken = checked.broken.value if checked.broken else None
        told = {"records": checked.records, "first": checked.first, "head": checked.head, "broken": broken}
        print(json.dumps(told | {"line": checked.line}))
    elif checked.broken is None:
        whole = Text(en=f"{checked.records} records, none changed", vi=f"{checked.records} dòng, không dòng nào bị sửa")
        print(whole)
        if checked.first not in (None, 1) and not copy:
            older = Text(
                en=f"the first {(checked.first or 1) - 1} were let go to save space",
                vi=f"{(checked.first or 1) - 1} dòng đầu đã được bỏ để tiết kiệm chỗ",
            )
            print(older)
        print(Text(en=f"head {checked.head}", vi=f"mã cuối {checked.head}"))
    else:
        words = BROKEN[checked.broken]
        print(Text(en=f"line {checked.line} {words.en}", vi=f"dòng {checked.line} {words.vi}"), file=sys.stderr)
    return 1 if checked.broken else 0
