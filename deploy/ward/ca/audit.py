"""Who got a certificate, who was turned away, and why: one line of JSON each, no secret. At most 5 files of 2 MB."""

import json
import logging
import os
from datetime import datetime, timezone
from logging.handlers import RotatingFileHandler
from pathlib import Path

FILE_BYTES, FILES = 2_000_000, 5


class Audit:
    """Appends to `file` (0600)."""

    def __init__(self, file: Path) -> None:
        file.touch(mode=0o600)
        self._out = RotatingFileHandler(file, maxBytes=FILE_BYTES, backupCount=FILES - 1, encoding="utf-8")
        self._out.rotator = _rotate

    def note(self, what: str, node: str, **more: str) -> None:
        """One line: what happened, of which node, and more words about it."""
        at = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
        line = {"at": at, "what": what, "node": node[:64]} | {name: word[:200] for name, word in more.items()}
        record = logging.LogRecord("audit", logging.INFO, "", 0, json.dumps(line, ensure_ascii=True), None, None)
        self._out.handle(record)

    def close(self) -> None:
        """Close the file."""
        self._out.close()


def _rotate(source: str, destination: str) -> None:
    Path(source).replace(destination)
    os.close(os.open(source, os.O_CREAT | os.O_WRONLY, 0o600))
