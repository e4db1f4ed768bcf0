"""The install bundle for a Jetson or any 64-bit Debian: the folder of a card as one tar, unpacked there by hand."""

import io
import os
import tarfile
import time
from pathlib import Path

from deploy.flash.base import disk_words, give_back
from deploy.flash.bundle import Bundle
from deploy.flash.folder import CardFile


def pack(files: tuple[CardFile, ...], bundle: Bundle, out: Path) -> None:
    """0600, wholly there or not at all. Raises CardError."""
    part = out.with_name(out.name + ".part")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            with tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as tar:
                for each in files:
                    tar.addfile(_member(each.path, len(each.data)), io.BytesIO(each.data))
                with bundle.path.open("rb") as content:
                    size = bundle.path.stat().st_size
                    tar.addfile(_member(f"camera-agent/{bundle.path.name}", size), content)
            file.flush()
            os.fsync(file.fileno())
        give_back(part)
        part.replace(out)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise disk_words(error, out) from error


def _member(name: str, size: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size = size
    info.mode = 0o600
    info.mtime = int(time.time())
    info.uname = info.gname = "root"
    return info
