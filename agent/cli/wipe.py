"""`camera-agent wipe --all`: erase this node at its end: footage, keys, database, logs, wifi; with a certificate."""

import argparse
import contextlib
import logging
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agent.cli.arguments import DEFAULT_CONFIG, Subparsers, add_config
from agent.errors import AgentError, ConfigError
from agent.i18n import Text, locale_language

if TYPE_CHECKING:
    from agent.app.retire import Outcome
    from agent.config.model import Config

COMMAND_S = 120.0
EXIT_FOUND = 1  # something that should be gone is still there


def add(subparsers: Subparsers) -> argparse.ArgumentParser:
    """The command's arguments."""
    about = Text(en="erase this node, at its end", vi="xoá sạch thiết bị khi ngừng sử dụng")
    parser = subparsers.add_parser("wipe", help=str(about))
    add_config(parser, DEFAULT_CONFIG)
    what = parser.add_mutually_exclusive_group(required=True)
    everything = Text(
        en="footage, keys, database, configuration, logs and wifi; there is no way back",
        vi="hình ghi, khoá, cơ sở dữ liệu, cấu hình, nhật ký và wifi; không thể khôi phục",
    )
    what.add_argument("--all", action="store_true", help=str(everything))
    resume = Text(en="go on with what was cut off (the system does this)", vi="làm tiếp việc bị ngắt (hệ thống tự gọi)")
    what.add_argument("--resume", action="store_true", help=str(resume))
    sure = Text(en="the node's id, instead of being asked for it", vi="mã thiết bị, thay cho việc hỏi lại")
    parser.add_argument("--yes", metavar="NODE", help=str(sure))
    paper = Text(en="where the certificate is written", vi="nơi ghi giấy xác nhận")
    parser.add_argument("--certificate", type=Path, metavar="FILE", help=str(paper))
    quiet = Text(en="do not tell the ward's broker", vi="không báo cho máy chủ phường")
    parser.add_argument("--without-telling", action="store_true", help=str(quiet))
    parser.add_argument("--root", type=Path, default=Path("/"), help=argparse.SUPPRESS)  # tests: a device in a folder
    return parser


def run(arguments: argparse.Namespace) -> int:
    """0: nothing was found again. Raises AgentError, StorageError."""
    from agent.app.retire import Device, Retirement, begin  # noqa: PLC0415 (the node's rooms)
    from agent.cli.owner import as_owner  # noqa: PLC0415
    from agent.clock import Clock  # noqa: PLC0415
    from agent.retire import Records  # noqa: PLC0415

    root = arguments.root.resolve()
    if root == Path("/") and os.geteuid() != 0:
        raise AgentError(
            Text(en="erasing a node needs root", vi="xoá thiết bị cần quyền root"),
            Text(en=f"sudo camera-agent wipe {_what(arguments)}", vi=f"sudo camera-agent wipe {_what(arguments)}"),
        )
    logging.disable(logging.WARNING)  # what the node would log is printed here in other words
    device, clock = Device(root, as_owner, _command), Clock()
    record = Records(root).read()
    if record is None and arguments.resume:
        print(Text(en="nothing was begun", vi="không có việc xoá nào dở dang"))
        return 0
    file = _file(arguments.config, root)
    config = _config(file if record is None else Path(record.config), must=record is None)
    if config is not None and not config.node.data_dir.resolve().is_relative_to(root):
        raise AgentError(Text(en=f"{file} is of another device than {root}", vi=f"{file} không phải của {root}"))
    if record is None:
        assert config is not None
        _ask(config.node.id, arguments.yes)
        record = begin(file.resolve(), config, device, clock)
        retirement = Retirement(record, device, clock, print)
        retirement.remember(config)
    else:
        print(Text(en=f"going on with erasing {record.node}", vi=f"tiếp tục xoá {record.node}"))
        retirement = Retirement(record, device, clock, print)
    outcome = retirement.run(config, tell=not arguments.without_telling)
    path = _write(outcome, arguments.certificate or _place(root, record.node))
    _print(outcome, path)
    retirement.end()
    return 0 if outcome.certificate.clean else EXIT_FOUND


def _file(told: Path, root: Path) -> Path:
    # A device in a folder has its configuration there, and never that of the machine that looks at it.
    return root / DEFAULT_CONFIG.lstrip("/") if str(told) == DEFAULT_CONFIG else told


def _config(file: Path, must: bool) -> "Config | None":
    from agent.settings import in_use  # noqa: PLC0415

    try:
        return in_use(file).config
    except ConfigError:
        if must:
            raise
        return None


def _ask(node: str, told: str | None) -> None:
    if told is None:
        if not sys.stdin.isatty():
            raise AgentError(
                Text(en="whether to erase cannot be asked here", vi="không thể hỏi xác nhận ở đây"),
                Text(en=f"say it: --yes {node}", vi=f"hãy ghi rõ: --yes {node}"),
            )
        print(
            Text(
                en=f"Everything of node {node} on this device goes: all footage, keys, configuration, logs, wifi.\n"
                "Nobody can bring it back. Footage that is put on hold goes, too.",
                vi=f"Sẽ xoá mọi thứ của thiết bị {node}: toàn bộ hình ghi, khoá, cấu hình, nhật ký, wifi.\n"
                "Không ai khôi phục được. Hình đang được yêu cầu giữ cũng mất.",
            )
        )
        question = Text(en=f"Type the node's id ({node}) to go on: ", vi=f"Gõ mã thiết bị ({node}) để tiếp tục: ")
        try:
            told = input(str(question))
        except EOFError:
            told = ""
    if told.strip() != node:
        raise AgentError(
            Text(en=f"this node is {node}; nothing was erased", vi=f"thiết bị này là {node}; chưa xoá gì"),
        )


def _place(root: Path, node: str) -> Path:
    # Where a person finds it with the card in a PC; else where nothing of the agent's own is erased.
    name = f"camera-agent-erased-{node}.txt"
    boot = root / "boot/firmware"
    return boot / name if boot.is_dir() else root / "var/lib" / name


def _write(outcome: "Outcome", path: Path) -> Path | None:
    from agent.durable import write_durably  # noqa: PLC0415
    from agent.retire import lines  # noqa: PLC0415

    told = lines(outcome.certificate, outcome.signature)
    text = "\n".join([*(line.vi for line in told), "", *(line.en for line in told[:-2]), ""])
    try:
        write_durably(path, text.encode("utf-8"), 0o644)
    except OSError as error:
        print(
            Text(
                en=f"the certificate was not written to {path}: {error}",
                vi=f"chưa ghi được giấy xác nhận vào {path}: {error}",
            ),
            file=sys.stderr,
        )
        return None
    return path


def _print(outcome: "Outcome", path: Path | None) -> None:
    from agent.retire import lines  # noqa: PLC0415

    print()
    for line in lines(outcome.certificate, outcome.signature):
        print(line.say(locale_language()))
    if path is not None:
        print(Text(en=f"\nThe certificate is in {path}", vi=f"\nGiấy xác nhận nằm ở {path}"))
    print(Text(en="Now the wifi goes. Switch the device off.", vi="Bây giờ wifi sẽ ngắt. Hãy tắt thiết bị."))
    sys.stdout.flush()


def _what(arguments: argparse.Namespace) -> str:
    return "--resume" if arguments.resume else "--all"


def _command(command: Sequence[str]) -> None:
    # Best effort: what is not there (NetworkManager, a journal) cannot hold anything either.
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run(command, check=False, capture_output=True, timeout=COMMAND_S, stdin=subprocess.DEVNULL)
