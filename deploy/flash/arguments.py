"""The command line of make-card, checked as far as it can be without reading a file."""

import argparse
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.cli.parser import Parser
from agent.i18n import Text
from deploy.flash.order import Materials


@dataclass(frozen=True, slots=True)
class Asked:
    """What is wanted."""

    materials: Materials | None  # None: no image is needed
    node: Path | None
    csv: Path | None
    out: Path | None
    out_dir: Path
    device: Path | None
    yes_erase: str
    jetson: Path | None
    bundle: Path | None
    update_key: Path | None
    labels: Path | None
    notice: Path | None
    dry_run: bool
    quiet: bool


def parse(argv: Sequence[str] | None) -> Asked:
    """Ends the program with 2 and words when the command line makes no sense."""
    parser = _parser()
    told = parser.parse_args(argv)
    _check(parser, told)
    image = None
    if told.image is not None:
        image = Materials(told.image, told.sha256, told.bundle, told.update_key, told.debs)
    return Asked(
        materials=image,
        node=told.node,
        csv=told.csv,
        out=told.out,
        out_dir=told.out_dir or (told.out.parent if told.out else Path.cwd()),
        device=told.device,
        yes_erase=(told.yes_erase or "").removeprefix("/dev/"),
        jetson=told.jetson,
        bundle=told.bundle,
        update_key=told.update_key,
        labels=told.labels,
        notice=told.notice,
        dry_run=told.dry_run,
        quiet=told.quiet,
    )


def _check(parser: argparse.ArgumentParser, told: argparse.Namespace) -> None:
    if told.node is None and told.csv is None:
        _wrong(parser, "--node FILE or --csv FILE is needed", "cần --node TỆP hoặc --csv TỆP")
    if told.sha256 is not None and not re.fullmatch(r"[0-9a-f]{64}", told.sha256):
        _wrong(parser, "--sha256 has 64 digits 0-9, a-f", "--sha256 gồm 64 ký tự 0-9, a-f")
    only_paper = told.notice is not None and told.image is None and told.jetson is None
    if told.dry_run or only_paper:
        return
    if told.bundle is None:
        _wrong(
            parser,
            "--bundle FILE.bundle is needed: the agent, so that the first start needs no internet",
            "cần --bundle TỆP.bundle: phần mềm, để lần khởi động đầu không cần internet",
        )
    if told.jetson is not None:
        if told.csv is not None or told.image is not None:
            _wrong(parser, "--jetson goes with --node, without --image", "--jetson đi với --node, không kèm --image")
        return
    if told.image is None:
        _wrong(parser, "--image FILE is needed", "cần --image TỆP")
    if told.csv is not None and told.out is not None:
        _wrong(parser, "many cards go to --out-dir", "nhiều thẻ thì ghi vào --out-dir")
    target = told.out_dir if told.csv is not None else told.out
    if (target is None) == (told.device is None) and not (told.csv is not None and told.device is not None):
        _wrong(
            parser,
            "either --out FILE (with --csv: --out-dir FOLDER) or --device /dev/sdX",
            "chọn --out TỆP (với --csv: --out-dir THƯ_MỤC) hoặc --device /dev/sdX",
        )
    if told.yes_erase is not None and told.csv is not None:
        _wrong(parser, "--yes-erase is for one card only", "--yes-erase chỉ dùng cho một thẻ")


def _wrong(parser: argparse.ArgumentParser, en: str, vi: str) -> None:
    parser.error(str(Text(en=en, vi=vi)))


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="make-card",
        allow_abbrev=False,
        description=str(
            Text(
                en="Makes a memory card with which a node starts working: no login, no internet, no typing.",
                vi="Tạo thẻ nhớ để thiết bị tự chạy: không cần đăng nhập, không cần internet, không phải gõ gì.",
            )
        ),
    )
    for name, kind, told in _OPTIONS:
        parser.add_argument(name, type=kind, help=str(told))
    for flag, en, vi in (
        ("--dry-run", "check everything and list what would lie on the card", "kiểm tra và liệt kê, không ghi gì"),
        ("--quiet", "no progress", "không hiện tiến độ"),
    ):
        parser.add_argument(flag, action="store_true", help=str(Text(en=en, vi=vi)))
    return parser


_OPTIONS: tuple[tuple[str, Callable[[str], object], Text], ...] = (
    (
        "--image",
        Path,
        Text(en="Raspberry Pi OS Lite 64-bit, .img or .img.xz", vi="Raspberry Pi OS Lite 64-bit, .img hoặc .img.xz"),
    ),
    (
        "--sha256",
        str,
        Text(
            en="of the image file; else IMAGE.sha256 beside it counts",
            vi="của tệp ảnh; nếu không có thì lấy ẢNH.sha256",
        ),
    ),
    (
        "--bundle",
        Path,
        Text(en="the agent: camera-agent-…-aarch64-cp….bundle", vi="phần mềm: camera-agent-…-aarch64-cp….bundle"),
    ),
    (
        "--node",
        Path,
        Text(en="node.yaml; with --csv what all nodes share", vi="node.yaml; với --csv là phần chung của mọi thiết bị"),
    ),
    ("--csv", Path, Text(en="a table, one node a row", vi="bảng, mỗi hàng một thiết bị")),
    ("--out", Path, Text(en="the card as a file", vi="ghi thẻ thành tệp")),
    ("--out-dir", Path, Text(en="one file per node, and index.csv", vi="mỗi thiết bị một tệp, kèm index.csv")),
    (
        "--device",
        Path,
        Text(
            en="write the memory card itself, like /dev/sda; shows it and asks",
            vi="ghi thẳng vào thẻ nhớ, ví dụ /dev/sda; có hỏi lại",
        ),
    ),
    (
        "--yes-erase",
        str,
        Text(en="do not ask: the device's name once more", vi="không hỏi lại: ghi tên ổ thêm lần nữa"),
    ),
    ("--jetson", Path, Text(en="an install bundle (tar) instead of a card", vi="gói cài đặt (tar) thay cho thẻ")),
    ("--labels", Path, Text(en="label sheet (PDF); holds passwords", vi="tờ nhãn (PDF); có mật khẩu")),
    ("--notice", Path, Text(en="the sign that people are in view (PDF)", vi="biển báo có camera (PDF)")),
    (
        "--update-key",
        Path,
        Text(en="whose updates the node takes (minisign .pub)", vi="khoá ký bản cập nhật (minisign .pub)"),
    ),
    (
        "--debs",
        Path,
        Text(
            en="a folder of Debian packages to install as well, like python3-picamera2 and what it needs",
            vi="thư mục gói Debian cần cài thêm, như python3-picamera2 và các gói nó cần",
        ),
    ),
)
