"""The bytes of a configuration file become text, or one clear mistake: missing, a directory, too large, not UTF-8."""

import stat
from pathlib import Path

from agent.config.mistakes import Mistake
from agent.i18n import Text
from agent.system_words import reason

MAX_BYTES = 256_000


def read_text(path: Path) -> str | Mistake:
    """The text of the file, or the one mistake that makes it unreadable."""
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            return _whole(path, _DIRECTORY if stat.S_ISDIR(mode) else _NO_FILE)
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return _whole(path, _MISSING)
    except PermissionError:
        return _whole(path, _FORBIDDEN)
    except (OSError, ValueError) as error:
        why = reason(error)
        return _whole(path, (Text(en=f"cannot be read: {why.en}", vi=f"không đọc được: {why.vi}"), None))
    if len(raw) > MAX_BYTES:
        return _whole(path, _TOO_LARGE)
    return _decoded(path, raw)


def _decoded(path: Path, raw: bytes) -> str | Mistake:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Mistake(path, 1, 1, "", *_WIDE)
    if b"\0" in raw:
        return _whole(path, _BINARY)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line = before.count(b"\n") + 1
        col = len(before.rpartition(b"\n")[2].decode("utf-8", "replace")) + 1
        return Mistake(path, line, col, "", *_UTF16)


def _whole(path: Path, told: tuple[Text, Text | None]) -> Mistake:
    return Mistake(path, 0, 0, "", *told)


WRITE_ONE = Text(
    en="`camera-agent init` writes one (config.example.yaml has every setting)",
    vi="hãy tạo bằng `camera-agent init` (config.example.yaml có mọi mục)",
)
_DIRECTORY = (
    Text(en="this is a directory", vi="đây là một thư mục"),
    Text(en="name the file in it", vi="hãy chỉ rõ tệp bên trong"),
)
_NO_FILE = (Text(en="this is not a regular file", vi="đây không phải tệp thường"), None)
_MISSING = (Text(en="there is no such file", vi="không có tệp này"), WRITE_ONE)
_FORBIDDEN = (
    Text(en="this user may not read the file", vi="người dùng này không có quyền đọc tệp"),
    Text(
        en="use sudo; should the agent itself say so, chown it to the agent's user",
        vi="hãy dùng sudo; nếu chính dịch vụ báo lỗi này, hãy chown tệp cho người dùng của dịch vụ",
    ),
)
_TOO_LARGE = (Text(en="larger than 256 kB; a configuration is not", vi="lớn hơn 256 kB; không phải tệp cấu hình"), None)
_UTF16 = (
    Text(en="this is not UTF-8 text", vi="đây không phải văn bản UTF-8"),
    Text(en="save the file as UTF-8", vi="hãy lưu tệp dạng UTF-8"),
)
_WIDE = (
    Text(en="this is UTF-16 text, not UTF-8", vi="đây là văn bản UTF-16, không phải UTF-8"),
    Text(
        en="save it as UTF-8 (in Notepad: Save as, Encoding), or `iconv -f UTF-16 -t UTF-8 OLD > NEW`",
        vi="hãy lưu dạng UTF-8 (trong Notepad: Save as, Encoding), hoặc `iconv -f UTF-16 -t UTF-8 CŨ > MỚI`",
    ),
)
_BINARY = (Text(en="this is not a text file", vi="đây không phải tệp văn bản"), None)
