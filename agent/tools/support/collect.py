"""Asks each source for its part; one that cannot be read is said to be missing, and why."""

import json
import os
import platform
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, distributions
from pathlib import Path

from agent import __version__
from agent.access import Record, files, parse
from agent.clock import Clock
from agent.config.load import check_config
from agent.config.mistakes import format_mistakes
from agent.durable import disk_error
from agent.errors import AgentError
from agent.health.board import BoardCheck
from agent.health.status import StatusReport, places, read_status
from agent.i18n import Text
from agent.settings import Chosen, shown_text
from agent.tools.doctor import Diagnosis, as_json
from agent.tools.support import asked
from agent.tools.support.asked import Line
from agent.tools.support.pack import Part, bounded
from agent.tools.support.redact import Redactor
from agent.tools.support.timeline import timeline

HOME = re.compile(r"^(\s*(?:latitude|longitude):).*$", re.MULTILINE)
ABOUT = {
    "versions.txt": Text(en="program, packages, system, board", vi="phần mềm, gói, hệ thống, bo mạch"),
    "doctor.json": Text(en="every check with its remedy", vi="mọi kiểm tra kèm cách sửa"),
    "status.json": Text(en="the node's own last report", vi="báo cáo gần nhất của thiết bị"),
    "config.yaml": Text(en="what runs; stars for secrets and place", vi="cấu hình đang chạy; bí mật và vị trí ghi ***"),
    "check-config.txt": Text(en="mistakes in the file on the device", vi="lỗi trong tệp cấu hình trên máy"),
    "timeline.txt": Text(en="what happened, oldest first", vi="những gì đã xảy ra, cũ trước"),
    "journal.txt": Text(en="the agent's newest log lines", vi="nhật ký mới nhất của chương trình"),
    "kernel.txt": Text(
        en="power, heat, memory, card and USB by the kernel", vi="nguồn, nhiệt, bộ nhớ, thẻ và USB theo nhân"
    ),
    "service.txt": Text(en="how systemd sees the service", vi="trạng thái dịch vụ theo systemd"),
}


@dataclass(frozen=True, slots=True)
class Sources:
    """`diagnosis` None: the configuration cannot be used, so nothing could be checked."""

    file: Path  # the configuration's
    chosen: Chosen | None
    diagnosis: Diagnosis | None
    clock: Clock


def collect(sources: Sources, redact: Redactor) -> tuple[Part, ...]:
    """All parts, redacted and bounded, in a fixed order."""
    lines = _held(asked.journal)
    made: dict[str, Callable[[], bytes]] = {
        "versions.txt": versions,
        "doctor.json": lambda: _diagnosed(sources),
        "status.json": lambda: _status(sources).model_dump_json(by_alias=True, exclude_none=True, indent=1).encode(),
        "config.yaml": lambda: HOME.sub(r"\1 ***", shown_text(_config(sources).text)).encode(),
        "check-config.txt": lambda: _mistakes(sources.file),
        "timeline.txt": lambda: _timeline(sources, lines),
        "journal.txt": lambda: _text(lines()),
        "kernel.txt": lambda: _text(asked.kernel()),
        "service.txt": lambda: asked.service().encode(),
    }
    return tuple(_part(name, make, redact) for name, make in made.items())


def versions() -> bytes:
    """Of everything that runs here. No host name."""
    board, system = BoardCheck().read(), platform.uname()
    lines = [
        f"camera-agent {__version__}",
        f"python {platform.python_version()} {platform.machine()}",
        f"kernel {system.release} {system.version}",
        f"board {board.model}",
        f"processors {os.cpu_count()}, memory free {board.mem_free_mb} MB",
    ]
    try:
        lines.append(platform.freedesktop_os_release().get("PRETTY_NAME", "?"))
    except OSError:
        lines.append("no os-release")
    lines += sorted(_packages())
    return ("\n".join(lines) + "\n").encode()


def _packages() -> Iterator[str]:
    for each in distributions():
        try:
            yield f"{each.metadata['Name']} {each.version}"
        except (PackageNotFoundError, KeyError, TypeError):  # a distribution that was half removed
            continue


def _part(name: str, make: Callable[[], bytes], redact: Redactor) -> Part:
    empty = Part(name, ABOUT[name])
    try:
        return replace(empty, data=bounded(redact(make())))
    except AgentError as error:
        return replace(empty, missing=error)
    except OSError as error:
        return replace(empty, missing=disk_error(error, Path(error.filename or name)))


def _held(ask: Callable[[], tuple[Line, ...]]) -> Callable[[], tuple[Line, ...]]:
    """Asked once, for two parts; an error is raised for each."""
    answers: list[tuple[Line, ...]] = []

    def told() -> tuple[Line, ...]:
        if not answers:
            answers.append(ask())
        return answers[0]

    return told


def _status(sources: Sources) -> StatusReport:
    node = _config(sources)
    return read_status(node.config.node.id, places(node.config.node.data_dir), sources.clock)


def _config(sources: Sources) -> Chosen:
    if sources.chosen is None:
        raise AgentError(
            Text(en="the configuration cannot be used: see check-config.txt",
                 vi="không dùng được cấu hình: xem check-config.txt")
        )  # fmt: skip
    return sources.chosen


def _mistakes(file: Path) -> bytes:
    mistakes = check_config(file)
    return format_mistakes(mistakes, "en").encode() if mistakes else b"no mistakes\n"


def _timeline(sources: Sources, lines: Callable[[], tuple[Line, ...]]) -> bytes:
    """Of what can be read; a journal or a log that cannot is said at its end."""
    told: list[str] = []
    journal: tuple[Line, ...] = ()
    records: tuple[Record, ...] = ()
    status: StatusReport | None = None
    try:
        journal = lines()
    except AgentError as error:
        told.append(f"(without the journal: {error.text.en})")
    try:
        folder = _config(sources).config.node.data_dir / "access"
        records = tuple(record for record in map(parse, files.lines(folder, back=1)) if record is not None)
    except (AgentError, OSError) as error:
        told.append(f"(without the access log: {error})")
    try:
        status = _status(sources)
    except AgentError as error:
        told.append(f"(without open faults: {error.text.en})")
    return ("\n".join([*timeline(records, journal, status), *told]) + "\n").encode()


def _text(lines: tuple[Line, ...]) -> bytes:
    return ("\n".join(map(str, lines)) + "\n").encode() if lines else b"nothing\n"


def _diagnosed(sources: Sources) -> bytes:
    if sources.diagnosis is None:
        raise AgentError(Text(en="nothing could be checked", vi="không kiểm tra được gì"))
    return json.dumps(as_json(sources.diagnosis, __version__), ensure_ascii=False, indent=1).encode()
