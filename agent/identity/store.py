"""Where authority, certificate and key lie: one folder per generation, and one symbolic link that says which counts.

    tls/000001/{ca.pem,node.crt,node.key}      written and synced before anything points there
    tls/current -> 000001                      exchanged by one rename: all three at once
    tls/previous -> 000000                     until the ward has let the new one in
    tls/node.crt -> current/node.crt           the names that the configuration has

A kill at any step leaves the old three or the new three. Files that were put there by hand become a generation first.
"""

import contextlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from agent.durable import disk_error, remove_durably, sync_dir, write_durably
from agent.errors import AgentError
from agent.i18n import Text

CA, CERT, KEY = "ca.pem", "node.crt", "node.key"
CURRENT, PREVIOUS = "current", "previous"
PENDING = "pending.key"


@dataclass(frozen=True, slots=True)
class Papers:
    """PEM: the authorities to trust, the certificate (with its chain), its key."""

    ca: bytes
    cert: bytes
    key: bytes = field(repr=False)


def _nothing(_: str) -> None:
    """Tests end the process here."""


class IdentityStore:
    """`ca` may lie elsewhere: then it is somebody else's, and left alone. Raises AgentError when key and certificate do
    not share a folder, StorageError when that cannot be written.
    """

    def __init__(self, ca: Path, cert: Path, key: Path, step: Callable[[str], None] = _nothing) -> None:
        if cert.parent != key.parent:
            raise AgentError(
                Text(
                    en="`tls.cert` and `tls.key` are in different folders, so they cannot be exchanged together",
                    vi="`tls.cert` và `tls.key` nằm ở hai thư mục khác nhau nên không thể thay cùng lúc",
                ),
                Text(en="put both into one folder of the agent's", vi="hãy để cả hai vào một thư mục của dịch vụ"),
            )
        self.folder = cert.parent
        self._links = {cert: CERT, key: KEY} | ({ca: CA} if ca.parent == cert.parent else {})
        self._step = step

    def put(self, papers: Papers) -> None:
        """Make these three the node's. All or nothing, whatever happens meanwhile."""
        try:
            self._prepare()
            self._adopt()
            made = self._generation(papers)
            self._step("written")
            self._link()  # at the first time: they lead nowhere yet
            before = self.folder / CURRENT
            if before.is_symlink():
                _point(self.folder / PREVIOUS, before.readlink().name)
            self._step("kept")
            self._switch(made)
            self._step("switched")
            self._tidy(made)
        except OSError as error:
            raise disk_error(error, self.folder) from error

    @property
    def on_trial(self) -> bool:
        """Has the ward not yet let in who shows these papers?"""
        return (self.folder / PREVIOUS / CERT).exists()

    def accept(self) -> None:
        """It has."""
        with contextlib.suppress(OSError):  # then it is asked again
            remove_durably(self.folder / PREVIOUS)

    def fall_back(self) -> None:
        """It does not want them: the ones before count again."""
        try:
            self._switch((self.folder / PREVIOUS).readlink().name)
            remove_durably(self.folder / PREVIOUS)
        except OSError as error:
            raise disk_error(error, self.folder) from error

    def pending_key(self) -> bytes | None:
        """The key of a request that may have been answered without our hearing it."""
        try:
            return (self.folder / PENDING).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise disk_error(error, self.folder / PENDING) from error

    def keep_pending(self, key: bytes) -> None:
        """Before it is asked with."""
        try:
            self._prepare()
            write_durably(self.folder / PENDING, key)
        except OSError as error:
            raise disk_error(error, self.folder) from error

    def drop_pending(self) -> None:
        """It is of no more use."""
        with contextlib.suppress(OSError):
            remove_durably(self.folder / PENDING)

    def _prepare(self) -> None:
        if not self.folder.parent.is_dir():
            raise FileNotFoundError(2, os.strerror(2), str(self.folder.parent))
        self.folder.mkdir(mode=0o700, exist_ok=True)
        sync_dir(self.folder.parent)

    def _adopt(self) -> None:
        """Plain files become a generation, then links, one by one: at each moment the names lead to the same bytes."""
        plain = [path for path in self._links if path.exists() and not self._is_ours(path)]
        if not plain:
            return
        found = {name: path.read_bytes() for path, name in self._links.items() if path.exists()}
        self._switch(self._write(found))
        self._step("adopted")
        self._link()

    def _generation(self, papers: Papers) -> str:
        return self._write({CA: papers.ca, CERT: papers.cert, KEY: papers.key})

    def _write(self, files: dict[str, bytes]) -> str:
        made = f"{max(self._generations(), default=0) + 1:06d}"
        new = self.folder / f".new-{made}"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        for name, data in files.items():
            write_durably(new / name, data)
            self._step(f"wrote {name}")
        new.rename(self.folder / made)
        sync_dir(self.folder)
        return made

    def _link(self) -> None:
        for path, name in self._links.items():
            if not self._is_ours(path):
                _point(path, f"{CURRENT}/{name}")
                self._step(f"linked {name}")

    def _is_ours(self, path: Path) -> bool:
        return path.is_symlink() and os.readlink(path) == f"{CURRENT}/{self._links[path]}"  # noqa: PTH115  # as it stands

    def _switch(self, generation: str) -> None:
        _point(self.folder / CURRENT, generation)

    def _generations(self) -> list[int]:
        return [int(path.name) for path in self.folder.iterdir() if path.name.isdigit() and path.is_dir()]

    def _tidy(self, made: str) -> None:
        """Who opens files one after another may still be at the generation before."""
        kept = {made}
        with contextlib.suppress(OSError):
            kept.add((self.folder / PREVIOUS).readlink().name)
        for old in self._generations():
            if f"{old:06d}" not in kept:
                shutil.rmtree(self.folder / f"{old:06d}", ignore_errors=True)
        for left in self.folder.glob(".new-*"):
            shutil.rmtree(left, ignore_errors=True)


def _point(link: Path, target: str) -> None:
    temporary = link.with_name(f".{link.name}.tmp")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(target)
    temporary.replace(link)
    sync_dir(link.parent)
