"""A bundle as a node takes it: who signed it, what it is for, whether every byte is as signed; then its files.

Checked in one pass before anything is written. While its files are written their hashes are checked once more, as the
bundle may lie where others can write.
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from agent.i18n import Text
from agent.system_words import reason
from agent.update.manifest import MOST_ALL, SIGNATURE, BundleFile, Manifest, read_manifest
from agent.update.minisign import PublicKey, verify
from agent.update.refused import UpdateRefused
from agent.update.regular import NoPlainFile, open_plain
from agent.update.tar import Opening, read_files, read_opening

# Only these are laid beside the program; what serves the first boot is not needed again.
TAKEN = ("wheels/", "pip/", "model/", "systemd/")
PLAIN = ("NOTICES.md", "LICENSE", "sbom.json")


@dataclass(frozen=True, slots=True)
class Bundle:
    """An open bundle whose signature is good."""

    file: BufferedReader
    opening: Opening
    manifest: Manifest

    def check(self) -> None:
        """Every file against the manifest; writes nothing. Raises UpdateRefused."""
        self._read(lambda _each, _piece: None)

    def unpack(self, folder: Path) -> None:
        """The files that a version is made of, into `folder`. Raises UpdateRefused and OSError."""
        with _Files(folder) as files:
            self._read(files.put)
        (folder / SIGNATURE).write_bytes(self.opening.signature)

    def unpacked_bytes(self) -> int:
        """What `unpack` writes."""
        return sum(each.size for each in self.manifest.files if _taken(each.path))

    def _read(self, put: Callable[[BundleFile, bytes], None]) -> None:
        try:
            self.file.seek(0)
            again = read_opening(self.file)
            if again != self.opening:
                raise UpdateRefused(
                    "damaged", Text(en="The bundle changes while it is read", vi="Gói cập nhật bị sửa trong lúc đọc")
                )
            read_files(self.file, self.manifest, put)
        except OSError as error:
            if error.filename is not None:
                raise
            raise _unreadable(Path(self.file.name), error) from error


@contextlib.contextmanager
def open_bundle(path: Path, keys: tuple[PublicKey, ...]) -> Iterator[Bundle]:
    """The bundle, when one of `keys` signed it. No link is followed at its end. Raises UpdateRefused."""
    try:
        file = open_plain(path)
    except NoPlainFile as error:
        raise UpdateRefused("file", Text(en=f"{path} is no file", vi=f"{path} không phải là tệp")) from error
    except OSError as error:
        raise _unreadable(path, error) from error
    with file:
        if os.fstat(file.fileno()).st_size > MOST_ALL + (1 << 20):
            raise UpdateRefused(
                "large", Text(en=f"{path} is too large for a bundle", vi=f"{path} quá lớn so với một gói cập nhật")
            )
        opening = read_opening(file)
        if not opening.signature:
            raise UpdateRefused(
                "signature",
                Text(en="The bundle is not signed", vi="Gói cập nhật chưa được ký"),
                Text(en="Take the signed bundle of the ward", vi="Hãy dùng gói đã ký của phường"),
            )
        verify(opening.manifest, opening.signature, keys)
        yield Bundle(file, opening, read_manifest(opening.manifest))


class _Files:
    """Writes the files of a bundle one after the other; never over anything."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = ""
        self._descriptor = -1

    def __enter__(self) -> "_Files":
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def put(self, each: BundleFile, piece: bytes) -> None:
        """The next piece of a file."""
        if not _taken(each.path):
            return
        if each.path != self._path:
            self._close()
            path = self._folder / each.path
            path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
            self._path = each.path
        left = memoryview(piece)
        while left:
            left = left[os.write(self._descriptor, left) :]

    def _close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def _taken(path: str) -> bool:
    return path.startswith(TAKEN) or path in PLAIN


def _unreadable(path: Path, error: OSError) -> UpdateRefused:
    why = reason(error)
    return UpdateRefused(
        "file",
        Text(en=f"{path} cannot be read: {why.en}", vi=f"Không đọc được {path}: {why.vi}"),
        Text(en="Is the path right, and the stick still in?", vi="Đường dẫn có đúng không, USB còn cắm không?"),
    )
