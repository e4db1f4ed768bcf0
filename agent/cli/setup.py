"""`camera-agent setup`: opens the setup page of the node that runs here, and prints how to reach it."""

import argparse
import importlib
import io
import json

from agent.app.setup_ask import ask_close, ask_open, running
from agent.app.setup_papers import host_name, own_addresses
from agent.cli.arguments import DEFAULT_CONFIG, Subparsers, add_config, add_json
from agent.clock import Clock
from agent.config.setup import SetupSection
from agent.i18n import Text
from agent.installer.setup.opening import Opening
from agent.installer.web.codes import new_code, shown
from agent.settings import in_use

CLOSED = Text(en="The setup page closes now.", vi="Trang cài đặt sẽ đóng ngay.")


def add(subparsers: Subparsers) -> argparse.ArgumentParser:
    """The command's arguments."""
    parser = subparsers.add_parser(
        "setup",
        help=str(
            Text(
                en="open the setup page: aim, draw zones, try, save, with a telephone",
                vi="mở trang cài đặt: ngắm, vẽ vùng, thử và lưu bằng điện thoại",
            )
        ),
    )
    add_config(parser, DEFAULT_CONFIG)
    close = Text(en="close it instead", vi="đóng trang lại")
    parser.add_argument("--close", action="store_true", help=str(close))
    add_json(parser)
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Prints addresses, a code that works once, and until when. Raises AgentError when no node runs or answers."""
    config = in_use(arguments.config).config
    data_dir, clock = config.node.data_dir, Clock()
    if arguments.close:
        if running(data_dir):
            ask_close(data_dir)
        print(CLOSED)
        return 0
    code = new_code()
    opening = ask_open(data_dir, code, clock)
    urls = urls_of(config.setup or SetupSection(), opening.port)
    left_s = opening.left_s(clock.mono_s())
    if arguments.json:
        told = {"schema": "setup/1", "urls": urls, "code": code, "closes_in_s": round(left_s)}
        print(json.dumps(told | {"sha256": opening.fingerprint}))
        return 0
    print(told_of(opening, urls, code, left_s))
    picture = qr(urls[0])
    if picture:
        print(picture)
    return 0


def urls_of(section: SetupSection, port: int) -> list[str]:
    """What to type: addresses first, as a telephone on a hotspot knows no names."""
    listens = section.listen
    every = listens in ("0.0.0.0", "::")  # noqa: S104  # compared, not listened on
    places = [*own_addresses(), host_name()] if every else [listens]
    if listens == "0.0.0.0":  # noqa: S104
        places = [place for place in places if ":" not in place]
    return [f"https://[{place}]:{port}/" if ":" in place else f"https://{place}:{port}/" for place in places]


def told_of(opening: Opening, urls: list[str], code: str, left_s: float) -> str:
    """For a person."""
    minutes = max(1, round(left_s / 60))
    told = opening.fingerprint
    start = ":".join(told[index : index + 2] for index in range(0, 16, 2)).upper()
    head = Text(
        en=f"The setup page is open for {minutes} minutes, from the same wifi or network:",
        vi=f"Trang cài đặt mở trong {minutes} phút, truy cập từ cùng wifi hoặc cùng mạng:",
    )
    words = Text(en=f"Code (works once): {shown(code)}", vi=f"Mã (dùng một lần): {shown(code)}")
    warned = Text(
        en="The browser warns once, because no authority vouches for a device in a house: go on all the same.\n"
        f"Its certificate begins (SHA-256) with {start}",
        vi="Trình duyệt sẽ cảnh báo một lần vì không nơi cấp nào chứng nhận thiết bị trong nhà: hãy bấm tiếp tục.\n"
        f"Chứng chỉ của thiết bị (SHA-256) bắt đầu bằng {start}",
    )
    return "\n".join([str(head), *(f"  {url}" for url in urls), str(words), str(warned)])


def qr(url: str) -> str:
    """The address as a picture of characters; empty where `segno` is not installed. The code is not in it."""
    try:
        segno = importlib.import_module("segno")
    except ImportError:
        return ""
    out = io.StringIO()
    segno.make(url, error="l", micro=False).terminal(out=out, compact=True, border=2)
    return out.getvalue()
