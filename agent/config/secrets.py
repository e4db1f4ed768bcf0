"""A password from its own file, wrapped so that it cannot be printed by accident."""

import os
import stat
from pathlib import Path

from agent.errors import ConfigError
from agent.i18n import Text

MAX_BYTES = 4096


class Secret:
    """A value that prints as stars. Only `reveal()` gives it out, at the last moment."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself; never log it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(********)"

    def __str__(self) -> str:
        return "********"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> str:
        raise TypeError("a secret is not pickled")


def read_secret(path: Path) -> Secret:
    """The secret in `path`, without the line break at its end. Raises ConfigError, code `secret_unreadable`.

    The file must be a regular one (a symbolic link to one will do), with no rights for group
    or others, 1 to 4096 bytes of UTF-8 on one line.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise _refused(path, "there is no such password file", "không có tệp mật khẩu này") from error
    except PermissionError as error:
        hint = Text(
            en="give the file to the user that the agent runs as (chown), with chmod 600",
            vi="hãy giao tệp cho người dùng chạy phần mềm (chown), kèm chmod 600",
        )
        raise _refused(
            path, "this user may not read the password file", "người dùng này không được đọc tệp mật khẩu", hint
        ) from error
    except (OSError, ValueError) as error:
        raise _refused(path, "the password file cannot be read", "không đọc được tệp mật khẩu") from error
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise _refused(path, "this is not a regular file", "đây không phải tệp thường")
        if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            hint = Text(en=f"run: chmod 600 {path}", vi=f"hãy chạy: chmod 600 {path}")
            raise _refused(
                path, "other users may read the password file", "người dùng khác đọc được tệp mật khẩu này", hint
            )
        raw = os.read(descriptor, MAX_BYTES + 1)
    except OSError as error:
        raise _refused(path, "the password file cannot be read", "không đọc được tệp mật khẩu") from error
    finally:
        os.close(descriptor)
    return Secret(_value(path, raw))


def _value(path: Path, raw: bytes) -> str:
    if len(raw) > MAX_BYTES:
        raise _refused(path, "larger than 4 kB; this is not a password file", "lớn hơn 4 kB; không phải tệp mật khẩu")
    try:
        value = raw.decode("utf-8")
    except UnicodeDecodeError:
        # Without the cause: its text would quote bytes of the secret.
        raise _refused(path, "the password file is not UTF-8 text", "tệp mật khẩu không phải văn bản UTF-8") from None
    value = value[:-1] if value.endswith("\n") else value
    value = value[:-1] if value.endswith("\r") else value
    if not value:
        raise _refused(path, "the password file is empty", "tệp mật khẩu trống")
    if "\n" in value or "\r" in value or "\0" in value:
        raise _refused(path, "the password file has more than one line", "tệp mật khẩu có nhiều hơn một dòng")
    return value


def _refused(path: Path, en: str, vi: str, hint: Text | None = None) -> ConfigError:
    return ConfigError(Text(en=f"{path}: {en}", vi=f"{path}: {vi}"), hint, code="secret_unreadable")
