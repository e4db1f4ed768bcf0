"""One agent per data directory: an flock that the kernel gives back whatever happens to the process."""

import contextlib
import fcntl
import os
from pathlib import Path
from types import TracebackType

from agent.errors import ConfigError
from agent.i18n import Text
from agent.system_words import reason


class DataDirLock:
    """Held from construction to `close`. Raises ConfigError when another agent holds it, naming its pid."""

    def __init__(self, directory: Path) -> None:
        path = directory / "lock"
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            why = reason(error)
            raise ConfigError(
                Text(
                    en=f"cannot use the data directory {directory}: {why.en} (running as uid {os.getuid()})",
                    vi=f"không dùng được thư mục dữ liệu {directory}: {why.vi} (uid hiện tại {os.getuid()})",
                ),
                Text(
                    en=f"sudo install -d -o camera-agent -m 0700 {directory}, or set node.data_dir",
                    vi=f"hãy chạy: sudo install -d -o camera-agent -m 0700 {directory}, hoặc đổi node.data_dir",
                ),
                code="storage_error",
            ) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            pid = os.read(self._file, 32).decode("ascii", "replace").strip() or "?"
            os.close(self._file)
            raise ConfigError(
                Text(
                    en=f"another camera-agent (pid {pid}) already works in {directory}",
                    vi=f"một camera-agent khác (pid {pid}) đang chạy trong {directory}",
                ),
                Text(
                    en="stop it first, or give this node its own node.data_dir",
                    vi="hãy dừng nó, hoặc đặt node.data_dir riêng",
                ),
            ) from error
        with contextlib.suppress(OSError):  # on a full disk the lock holds all the same, without a name
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, f"{os.getpid()}\n".encode("ascii"), 0)

    def __enter__(self) -> "DataDirLock":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the next agent in."""
        os.close(self._file)
