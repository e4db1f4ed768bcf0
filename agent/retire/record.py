"""How far an erasure has come: one small file of root's, so that a power cut anywhere is followed by the rest."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from agent.durable import disk_error, remove_durably, write_durably

FOLDER, NAME = "var/lib/camera-agent-wipe", "wipe.json"
Step = Literal["data", "places", "wifi"]  # what is next


@dataclass(frozen=True, slots=True)
class Record:
    """Written before the first file goes. `config` is where the configuration was; `counts`: files per place."""

    node: str
    ward: str
    config: str
    data_dir: str
    request_id: str
    started_utc: str
    clock_trusted: bool
    step: Step = "data"
    counts: dict[str, int] = field(default_factory=dict)
    interruptions: int = 0
    ward_told: bool | None = None  # None: not asked to
    certificate: str = ""  # where it was written


class Records:
    """The file below a root."""

    def __init__(self, root: Path) -> None:
        self._path = root / FOLDER / NAME

    def read(self) -> Record | None:
        """None: nothing was begun. Raises StorageError; a file that cannot be understood is as none."""
        try:
            told = json.loads(self._path.read_bytes())
            return Record(**told)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise disk_error(error, self._path) from error
        except (ValueError, TypeError):
            return None

    def write(self, record: Record) -> None:
        """Durable on return. Raises StorageError."""
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_durably(self._path, json.dumps(asdict(record), ensure_ascii=False).encode())
        except OSError as error:
            raise disk_error(error, self._path) from error

    def forget(self) -> None:
        """All is done. Raises StorageError."""
        try:
            remove_durably(self._path)
            self._path.parent.rmdir()
        except FileNotFoundError:
            return
        except OSError as error:
            raise disk_error(error, self._path) from error
