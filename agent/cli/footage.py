"""`camera-agent footage list|cut|hold|release`: the footage of this node, beside the running agent.

Whoever takes or holds footage says why; it goes into the access log that the household reads.
"""

import argparse
import json
import os
import pwd
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from ulid import ULID

from agent.access import AccessLog
from agent.app.beside import open_kept, proof
from agent.cli.arguments import DEFAULT_CONFIG, Subparsers, add_config, add_json
from agent.cli.footage_words import (
    for_ward_words,
    found_json,
    gap_json,
    gap_words,
    hold_json,
    nothing_words,
    summary_words,
)
from agent.cli.out import check_out, check_room, refuse_existing, refuse_own_files
from agent.cli.owner import as_owner
from agent.cli.plain import plain
from agent.cli.progress import with_bar
from agent.cli.span import end_of, local, moment_of
from agent.clock import NS, Clock, Moment
from agent.config.model import Config
from agent.contract.base import utc
from agent.errors import AgentError, Rejected
from agent.footage.library import Library
from agent.health.status import runtime_file
from agent.i18n import Text
from agent.settings import in_use
from agent.values import Access, Clip, ClipWanted, Hold

DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Desk:
    """What every subcommand works with."""

    config: Config
    clock: Clock
    zone: ZoneInfo
    library: Library

    def note(self, action: str, asked: argparse.Namespace, cam: str, start: Moment, end: Moment) -> Access:
        """Who does this and why, written down before it is done. Raises StorageError: without it nothing is given."""
        access = self.access(action, asked, cam, start, end)
        self.write(access)
        return access

    def access(self, action: str, asked: argparse.Namespace, cam: str, start: Moment, end: Moment) -> Access:
        """The same, not written down yet."""
        who = f"{asked.by or _user()}@{self.config.node.id}"
        return Access(action, who, asked.case, asked.reason, cam, start.wall_ns, end.wall_ns)

    def write(self, access: Access) -> None:
        """One line of the access log. Raises StorageError."""
        data = self.config.node.data_dir
        with as_owner(data):
            shown = runtime_file(f"access-{self.config.node.id}.jsonl", data)
            AccessLog(data / "access", self.clock, shown).write(access)


def add(subparsers: Subparsers) -> argparse.ArgumentParser:
    """The command's arguments."""
    about = Text(en="list, cut and hold the footage of this node", vi="xem, cắt và giữ hình đã ghi của thiết bị")
    parser = subparsers.add_parser("footage", help=str(about))
    commands = parser.add_subparsers(dest="footage", required=True, metavar=str(Text(en="WHAT", vi="VIỆC")))
    for name, text, work in (
        ("list", Text(en="what there is, and what is held", vi="đang có những đoạn nào, đoạn nào được giữ"), _list),
        ("cut", Text(en="one MP4 with its manifest", vi="cắt thành một tệp MP4 kèm bản kê"), _cut),
        ("hold", Text(en="keep a stretch from being deleted", vi="giữ một đoạn không cho xoá"), _hold),
        ("release", Text(en="end a hold", vi="bỏ giữ"), _release),
    ):
        command = commands.add_parser(name, help=str(text))
        add_config(command, DEFAULT_CONFIG)
        add_json(command)
        command.set_defaults(work=work)
        if name != "release":
            _add_span(command, needed=name != "list")
        if name != "list":
            _add_why(command)
        if name == "cut":
            out = Text(en="the file to write", vi="tệp sẽ ghi")
            command.add_argument("--out", type=Path, required=True, metavar="FILE", help=str(out))
            over = Text(en="replace the file if it is there", vi="ghi đè nếu tệp đã có")
            command.add_argument("--force", action="store_true", help=str(over))
        if name == "hold":
            days = Text(en="for how many days (at most 90) [30]", vi="giữ bao nhiêu ngày (nhiều nhất 90) [30]")
            command.add_argument("--days", type=int, default=30, metavar="N", help=str(days))
        if name == "release":
            command.add_argument(
                "hold", type=plain, metavar="HOLD", help=str(Text(en="as `list` names it", vi="mã trong `list`"))
            )
    return parser


def run(arguments: argparse.Namespace) -> int:
    """0, or 1 when there is no such footage or hold. Raises AgentError."""
    config = in_use(arguments.config).config
    if not getattr(arguments, "reason", "-").strip():
        raise AgentError(Text(en="--reason is empty: say why", vi="--reason đang trống: hãy ghi lý do"))
    if getattr(arguments, "cam", None) is not None:
        _check_cam(arguments.cam, config)
    with _desk(config) as desk:
        work: Callable[[Desk, argparse.Namespace], int] = arguments.work
        return work(desk, arguments)


@contextmanager
def _desk(config: Config) -> Iterator[Desk]:
    data = config.node.data_dir
    if not os.access(data, os.R_OK | os.X_OK):
        raise AgentError(
            Text(en=f"{data} cannot be read", vi=f"không đọc được {data}"),
            Text(en="Use sudo, and start the agent once", vi="Hãy dùng sudo, và chạy dịch vụ ít nhất một lần"),
        )
    clock = Clock()
    with as_owner(data):
        prove = proof(config, clock)
    with open_kept(config, clock, prove) as library:
        yield Desk(config, clock, ZoneInfo(config.node.timezone), library)


def _list(desk: Desk, asked: argparse.Namespace) -> int:
    now = desk.clock.now()
    start = moment_of(asked.start, now, desk.zone) if asked.start else now.shifted(-DAY_S)
    end = end_of(start, asked.end, asked.lasting, now, desk.zone) if asked.end or asked.lasting else now
    cams = [asked.cam] if asked.cam else [camera.id for camera in desk.config.cameras]
    found = {cam: desk.library.plan(cam, start, end) for cam in cams}
    holds = [hold for hold in desk.library.holds() if hold.cam in cams]
    if asked.json:
        print(json.dumps({"from_utc": utc(start.wall_ns), "to_utc": utc(end.wall_ns), "cams": [
            {"cam": cam, **found_json(one)} for cam, one in found.items()
        ], "holds": [hold_json(hold) for hold in holds]}))  # fmt: skip
        return 0
    print(f"{local(start.wall_ns, desk.zone)} – {local(end.wall_ns, desk.zone)}")
    for cam, one in found.items():
        print(summary_words(cam, one))
        for gap in one.gaps:
            print(f"  {gap_words(gap, desk.zone)}")
    for hold in holds:
        until = local(hold.until_ns, desk.zone)[:10]
        span = f"{local(hold.from_ns, desk.zone)} – {local(hold.to_ns, desk.zone)}"
        what = f"{hold.id}: {hold.cam} {span}"
        who = plain(f"{hold.by}: {hold.reason}")
        print(Text(en=f"hold {what}, until {until}, by {who}", vi=f"giữ {what}, đến {until}, người yêu cầu {who}"))
    return 0


def _cut(desk: Desk, asked: argparse.Namespace) -> int:
    refuse_own_files(desk.config.node.data_dir, asked.out)
    start, end = _span(desk, asked)
    check_out(asked.out)
    if not asked.force:
        refuse_existing(asked.out)
    plan = desk.library.plan(asked.cam, start, end)
    if plan.coverage_s <= 0:
        print(nothing_words(asked.cam), file=sys.stderr)
        return 1
    check_room(asked.out, plan.bytes)
    desk.note("cut", asked, asked.cam, start, end)
    wanted = ClipWanted(str(ULID()), asked.cam, start, end, end)
    opens = desk.library.can_open(asked.cam, start, end)
    clip = with_bar(lambda: desk.library.cut(wanted, asked.out, clear=True), asked.out, plan.bytes)
    if clip is None:
        print(nothing_words(asked.cam), file=sys.stderr)
        return 1
    if not opens:
        print(for_ward_words(clip.path), file=sys.stderr)
    _tell_clip(desk, clip, asked.json)
    return 0


def _tell_clip(desk: Desk, clip: Clip, as_json: bool) -> None:
    if as_json:
        told = {"file": str(clip.path), "manifest": str(clip.manifest) if clip.manifest else None}
        told |= {"bytes": clip.bytes, "sha256": clip.sha256}  # type: ignore[dict-item]
        span = {"from_utc": utc(clip.start_ns), "to_utc": utc(clip.end_ns)}
        print(json.dumps({**told, **span, "gaps": [gap_json(gap) for gap in clip.gaps]}))
        return
    span_words = f"{local(clip.start_ns, desk.zone)} – {local(clip.end_ns, desk.zone)}"
    print(f"{clip.path}: {span_words}, {clip.bytes / 1e6:.1f} MB")
    for gap in clip.gaps:
        print(f"  {gap_words(gap, desk.zone)}")
    if clip.manifest:
        how = f"camera-agent verify {clip.path} {clip.manifest}"
        print(Text(en=f"to prove it: {how}", vi=f"để kiểm chứng: {how}"))


def _hold(desk: Desk, asked: argparse.Namespace) -> int:
    start, end = _span(desk, asked)
    access = desk.access("hold", asked, asked.cam, start, end)
    until_ns = desk.clock.now().wall_ns + round(asked.days * DAY_S * NS)
    hold = Hold(str(ULID()), asked.cam, start.wall_ns, end.wall_ns, until_ns, asked.by or _user(), asked.reason)
    try:
        desk.library.check_hold(hold)
        desk.write(access)
        with as_owner(desk.config.node.data_dir):
            desk.library.hold(hold)
    except Rejected:  # also by what changed since the check: then after the line that granted it
        desk.write(replace(access, result="refused"))
        raise
    # Looked at afterwards: what the ring had let go before the hold stood cannot be held.
    plan = desk.library.plan(asked.cam, start, end)
    if asked.json:
        print(json.dumps({**hold_json(hold), **found_json(plan)}))
        return 0
    print(Text(en=f"held as {hold.id} until {local(until_ns, desk.zone)[:10]}",
               vi=f"đã giữ với mã {hold.id} đến {local(until_ns, desk.zone)[:10]}"))  # fmt: skip
    print(summary_words(asked.cam, plan))
    for gap in plan.gaps:
        print(f"  {gap_words(gap, desk.zone)}")
    return 0


def _release(desk: Desk, asked: argparse.Namespace) -> int:
    known = next((hold for hold in desk.library.holds() if hold.id == asked.hold), None)
    if known is None:
        print(Text(en=f"there is no hold {asked.hold}", vi=f"không có mã giữ {asked.hold}"), file=sys.stderr)
        return 1
    now = desk.clock.now()
    start, end = (now.shifted((wall_ns - now.wall_ns) / NS) for wall_ns in (known.from_ns, known.to_ns))
    desk.note("release", asked, known.cam, start, end)
    with as_owner(desk.config.node.data_dir):
        desk.library.release(known.id)
    print(json.dumps(hold_json(known)) if asked.json else Text(en="released", vi="đã bỏ giữ"))
    return 0


def _add_span(command: argparse.ArgumentParser, needed: bool) -> None:
    command.add_argument("--cam", required=needed, metavar="CAMERA", help=str(Text(en="its id", vi="mã camera")))
    text = Text(en='like "2026-11-22 02:10", or 02:10', vi='ví dụ "2026-11-22 02:10", hoặc 02:10')
    command.add_argument("--from", dest="start", required=needed, metavar="TIME", help=str(text))
    until = command.add_mutually_exclusive_group(required=needed)
    until.add_argument("--to", dest="end", metavar="TIME", help=str(Text(en="until when", vi="đến lúc nào")))
    until.add_argument("--for", dest="lasting", metavar="10m", help=str(Text(en="or how long", vi="hoặc dài bao lâu")))


def _add_why(command: argparse.ArgumentParser) -> None:
    why = Text(en="why, for the access log", vi="lý do, ghi vào nhật ký truy cập")
    command.add_argument("--reason", required=True, type=plain, help=str(why))
    command.add_argument("--case", default="", type=plain, help=str(Text(en="case number", vi="số hồ sơ")))
    who = Text(en="who asks [this user]", vi="người yêu cầu [người dùng này]")
    command.add_argument("--by", default="", type=plain, help=str(who))


def _span(desk: Desk, asked: argparse.Namespace) -> tuple[Moment, Moment]:
    now = desk.clock.now()
    start = moment_of(asked.start, now, desk.zone)
    return start, end_of(start, asked.end, asked.lasting, now, desk.zone)


def _check_cam(cam: str, config: Config) -> None:
    cams = [camera.id for camera in config.cameras]
    if cam not in cams:
        known = ", ".join(cams)
        raise AgentError(
            Text(
                en=f"there is no camera {cam}; this device has {known}",
                vi=f"không có camera {cam}; thiết bị này có {known}",
            )
        )


def _user() -> str:
    return os.environ.get("SUDO_USER") or pwd.getpwuid(os.getuid()).pw_name
