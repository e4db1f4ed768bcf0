"""`camera-agent config explain KEY | show`: what a setting is and how it is set here; what the node really runs."""

import argparse
import json
from pathlib import Path
from typing import Any

from agent.cli.arguments import DEFAULT_CONFIG, Subparsers, add_config, add_json
from agent.config.catalogue import Setting, find, members, near, settings
from agent.config.document import Document, read_document
from agent.config.examples import as_yaml
from agent.config.files import read_text
from agent.config.mistakes import Mistake, path_text
from agent.config.standing import Standing, standing
from agent.errors import ConfigError
from agent.i18n import Text
from agent.settings import Chosen, in_use, shown_text

NARROW = 16  # columns of the words in front: it is read on a telephone too
MOST = 12


def add(subparsers: Subparsers) -> argparse.ArgumentParser:
    """The command's arguments."""
    about = Text(
        en="explain a setting; show what really runs", vi="giải thích một thiết lập; cho xem cấu hình đang chạy"
    )
    parser = subparsers.add_parser("config", help=str(about))
    actions = parser.add_subparsers(dest="action", required=True, metavar=str(Text(en="ACTION", vi="VIỆC")))
    told = Text(
        en="what a setting is, what it takes, how it is set now; without KEY all sections",
        vi="một thiết lập là gì, ghi được gì, đang đặt thế nào; không ghi KHOÁ thì liệt kê các mục",
    )
    explain = actions.add_parser("explain", help=str(told))
    explain.add_argument(
        "key",
        nargs="?",
        metavar=str(Text(en="KEY", vi="KHOÁ")),
        help=str(Text(en="like footage.budget, or loitering.after", vi="ví dụ footage.budget, hoặc loitering.after")),
    )
    shown = Text(
        en="the configuration that runs: the installer's file, or what was saved or applied over it",
        vi="cấu hình đang chạy: tệp của người lắp đặt, hoặc bản đã lưu hay đã gửi đè lên",
    )
    show = actions.add_parser("show", help=str(shown))
    for each in (explain, show):
        add_config(each, DEFAULT_CONFIG)
        add_json(each)
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Print it. Raises ConfigError for a key that is none, InvalidConfig for a file that cannot be used."""
    if arguments.action == "show":
        return show(arguments.config, arguments.json)
    if arguments.key is None:
        return sections(arguments.json)
    return explain(arguments.key, arguments.config, arguments.json)


def sections(for_programs: bool) -> int:
    """The sections of a configuration, and what is not in one."""
    tops = [setting for setting in settings().values() if len(setting.path) == 1]
    if for_programs:
        print(json.dumps([as_json(setting, ()) for setting in tops], ensure_ascii=False))
        return 0
    for setting in tops:
        print(f"{setting!s:<{NARROW}}{setting.told}")
    print(
        Text(
            en="\nOne of them: camera-agent config explain footage",
            vi="\nXem một mục: camera-agent config explain footage",
        )
    )
    return 0


def explain(key: str, file: Path, for_programs: bool) -> int:
    """One setting, or all that the key may mean."""
    found = find(key)
    if not found:
        raise unknown(key)
    document = starred_document(file)
    if for_programs:
        told = [as_json(setting, places(setting, document)) for setting in found]
        print(json.dumps(told, ensure_ascii=False))
    elif len(found) == 1:
        print("\n".join(lines_of(found[0], file, document)))
    else:
        print(Text(en=f"`{key}` is the name of {len(found)} settings:", vi=f"Có {len(found)} thiết lập tên `{key}`:"))
        for setting in found:
            now = ", ".join(as_yaml(place.value) for place in places(setting, document)[:MOST])
            print(f"  {setting}: {setting.told}" + (f" [{now}]" if now else ""))
        print(
            Text(
                en=f"More: camera-agent config explain {found[0]}",
                vi=f"Xem thêm: camera-agent config explain {found[0]}",
            )
        )
    return 0


def unknown(key: str) -> ConfigError:
    """There is no such key; what was perhaps meant."""
    told = near(key)
    names = ", ".join(told)
    hint = (
        Text(en=f"did you mean {names}?", vi=f"có phải ý bạn là {names}?")
        if told
        else Text(en="all sections: camera-agent config explain", vi="xem mọi mục: camera-agent config explain")
    )
    return ConfigError(
        Text(en=f"no setting is called {key!r}", vi=f"không có thiết lập nào tên {key!r}"), hint, code="config_invalid"
    )


def starred_document(file: Path) -> Document | None:
    """The file as read, secrets starred, each value at its own place; None when it is not there or has mistakes.

    What runs instead of a file with mistakes is told by `config show`.
    """
    text = read_text(file)
    if isinstance(text, Mistake):
        return None
    document = read_document(text)
    if document.faults or not isinstance(document.data, dict):
        return None
    return Document(read_document(shown_text(text)).data, document.values, document.keys)


def places(setting: Setting, document: Document | None) -> tuple[Standing, ...]:
    """Where it stands now."""
    return () if document is None else standing(setting.path, document)


def lines_of(setting: Setting, file: Path, document: Document | None) -> list[str]:
    """What is told of one setting."""
    inner = members(setting)
    lines = [str(setting), f"  {setting.told}"]
    if inner:
        lines += [f"    {each.path[-1]:<{NARROW}}{short(each)}" for each in inner]
    else:
        lines.append(row(_TAKES, str(setting.kind)))
        lines.append(row(_DEFAULT, setting.default or str(_NEEDED if setting.needed else _NONE)))
    if setting.example and not inner:
        lines.append(row(_EXAMPLE, f"{setting.path[-1]}: {setting.example}"))
    if document is None:
        lines.append(row(_NOW, str(_UNREAD).format(file)))
        return lines
    standings = places(setting, document)
    if not standings:
        lines.append(row(_NOW, str(_ABSENT).format(file)))
    for place in standings[:MOST]:
        value = "" if isinstance(place.value, dict | list) and inner else f"{as_yaml(place.value)}  "
        lines.append(row(_NOW, f"{value}({file}:{place.line}, {path_text(place.steps)})"))
    return lines


def row(word: Text, told: str) -> str:
    """A line with its word in front."""
    return f"  {word!s:<{NARROW}}{told}"


def short(setting: Setting) -> str:
    """A setting within its section: what it takes and its default."""
    default = f" [{setting.default}]" if setting.default else ""
    return f"{setting.kind}{default}{f', {_NEEDED}' if setting.needed else ''}"


def as_json(setting: Setting, standings: tuple[Standing, ...]) -> dict[str, Any]:
    """For programs: both languages."""
    return {
        "path": str(setting),
        "about": {"en": setting.told.en, "vi": setting.told.vi},
        "kind": {"en": setting.kind.en, "vi": setting.kind.vi},
        "default": setting.default or None,
        "needed": setting.needed,
        "example": setting.example or None,
        "now": [{"path": path_text(each.steps), "line": each.line, "value": each.value} for each in standings],
    }


def show(file: Path, for_programs: bool) -> int:
    """The configuration that a node with this file runs, secrets starred."""
    chosen = in_use(file)
    text = shown_text(chosen.text)
    if for_programs:
        print(json.dumps({"source": chosen.source, "hash": chosen.hash, "yaml": text}, ensure_ascii=False))
        return 0
    print(f"# {whose(chosen, file)}")
    print(f"# {_STARS}")
    print(text, end="")
    return 0


def whose(chosen: Chosen, file: Path) -> Text:
    """Where it comes from."""
    if chosen.last_known_good:
        return Text(
            en=f"the last good configuration: {file} has mistakes now, see camera-agent check-config {file}",
            vi=f"cấu hình tốt gần nhất: {file} đang có lỗi, xem camera-agent check-config {file}",
        )
    if chosen.source == "ward":
        return Text(en=f"applied by the ward over {file}", vi=f"do phường gửi, thay cho {file}")
    if chosen.source == "page":
        return Text(en=f"saved with the setup page over {file}", vi=f"lưu từ trang cài đặt, thay cho {file}")
    return Text(en=f"the file {file}", vi=f"tệp {file}")


_TAKES = Text(en="takes", vi="ghi được")
_DEFAULT = Text(en="default", vi="mặc định")
_EXAMPLE = Text(en="example", vi="ví dụ")
_NOW = Text(en="now", vi="hiện tại")
_NEEDED = Text(en="must be given", vi="bắt buộc phải có")
_NONE = Text(en="none", vi="không có")
_ABSENT = Text(en="not set in {}: the default counts", vi="không ghi trong {}: dùng giá trị mặc định")
_UNREAD = Text(
    en="{} is not here, may not be read, or has mistakes", vi="{} không có ở đây, không đọc được, hoặc đang có lỗi"
)
_STARS = Text(
    en="what may be secret in an address is shown as ***; comments are left out",
    vi="phần có thể là bí mật trong địa chỉ hiện thành ***; không kèm ghi chú",
)
