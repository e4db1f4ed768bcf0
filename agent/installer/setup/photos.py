"""The reference photo of each camera: what it saw when it was handed over. For the hand-over sheet, and to tell later
whether it still looks the same way.

In `data_dir/reference/`, 0700: CAM.jpg, and CAM.json with its time. Raises StorageError.
"""

import contextlib
import json
import re
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from agent.durable import disk_error, write_durably

FOLDER = "reference"
MOST_BYTES = 2_000_000
CAMERA = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


@dataclass(frozen=True, slots=True)
class Taken:
    """When a photo was taken. `trusted`: the clock was right."""

    at_utc: str
    trusted: bool
    bytes: int

    def at(self, zone: ZoneInfo) -> datetime:
        """In the node's own time. Raises ValueError when it is no time."""
        return datetime.fromisoformat(self.at_utc.replace("Z", "+00:00")).astimezone(zone)


class ReferencePhotos:
    """Of one node."""

    def __init__(self, data_dir: Path) -> None:
        self.folder = data_dir / FOLDER

    def keep(self, cam: str, jpeg: bytes, taken: Taken) -> None:
        """In place of the one before. A kill in between leaves a photo without its time, or with an earlier one's."""
        picture, facts = self._paths(cam)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_durably(picture, jpeg, 0o600)
            write_durably(facts, json.dumps(asdict(taken)).encode(), 0o600)
        except OSError as error:
            raise disk_error(error, picture) from error

    def photo(self, cam: str) -> bytes | None:
        """The JPEG; None when there is none."""
        try:
            with self._paths(cam)[0].open("rb") as file:
                return file.read(MOST_BYTES)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise disk_error(error, self.folder) from error

    def taken(self, cam: str) -> Taken | None:
        """When; None when there is no photo, or its time is not known."""
        with contextlib.suppress(OSError, ValueError, TypeError):
            picture, facts = self._paths(cam)
            if picture.exists():
                return Taken(**json.loads(facts.read_text(encoding="utf-8")))
        return None

    def _paths(self, cam: str) -> tuple[Path, Path]:
        assert CAMERA.fullmatch(cam)
        return self.folder / f"{cam}.jpg", self.folder / f"{cam}.json"
