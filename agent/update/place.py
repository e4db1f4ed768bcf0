"""Where versions, links and root's memory of an update lie, and the links between them.

    versions/VERSION-HASH8/   one virtual environment each, made at exactly this path; whole when it has manifest.json
    current -> versions/…     what the service runs
    judge   -> versions/…     the last version that proved itself: its code decides about the one that has not
    state/                    what root remembers (state.py)

A link is exchanged in one step. `current` differs from `judge` only while a version is on trial.
"""

import contextlib
import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agent.durable import sync_dir, write_durably
from agent.errors import AgentError
from agent.i18n import Text

COMPLETE = "manifest.json"  # written last, also by deploy/first_boot/place.py
INSTALLING = "installing"  # in the folder of states: a version is being made; who finds it later cleans up
FOLDER = re.compile(r"(\d{1,5}\.\d{1,5}\.\d{1,5})-([0-9a-f]{8})")


@dataclass(frozen=True, slots=True)
class Place:
    """`root` is / on a node."""

    root: Path = Path("/")

    @property
    def home(self) -> Path:
        """Everything of the program."""
        return self.root / "opt/camera-agent"

    @property
    def versions(self) -> Path:
        """One folder for each version."""
        return self.home / "versions"

    @property
    def current(self) -> Path:
        """The link to what runs."""
        return self.home / "current"

    @property
    def judge(self) -> Path:
        """The link to what proved itself last."""
        return self.home / "judge"

    @property
    def state(self) -> Path:
        """Root's memory; everybody may read it."""
        return self.home / "state"

    @property
    def keys(self) -> Path:
        """Who may sign updates."""
        return self.root / "etc/camera-agent/update.pub"

    @property
    def config(self) -> Path:
        """The installer's file."""
        return self.root / "etc/camera-agent/config.yaml"

    @property
    def units(self) -> Path:
        """Where systemd looks."""
        return self.root / "etc/systemd/system"

    @property
    def models(self) -> Path:
        """Where configurations name the model."""
        return self.root / "usr/share/camera-agent"

    @property
    def run(self) -> Path:
        """The agent's folder in memory: it writes there, root reads with care."""
        return self.root / "run/camera-agent"

    def folder(self, name: str) -> Path:
        """Of one version."""
        return self.versions / name

    def is_complete(self, name: str | None) -> bool:
        """May `current` point to it?"""
        return name is not None and (self.versions / name / COMPLETE).is_file()


def own_place(prefix: str) -> Place | None:
    """The place whose version runs this very program (`sys.prefix`); None for a program that lies elsewhere."""
    folder = Path(prefix)
    if folder.parent.name != "versions" or folder.parents[1].name != "camera-agent":
        return None
    return Place(folder.parents[3]) if folder.parents[2].name == "opt" else None


def target(link: Path) -> str | None:
    """The name of the version that a link means; None when there is none."""
    try:
        return Path(os.readlink(link)).name  # noqa: PTH115  # what it says, not what is there
    except OSError:
        return None


def point(link: Path, name: str) -> None:
    """Exchange a link in one step; durable on return. Raises OSError."""
    if target(link) != name:
        temporary = link.with_name(f".{link.name}.tmp")
        temporary.unlink(missing_ok=True)
        temporary.symlink_to(f"versions/{name}")
        temporary.replace(link)
    sync_dir(link.parent)


def release_of(name: str) -> str | None:
    """The version in the name of a folder; None for a folder of another kind."""
    match = FOLDER.fullmatch(name)
    return match[1] if match else None


def newer(one: str, other: str) -> bool:
    """Is version `one` above `other`? Both are three numbers."""
    return _numbers(one) > _numbers(other)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split("."))


def seal(place: Place, name: str, manifest: bytes) -> None:
    """The version is whole: everything of it is on the disk, then the mark. Raises OSError."""
    os.sync()
    write_durably(place.folder(name) / COMPLETE, manifest, 0o644)


def drop(place: Place, name: str) -> None:
    """Remove a version, its mark first, so that a half removed one is never taken for a whole one."""
    folder = place.folder(name)
    with contextlib.suppress(FileNotFoundError):
        (folder / COMPLETE).unlink()
        sync_dir(folder)
    shutil.rmtree(folder, ignore_errors=True)


def tidy(place: Place, keep: "set[str | None]") -> None:
    """Remove every version that is not in `keep`; what the links mean is never removed."""
    keep = keep | {target(place.current), target(place.judge)}
    for folder in sorted(place.versions.iterdir()):
        if folder.name not in keep:
            drop(place, folder.name)


@contextlib.contextmanager
def only_one(place: Place, *, patient: bool) -> Iterator[None]:
    """One update at a time; the kernel gives the lock back whatever happens. Writes nothing. Raises AgentError."""
    try:
        folder = os.open(place.versions, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise AgentError(
            Text(
                en=f"There is no {place.versions}: this agent was not installed so that it can be updated",
                vi=f"Không có {place.versions}: phần mềm này chưa được cài theo cách có thể cập nhật",
            ),
            Text(
                en="Install it once with `install.sh --bundle BUNDLE`",
                vi="Hãy cài lại một lần bằng `install.sh --bundle GÓI`",
            ),
        ) from error
    try:
        fcntl.flock(folder, fcntl.LOCK_EX if patient else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(folder)
        raise AgentError(
            Text(en="Another update is at work on this device", vi="Thiết bị đang chạy một lần cập nhật khác"),
            Text(
                en="Wait for it: camera-agent update --status",
                vi="Hãy chờ nó xong: camera-agent update --status",
            ),
        ) from error
    try:
        yield
    finally:
        os.close(folder)
