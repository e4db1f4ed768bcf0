"""Files that a command writes where a person told it to: not over something precious, and a full disk is told."""

from pathlib import Path
from types import TracebackType
from typing import TextIO

from agent.errors import ConfigError, StorageError
from agent.i18n import Text
from agent.system_words import reason

ELSEWHERE = Text(
    en="name a file in a directory that exists, on a disk with space",
    vi="hãy chọn tệp trong một thư mục có sẵn, trên ổ đĩa còn chỗ",
)


def check_target(path: Path, source: Path | None) -> None:
    """What `--draw` names is a new file or an ordinary one other than `source`. Raises ConfigError, StorageError."""
    if source and (path.resolve() == source.resolve() or (path.exists() and path.samefile(source))):
        raise ConfigError(
            Text(en=f"--draw would write over {source}", vi=f"--draw sẽ ghi đè lên {source}"),
            Text(en="name another file", vi="hãy chọn tệp khác"),
        )
    if path.is_symlink() or (path.exists() and not path.is_file()):
        # It would be replaced: also /dev/null, and the directory that an empty name stands for.
        raise StorageError(
            Text(
                en=f"{path} is there already and is not an ordinary file",
                vi=f"{path} đã có sẵn và không phải là tệp thông thường",
            ),
            Text(en="name another file", vi="hãy chọn tệp khác"),
            code="storage_error",
        )


def not_written(path: Path, why: Text, hint: Text = ELSEWHERE) -> StorageError:
    """The file could not be written."""
    return StorageError(
        Text(en=f"cannot write {path}: {why.en}", vi=f"không ghi được {path}: {why.vi}"), hint, code="storage_error"
    )


class Lines:
    """A text file as a context manager; a disk may be full at each write and at the end. Raises StorageError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: TextIO | None = None

    def __enter__(self) -> "Lines":
        try:
            self._file = self._path.open("w", encoding="utf-8", newline="\n")
        except OSError as error:
            raise not_written(self._path, reason(error)) from error
        return self

    def write(self, text: str) -> None:
        """Any number of lines."""
        assert self._file is not None
        try:
            self._file.write(text)
        except OSError as error:
            raise not_written(self._path, reason(error)) from error

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        assert self._file is not None
        try:
            self._file.close()
        except OSError as failed:
            if kind is None:  # else the first word counts, and what could not be written then cannot be now
                raise not_written(self._path, reason(failed)) from failed
