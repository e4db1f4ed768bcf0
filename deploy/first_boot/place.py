"""Lays a bundle's program onto this device, offline: `python3 place.py BUNDLE [--root DIR]`.

Runs on a bare Debian (Python 3.10 and newer, its standard library, no pip, no python3-venv), so nothing of the agent
is imported here. It leaves what `camera-agent update` later updates:

    /opt/camera-agent/versions/VERSION-BUILD8/  a virtual environment, made at this very path, with the bundle but for
                                                its wheels; manifest.json comes last: without it the folder is half-made
    /opt/camera-agent/current, judge            links to it, each exchanged in one step
    /usr/share/camera-agent/ssdlite.onnx        a link to the model of `current`; one put there by hand stays

Killed anywhere, it begins anew at the next run and the old version runs on meanwhile. Every file is compared with its
sha256 of the manifest; who signed the manifest is not asked here: the card or the package it came on is trusted.
"""

import argparse
import contextlib
import fcntl
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

NAME = "camera-agent"
SCHEMA = "camera-agent-bundle/1"
MANIFEST, SIGNATURE = "manifest.json", "manifest.json.minisig"
SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*(/[A-Za-z0-9_][A-Za-z0-9_.+-]*){0,3}")  # as agent/update/manifest.py
VERSION = re.compile(r"(0|[1-9]\d{0,4})(\.(0|[1-9]\d{0,4})){2}")  # the same: else no update finds this folder
PARTS = "import agent.cli, av, cv2, numpy, onnxruntime; print(agent.__version__)"
SPARE = 64 << 20  # bytes that stay free
PIECE = 1 << 20
LANGUAGE = next((v for k in ("CAMERA_AGENT_LANG", "LC_ALL", "LC_MESSAGES", "LANG") if (v := os.environ.get(k))), "")


class Refused(Exception):
    """Why the bundle is not placed, in words."""


def words(en: str, vi: str) -> str:
    """For the reader of this terminal."""
    return vi if LANGUAGE.lower().startswith("vi") else en


@dataclass(frozen=True)
class File:
    """One file of the bundle."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Bundle:
    """What manifest.json says. `installed_bytes`: what the program takes."""

    version: str
    arch: str
    python: str
    installed_bytes: int
    model: str
    files: tuple[File, ...]
    manifest: bytes
    signature: bytes

    @property
    def folder(self) -> str:
        """As agent/update/manifest.py names it."""
        lines = "".join(f"{file.sha256} {file.path}\n" for file in self.files)
        build = hashlib.sha256(f"{self.version} {self.arch} {self.python}\n{lines}".encode()).hexdigest()
        return f"{self.version}-{build[:8]}"


@dataclass(frozen=True)
class Home:
    """Where things lie; `root` is / on a device."""

    root: Path

    @property
    def base(self) -> Path:
        """All of the program."""
        return self.root / "opt" / NAME

    @property
    def versions(self) -> Path:
        """One folder each."""
        return self.base / "versions"

    @property
    def links(self) -> tuple[Path, Path]:
        """What the service runs, and what judges the next update."""
        return self.base / "current", self.base / "judge"

    @property
    def share(self) -> Path:
        """Models."""
        return self.root / "usr/share" / NAME


def read_bundle(path: Path) -> Bundle:
    """The head of the bundle. Raises Refused, OSError."""
    try:
        with tarfile.open(path, "r:") as tar:
            manifest = _small(tar, MANIFEST)
            signature = _small(tar, SIGNATURE) if SIGNATURE in tar.getnames()[:2] else b""
        told = json.loads(manifest)
        files = tuple(File(str(f["path"]), int(f["size"]), str(f["sha256"])) for f in told["files"])
        bundle = Bundle(
            version=str(told["version"]),
            arch=str(told["arch"]),
            python=str(told["python"]),
            installed_bytes=int(told["installed_bytes"]),
            model=str((told.get("model") or {}).get("path", "")),
            files=files,
            manifest=manifest,
            signature=signature,
        )
        known = told["schema"] == SCHEMA
    except (tarfile.TarError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused(
            words(f"{path.name} is no bundle or damaged", f"{path.name} bị hỏng hoặc không phải gói")
        ) from error
    if not known or not VERSION.fullmatch(bundle.version) or not all(SAFE.fullmatch(file.path) for file in files):
        raise Refused(words(f"{path.name} is of another kind", f"{path.name} thuộc loại khác"))
    return bundle


def check_machine(bundle: Bundle) -> None:
    """Raises Refused when it is for another processor or another Python."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    here, there = f"{platform.machine()}, Python {python}", f"{bundle.arch}, Python {bundle.python}"
    if here != there:
        raise Refused(words(f"the bundle is for {there}; this is {here}", f"gói dành cho {there}; máy này là {here}"))


def check_room(bundle: Bundle, home: Home) -> None:
    """Raises Refused when the disk cannot hold the wheels and what they become."""
    wanted = bundle.installed_bytes + sum(file.size for file in bundle.files) + SPARE
    free = shutil.disk_usage(home.base).free
    if free < wanted:
        need, have = f"{wanted >> 20} MB", f"{free >> 20} MB"
        raise Refused(words(f"needs {need} free, has {have}", f"cần trống {need}, chỉ còn {have}"))


def place(path: Path, home: Home) -> Path:
    """The folder of the version that `current` now names. Raises Refused, OSError."""
    bundle = read_bundle(path)
    check_machine(bundle)
    home.versions.mkdir(parents=True, exist_ok=True)
    with only_one(home):
        folder = home.versions / bundle.folder
        before = {meant(link) for link in home.links}
        if not (folder / MANIFEST).is_file():
            sweep(home, before)
            check_room(bundle, home)
            unpack(path, bundle, folder)
            build(bundle, home, folder)
        for link in home.links:
            exchange(link, folder.name)
        link_model(bundle, home)
        sweep(home, before | {folder.name})
    return folder


def unpack(path: Path, bundle: Bundle, folder: Path) -> None:
    """Each file of the manifest into `folder`, compared with its hash. Raises Refused, OSError."""
    with tarfile.open(path, "r:") as tar:
        for file in bundle.files:
            try:
                member = tar.getmember(file.path)
            except KeyError as error:
                raise _damaged(file.path) from error
            content = tar.extractfile(member) if member.isreg() and member.size == file.size else None
            if content is None:
                raise _damaged(file.path)
            target = folder / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            if _copy(cast(BinaryIO, content), target) != file.sha256:
                raise _damaged(file.path)


def build(bundle: Bundle, home: Home, folder: Path) -> None:
    """The virtual environment, tried, and complete only with its manifest. Raises Refused, OSError."""
    python, wheels = folder / "bin/python", folder / "wheels"
    run(folder, "-m", "venv", "--without-pip", str(folder))
    installer = next((folder / "pip").glob("pip-*.whl"))
    pip = (str(installer / "pip"), "install", "--no-index", "--no-deps", "--no-compile", "--no-cache-dir")
    names = sorted(str(wheel) for wheel in wheels.iterdir())
    run(folder, *pip, "-q", "--disable-pip-version-check", "--root-user-action=ignore", *names, python=python)
    shutil.rmtree(wheels)
    compile_all(home, folder)
    if home.root != Path("/"):  # inside the image the root is /
        script = folder / "bin" / NAME
        script.write_text(script.read_text(encoding="utf-8").replace(f"#!{home.root}/", "#!/", 1), encoding="utf-8")
    said = run(folder, "-c", PARTS, python=python).strip()
    if said != bundle.version:
        raise Refused(words(f"it says version {said!r}", f"chương trình báo phiên bản {said!r}"))
    if bundle.signature:
        (folder / SIGNATURE).write_bytes(bundle.signature)
    os.sync()  # everything below the folder, before it is called complete
    durably(folder / MANIFEST, bundle.manifest)


def compile_all(home: Home, folder: Path) -> None:
    """Byte code now: the service may not write it later, and every start would compile again."""
    options = ("-m", "compileall", "-qq", *(() if home.root == Path("/") else ("-s", str(home.root), "-p", "/")))
    for workers in ("0", "1"):  # all cores; else one: a root without /dev/shm has no semaphores
        with contextlib.suppress(Refused):  # some packages bring templates that are no Python
            run(folder, *options, "-j", workers, str(folder / "lib"), python=folder / "bin/python")
        if any((folder / "lib").glob("python3*/site-packages/agent/__pycache__/*.pyc")):
            return


def link_model(bundle: Bundle, home: Home) -> None:
    """Where the configuration looks for it: a link into `current`, so that an update exchanges both in one step."""
    for name in (f"{bundle.model}.sha256", bundle.model) if bundle.model else ():
        there, here = home.share / Path(name).name, home.links[0] / name
        if here.is_file() and not there.is_symlink() and (not there.exists() or same(there, here)):
            home.share.mkdir(parents=True, exist_ok=True)
            fresh = there.with_name(f".{there.name}.tmp")
            fresh.unlink(missing_ok=True)
            fresh.symlink_to(f"/opt/{NAME}/current/{name}")
            fresh.replace(there)


def same(one: Path, other: Path) -> bool:
    """Do two files hold the same?"""
    return one.stat().st_size == other.stat().st_size and one.read_bytes() == other.read_bytes()


def meant(link: Path) -> str:
    """The name of the version that a link names; empty when there is none."""
    return link.readlink().name if link.is_symlink() else ""


def exchange(link: Path, name: str) -> None:
    """In one step; durable on return."""
    if meant(link) != name:
        fresh = link.with_name(f".{link.name}.tmp")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(f"versions/{name}")
        fresh.replace(link)
        sync_folder(link.parent)


def sweep(home: Home, keep: set[str]) -> None:
    """What is half-made or older than the version before goes; its mark goes first."""
    for folder in home.versions.iterdir():
        if folder.name not in keep:
            (folder / MANIFEST).unlink(missing_ok=True)
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def only_one(home: Home) -> Iterator[None]:
    """The lock that `camera-agent update` takes as well."""
    folder = os.open(home.versions, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def run(folder: Path, *arguments: str, python: Path | None = None) -> str:
    """What Python printed. Raises Refused with its last line."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP_"))}
    # /tmp may be memory; pip's own files are not wanted, nor a record that ONNX Runtime keeps.
    environ |= {"TMPDIR": str(folder), "PIP_CONFIG_FILE": os.devnull, "ORT_DISABLE_TELEMETRY": "1"}
    command = (str(python or sys.executable), "-I", *arguments)
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environ, cwd="/")
    if done.returncode:
        last = ([line for line in done.stderr.splitlines() if line.strip()] or [f"exit code {done.returncode}"])[-1]
        raise Refused(words(f"{arguments[:2]} failed: {last}", f"{arguments[:2]} báo lỗi: {last}"))
    return done.stdout


def durably(path: Path, data: bytes) -> None:
    """Wholly there or not at all."""
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.chmod(0o644)
    temporary.replace(path)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """A rename in it survives a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _small(tar: tarfile.TarFile, name: str) -> bytes:
    content = tar.extractfile(name)
    return content.read(1 << 20) if content else b""


def _copy(content: BinaryIO, target: Path) -> str:
    digest = hashlib.sha256()
    with target.open("wb") as file:
        while piece := content.read(PIECE):
            digest.update(piece)
            file.write(piece)
    return digest.hexdigest()


def _damaged(name: str) -> Refused:
    return Refused(words(f"{name} in the bundle is damaged", f"{name} trong gói bị hỏng"))


def main() -> int:
    """0 when the version is the current one; else one line says why not."""
    parser = argparse.ArgumentParser(prog="place.py")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--root", type=Path, default=Path("/"))
    options = parser.parse_args()
    os.umask(0o022)
    try:
        print(place(options.bundle, Home(options.root)))
    except (Refused, OSError, StopIteration) as error:
        print(f"place.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
