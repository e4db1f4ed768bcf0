"""`camera-agent probe`: finds cameras and prints the `cameras:` section for them; progress goes to stderr."""

import argparse
import asyncio
import ipaddress
import json
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from agent.capture.find.discovery import Way
from agent.capture.find.found import FoundStream, Login
from agent.capture.find.places import Places
from agent.capture.find.search import Host, Search, find_cameras
from agent.capture.find.snippet import Credentials, Entry, entries, snippet
from agent.capture.find.strangers import plain
from agent.capture.find.trial import Trial, try_stream
from agent.cli.arguments import Subparsers, add_json
from agent.clock import Clock
from agent.config.secrets import Secret, read_secret
from agent.errors import ConfigError
from agent.i18n import Text, locale_language


def add(subparsers: Subparsers) -> argparse.ArgumentParser:
    """The command's arguments."""
    parser = subparsers.add_parser(
        "probe", help=str(Text(en="find cameras, print their configuration", vi="tìm camera và in ra cấu hình"))
    )
    parser.add_argument(
        "hosts",
        nargs="*",
        type=host,
        metavar="HOST[:PORT]",
        help=str(
            Text(en="ask these only (IPv4); default: search", vi="chỉ hỏi các địa chỉ IPv4 này; mặc định: tự tìm")
        ),
    )
    parser.add_argument(
        "--username", metavar="NAME", help=str(Text(en="the cameras' user", vi="tên đăng nhập của camera"))
    )
    parser.add_argument(
        "--password-file",
        type=Path,
        metavar="FILE",
        help=str(Text(en="its password (chmod 600)", vi="tệp mật khẩu (chmod 600)")),
    )
    parser.add_argument(
        "--timeout",
        type=seconds,
        default=4.0,
        metavar="SECONDS",
        help=str(Text(en="wait for answers of the network [4]", vi="thời gian chờ mạng trả lời [4]")),
    )
    parser.add_argument(
        "--try",
        dest="attempt",
        action="store_true",
        help=str(Text(en="open each stream for a moment", vi="mở thử từng luồng một lát")),
    )
    add_json(parser)
    return parser


def host(word: str) -> Host:
    """`192.168.1.64` or `192.168.1.64:8000`."""
    address, _, port = word.partition(":")
    number = int(port) if port.isascii() and port.isdigit() and len(port) <= 5 else None
    if (number is None) == (":" in word) or (number is not None and not 0 < number <= 65535):
        raise argparse.ArgumentTypeError(str(_NO_HOST))
    try:
        return Host(str(ipaddress.IPv4Address(address)), number)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(_NO_HOST)) from error


def seconds(word: str) -> float:
    """From 0.5 to 60, with its unit as in a configuration, or without."""
    try:
        value = float(word.removesuffix("s"))
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(_NO_SECONDS)) from error
    if not 0.5 <= value <= 60:
        raise argparse.ArgumentTypeError(str(_NO_SECONDS))
    return value


_NO_SECONDS = Text(en="write seconds from 0.5 to 60, like 3s", vi="hãy ghi số giây từ 0.5 đến 60, ví dụ 3s")
_NOTHING = Text(
    en="Is the camera switched on, and on the same network as this device? Give its address too if you know it: "
    "camera-agent probe 192.168.1.20. A USB or ribbon camera: check its cable",
    vi="Camera đã bật và cùng mạng với thiết bị này chưa? Nếu biết địa chỉ thì ghi thêm: "
    "camera-agent probe 192.168.1.20. Camera USB hoặc cáp dẹt: kiểm tra dây",
)


@dataclass(frozen=True, slots=True)
class Range:
    """Where to look. `ways`: questions to the network; None for every network of this machine."""

    places: Places = field(default_factory=Places)
    ways: tuple[Way, ...] | None = None


def run(arguments: argparse.Namespace, where: Range | None = None) -> int:
    """Search, perhaps try, print; 1 when no camera can be used. Raises ConfigError for a bad password file."""
    credentials, login = credentials_of(arguments)
    clock = Clock()
    where = where or Range()
    search = Search(clock, arguments.timeout, login, tuple(arguments.hosts), where.ways, where.places)
    if login is not None and not search.hosts:
        tell(_WIDE)
    findings = asyncio.run(find_cameras(search, tell))
    for note in findings.notes:
        tell(note)
    found = entries(findings.cameras, credentials)
    if arguments.attempt and login is not None and not search.hosts:
        tell(_NAME_THEM)
    elif arguments.attempt:
        found = tuple(tried(entry, clock, login.password if login else None) for entry in found)
    text = snippet(found, locale_language())
    if arguments.json:
        notes = [{"en": note.en, "vi": note.vi} for note in findings.notes]
        made = {"cameras": [as_json(entry) for entry in found], "notes": notes, "yaml": text}
        print(json.dumps(made, ensure_ascii=False))
    else:
        print(text, end="")
    usable = sum(entry.usable for entry in found)
    tell(
        Text(
            en=f"{len(found)} camera(s) found, {usable} ready for the configuration",
            vi=f"Tìm thấy {len(found)} camera, dùng được ngay: {usable}",
        )
    )
    if not found:
        tell(_NOTHING)
    return 0 if usable else 1


def credentials_of(arguments: argparse.Namespace) -> "tuple[Credentials | None, Login | None]":
    """Name and password, both or neither. Raises ConfigError."""
    name, file = arguments.username, arguments.password_file
    if (name is None) != (file is None):
        raise ConfigError(
            Text(en="--username and --password-file go together", vi="--username và --password-file phải đi cùng nhau"),
            code="config_invalid",
        )
    if name is None or file is None:
        return None, None
    return Credentials(name, file.absolute()), Login(name, read_secret(file))


def tried(entry: Entry, clock: Clock, secret: Secret | None) -> Entry:
    """The entry with what came of its streams."""
    main, sub = (_tried(entry, stream, clock, secret) for stream in (entry.found.main, entry.found.sub))
    return replace(entry, main=main, sub=sub)


def _tried(entry: Entry, stream: FoundStream | None, clock: Clock, secret: Secret | None) -> Trial | None:
    if stream is None:
        return None
    tell(Text(en=f"Trying {stream.address}", vi=f"Đang mở thử {stream.address}"))
    return try_stream(entry.section(stream), clock, secret if entry.found.kind == "rtsp" else None)


def tell(text: Text) -> None:
    """A line of progress."""
    print(plain(str(text), 300), file=sys.stderr, flush=True)


def as_json(entry: Entry) -> dict[str, Any]:
    """One camera for programs."""
    found = entry.found
    return {
        "id": entry.id or None,
        "kind": found.kind,
        "place": found.place,
        "name": found.name,
        "needs_login": found.login and found.main is None,
        "main": _stream_json(found.main, entry.main),
        "sub": _stream_json(found.sub, entry.sub),
        "notes": [{"en": note.en, "vi": note.vi} for note in found.notes],
    }


def _stream_json(stream: FoundStream | None, trial: Trial | None) -> dict[str, Any] | None:
    if stream is None:
        return None
    made: dict[str, Any] = {
        "address": stream.address,
        "codec": stream.codec,
        "width": stream.width,
        "height": stream.height,
        "fps": stream.fps,
    }
    if trial is not None and trial.error is None:
        made["tried"] = {"codec": trial.codec, "width": trial.width, "height": trial.height, "fps": trial.fps}
    elif trial is not None and trial.error is not None:
        error = trial.error
        made["tried"] = {"code": error.code, "en": error.text.en, "vi": error.text.vi}
    return made


_NO_HOST = Text(en="expected an IPv4 address, like 192.168.1.64", vi="cần một địa chỉ IPv4, ví dụ 192.168.1.64")
# A stranger that poses as a camera could ask for the password itself over RTSP.
_NAME_THEM = Text(
    en="--try with a login opens only cameras that are named: camera-agent probe HOST … --try",
    vi="--try kèm mật khẩu chỉ mở các camera được ghi rõ địa chỉ: camera-agent probe ĐỊA-CHỈ … --try",
)
_WIDE = Text(
    en="The login goes to every camera that answers (as a digest); name a HOST to ask that one only",
    vi="Thông tin đăng nhập được gửi (dạng băm) tới mọi camera trả lời; hãy ghi địa chỉ nếu chỉ muốn hỏi một camera",
)
