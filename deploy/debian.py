"""Debian packages without root and without installing: apt fetches with state of its own, dpkg-deb unpacks."""

import os
import re
import shutil
import subprocess
import tarfile
from collections.abc import Sequence
from pathlib import Path

from agent.i18n import Text
from deploy.fetch import AssetError, Download, Progress, cache_dir, download, missing_tool, reason, workspace

URI_LINE = re.compile(r"^'[^']+' (?P<name>[^_ ]+)_\S+ (?P<size>\d+)", re.MULTILINE)
APT_S = 300.0
LISTS_BYTES = 20_000_000


def unpack_debian(packages: Sequence[str], target: Path, progress: Progress | None = None) -> None:
    """`packages`, and what of their dependencies this machine lacks, unpacked below `target` (replaced as a whole).

    Raises AssetError.
    """
    progress = progress or Progress()
    with workspace("debian") as work:
        fresh = target.with_name(target.name + ".tmp")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        try:
            for package in _fetch(packages, work, progress, dependencies=True):
                _run(("dpkg-deb", "--extract", str(package), str(fresh)))
            shutil.rmtree(target, ignore_errors=True)
            fresh.rename(target)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)


def debian_file(package: str, name: str, target: Path, progress: Progress) -> None:
    """The one file called `name` out of `package`, written to `target`. Raises AssetError."""
    with workspace("debian") as work:
        (archive,) = _fetch((package,), work, progress, dependencies=False)
        command = ("dpkg-deb", "--fsys-tarfile", str(archive))
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            found = _pick(process, name, target)
            process.kill()  # the rest of the package is of no interest
    if not found:
        raise AssetError(
            Text(
                en=f"{package} holds no {name} in this Debian release",
                vi=f"Gói {package} của bản Debian này không có {name}",
            )
        )


def _pick(process: "subprocess.Popen[bytes]", name: str, target: Path) -> bool:
    try:
        with tarfile.open(fileobj=process.stdout, mode="r|") as archive:
            for member in archive:
                if member.isfile() and Path(member.name).name == name and (stream := archive.extractfile(member)):
                    with target.open("wb") as file:
                        shutil.copyfileobj(stream, file)
                    return True
    except tarfile.TarError as error:
        raise AssetError(
            Text(en=f"The package with {name} is damaged: {error}", vi=f"Gói chứa {name} bị hỏng: {error}")
        ) from error
    return False


def _fetch(packages: Sequence[str], work: Path, progress: Progress, *, dependencies: bool) -> list[Path]:
    for tool in ("apt-get", "dpkg-deb"):
        if shutil.which(tool) is None:
            raise missing_tool(tool)
    options = _apt_options()
    try:
        return _download(packages, work, progress, options, dependencies)
    except AssetError:
        # No package lists yet, or they name a version that the archive has replaced since.
        label = Text(en="Fetching the list of Debian packages", vi="Đang tải danh sách gói Debian")
        state = cache_dir() / "apt" / "state"
        download(Download(label, ("apt-get", *options, "update"), state, LISTS_BYTES), progress)
        return _download(packages, work, progress, options, dependencies)


def _download(
    packages: Sequence[str], work: Path, progress: Progress, options: Sequence[str], dependencies: bool
) -> list[Path]:
    names = list(packages)
    if dependencies:
        resolve = ("install", "--print-uris", "--yes", "--reinstall", "--no-install-recommends")
        names = [match["name"] for match in URI_LINE.finditer(_run(("apt-get", *options, *resolve, *packages)))]
    listed = _run(("apt-get", *options, "--print-uris", "download", *names))
    size = sum(int(match["size"]) for match in URI_LINE.finditer(listed))
    label = Text(en=f"Fetching {', '.join(packages)}", vi=f"Đang tải {', '.join(packages)}")
    download(Download(label, ("apt-get", *options, "download", *names), work, size), progress)
    return sorted(work.glob("*.deb"))


def _apt_options() -> tuple[str, ...]:
    apt = cache_dir() / "apt"
    for folder in ("state/lists/partial", "cache/archives/partial"):
        (apt / folder).mkdir(parents=True, exist_ok=True)
    settings = {
        "Dir::State": apt / "state",
        "Dir::State::status": "/var/lib/dpkg/status",
        "Dir::Cache": apt / "cache",
        "Debug::NoLocking": "true",  # the system's lock is root's, and nothing of the system is changed
        "APT::Sandbox::User": "root",  # else apt as root could not write into a private cache
        "APT::Update::Error-Mode": "any",
        "Acquire::Retries": "2",
        "Acquire::Languages": "none",
        "Acquire::http::Timeout": "20",
    }
    return ("-qq", *(part for name, value in settings.items() for part in ("-o", f"{name}={value}")))


def _run(command: Sequence[str]) -> str:
    try:
        done = subprocess.run(
            command, capture_output=True, check=False, timeout=APT_S, env={**os.environ, "LC_ALL": "C.UTF-8"}
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise AssetError(Text(en=f"{command[0]}: {error}", vi=f"{command[0]}: {error}")) from error
    if done.returncode:
        said = reason(done.stderr.decode(errors="replace"))
        raise AssetError(Text(en=f"{command[0]} failed: {said}", vi=f"{command[0]} báo lỗi: {said}"))
    return done.stdout.decode(errors="replace")
