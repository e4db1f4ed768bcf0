"""`data_dir/config` on the disk: state.json, and each text as `<sha256>.yaml`. Names tell when a text is damaged.

A text is on the disk before a state names it, and goes after no state does. Raises StorageError when the disk does not
let us, and `Damaged` when what lies there cannot be right.
"""

import hashlib
from pathlib import Path

from pydantic import ValidationError

from agent import durable
from agent.durable import disk_error
from agent.errors import StorageError
from agent.i18n import Text
from agent.settings.state import Kept

STATE = "state.json"
LARGEST = 256_000 * 4  # bytes; the loader takes 256 kB
REMEDY = Text(
    en="The node runs the installer's file; ask the ward to apply its configuration again",
    vi="Thiết bị đang dùng tệp cấu hình trên máy; nhờ phường gửi lại cấu hình",
)


class Damaged(StorageError):
    """What lies on the disk is not what was written."""

    def __init__(self, path: Path) -> None:
        text = Text(
            en=f"{path}: the kept configuration is damaged or gone", vi=f"{path}: cấu hình đã lưu bị hỏng hoặc mất"
        )
        super().__init__(text, REMEDY, code="config_store")


def name_of(text: bytes) -> str:
    """What a text is called."""
    return hashlib.sha256(text).hexdigest()


class Folder:
    """Whoever writes holds the lock of the data directory; anybody may read."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def read(self) -> Kept | None:
        """None when nothing was ever kept here."""
        path = self.directory / STATE
        try:
            return Kept.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise disk_error(error, path) from error
        except (ValidationError, ValueError) as error:
            raise Damaged(path) from error

    def write(self, kept: Kept) -> None:
        """Durable on return; texts that are needed no more are removed."""
        path = self.directory / STATE
        try:
            self._make()
            durable.write_durably(path, kept.model_dump_json(by_alias=True, exclude_none=True).encode())
            self._sweep(kept)
        except OSError as error:
            raise disk_error(error, path) from error

    def keep(self, text: bytes) -> str:
        """Durable on return; the name of the text."""
        name = name_of(text)
        path = self.directory / f"{name}.yaml"
        try:
            self._make()
            if not path.exists() or name_of(path.read_bytes()) != name:
                durable.write_durably(path, text)
        except OSError as error:
            raise disk_error(error, path) from error
        return name

    def text(self, name: str) -> bytes:
        """Raises Damaged when it is not what was kept under this name."""
        path = self.directory / f"{name}.yaml"
        try:
            with path.open("rb") as file:
                found = file.read(LARGEST)
        except FileNotFoundError as error:
            raise Damaged(path) from error
        except OSError as error:
            raise disk_error(error, path) from error
        if name_of(found) != name:
            raise Damaged(path)
        return found

    def _make(self) -> None:
        if not self.directory.is_dir():
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            durable.sync_dir(self.directory.parent)

    def _sweep(self, kept: Kept) -> None:
        needed = {f"{name}.yaml" for name in kept.texts()} | {STATE}
        for path in self.directory.iterdir():
            if path.name not in needed and path.suffix in (".yaml", ".tmp"):
                path.unlink(missing_ok=True)
