"""A small device on which updates are killed: real bundles, real virtual environments, a stand-in for systemd.

The agent's wheel holds what `update`, `version` and `check-config` need of the real sources, and a node that only
proves itself; its libraries are those of this checkout. Waits are shortened in it: pictures need not be steady for 8 s.
"""

import base64
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from nacl.signing import SigningKey

from agent.contract.base import utc
from agent.update.environment import make
from agent.update.manifest import BundleFile, Manifest
from agent.update.place import Place, drop, point, seal, target
from agent.update.tar import pack
from bench.truth import Absent

HERE = Path(__file__).resolve().parent.parent
OLD, NEW, BAD = "0.1.0", "0.2.0", "0.3.0"  # the last one never proves itself
SHORTER = {
    "agent/update/judge.py": (("LOOK_S = 1.0", "LOOK_S = 0.1"),),
    "agent/settings/gate.py": (("STEADY_S = 8.0", "STEADY_S = 0.2"),),
}
PARTS = 'PARTS = "import agent.cli.update"'
NODE = '''"""A node that does nothing but prove itself."""
import os, sys, time
from pathlib import Path
from agent.clock import Clock
from agent.update.place import own_place
from agent.update.proof import Proof, write_proof
from agent.update.sight import Sight, Worked
from agent.update.state import read_trial

def add(subparsers):
    return subparsers.add_parser("run")

def run(arguments):
    place, clock = own_place(sys.prefix), Clock()
    trial, began_s = read_trial(place), clock.mono_s()
    works = VERSION != BAD
    name = trial.id if trial is not None else None
    before = Worked(cams=("gate",), model=True, broker=True)
    seen = Sight(("gate",), ("gate",), inferred=True, acknowledged=True) if works else Sight()
    while place.run.is_dir() and clock.mono_s() - began_s < 120:
        who = (Path(sys.prefix).name, VERSION, os.getpid(), clock.boot_id)
        proof = Proof(*who, began_s, clock.mono_s(), name, False, before, seen)
        write_proof(place.run, proof)
        time.sleep(0.1)
    return 0
'''
SYSTEMCTL = """#!/bin/sh
# What an update asks of systemd, for one service.
root=ROOT
pid=$(cat $root/run/node.pid 2>/dev/null)
case "$1" in
show)
    if [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null
    then echo ActiveState=active; echo MainPID=$pid
    else echo ActiveState=inactive; echo MainPID=0; fi
    echo NRestarts=0 ;;
restart)
    if [ -n "$pid" ]; then kill -9 "$pid" 2>/dev/null; fi
    setsid $root/opt/camera-agent/current/bin/camera-agent run >/dev/null 2>&1 </dev/null &
    echo $! > $root/run/node.pid ;;
is-active) exit 3 ;;
esac
exit 0
"""
CONFIG = """node: {ward: bench, id: bench}
mqtt: {url: "mqtts://ward.invalid"}
retention: {max_days: 7}
cameras:
  - {id: gate, source: gate.mp4}
"""


class Device:
    """Lives in `root`. Raises Absent when there is no pip wheel to be had."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.place = Place(root / "device")
        self._key = SigningKey.generate()
        self._pip = _pip_wheel()
        self._modules = _modules()
        self._tools = root / "tools"
        self._prepare()
        self.bundles = {version: self._bundle(version) for version in (NEW, BAD)}
        self.old = self._old()
        self._print = self.fingerprint()

    @property
    def environ(self) -> dict[str, str]:
        """With the stand-in for systemctl."""
        return {**os.environ, "PATH": f"{self._tools}:{os.environ['PATH']}", "CAMERA_AGENT_LANG": "en"}

    def command(self, link: Path, *arguments: str) -> list[str]:
        """`camera-agent …` of the version that `link` means."""
        return [str(link / "bin/camera-agent"), *arguments]

    def update(self, version: str) -> list[str]:
        """`camera-agent update` with short waits."""
        times = ("--window", "4s", "--settle", "250ms", "--root", str(self.place.root))
        return self.command(self.place.current, "update", str(self.bundles[version]), *times)

    def start(self) -> None:
        """The service begins."""
        subprocess.run([self._tools / "systemctl", "restart"], env=self.environ, check=True, timeout=30)

    def stop(self) -> None:
        """The power goes."""
        with suppress(OSError, ValueError):
            os.kill(int((self.place.root / "run/node.pid").read_text()), signal.SIGKILL)
        for path in (
            self.place.root / "run/node.pid",
            self.place.run / "proof.json",
            self.place.run / ".proof.json.tmp",
        ):
            path.unlink(missing_ok=True)

    def reset(self) -> None:
        """As it was before the first update."""
        self.stop()
        self.place.judge.unlink(missing_ok=True)
        shutil.rmtree(self.place.state, ignore_errors=True)
        point(self.place.current, self.old)
        for folder in self.place.versions.iterdir():
            if folder.name != self.old:
                drop(self.place, folder.name)

    def unharmed(self) -> bool:
        """Is the old version as it was, where it still is?"""
        return not self.place.folder(self.old).is_dir() or self.fingerprint() == self._print

    def fingerprint(self) -> str:
        """Of the old version's files."""
        found = []
        for path in sorted(self.place.folder(self.old).rglob("*")):
            about = path.lstat()
            found.append(f"{path} {about.st_mode} {0 if path.is_dir() else about.st_size}")
        return hashlib.sha256("\n".join(found).encode()).hexdigest()

    def _prepare(self) -> None:
        place = self.place
        for folder in (place.versions, place.run, place.keys.parent, self._tools):
            folder.mkdir(parents=True)
        place.config.write_text(CONFIG, encoding="utf-8")
        public = base64.b64encode(b"Ed" + b"benchkey" + bytes(self._key.verify_key)).decode()
        place.keys.write_text(f"untrusted comment: bench\n{public}\n", encoding="ascii")
        tool = self._tools / "systemctl"
        tool.write_text(SYSTEMCTL.replace("ROOT", str(place.root), 1), encoding="utf-8")
        tool.chmod(0o755)

    def _old(self) -> str:
        """The version that a card begins with, made as an update makes one."""
        manifest, sources = self._manifest(OLD)
        folder = self.place.folder(manifest.folder)
        for file, path in sources:
            (folder / file.path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, folder / file.path)
        make(folder, manifest, "import agent.cli.update")
        seal(self.place, manifest.folder, manifest.data())
        point(self.place.current, manifest.folder)
        return manifest.folder

    def _bundle(self, version: str) -> Path:
        manifest, sources = self._manifest(version)
        out = self.root / f"{version}.bundle"
        pack(manifest.data(), self._sign(manifest.data()), sources, out)
        return out

    def _manifest(self, version: str) -> tuple[Manifest, list[tuple[BundleFile, Path]]]:
        folder = self.root / f"made-{version}"
        folder.mkdir()
        paths = [("pip/" + self._pip.name, self._pip)]
        wheels = (agent_wheel(folder, version, self._modules), parts_wheel(folder))
        paths += [(f"wheels/{wheel.name}", wheel) for wheel in wheels]
        sources = []
        for name, path in paths:
            data = path.read_bytes()
            sources.append((BundleFile(path=name, size=len(data), sha256=hashlib.sha256(data).hexdigest()), path))
        manifest = Manifest(
            version=version,
            arch="aarch64" if os.uname().machine == "aarch64" else "x86_64",
            python=f"{sys.version_info.major}.{sys.version_info.minor}",
            created=utc(1_800_000_000 * 10**9),
            installed_bytes=5_000_000,
            files=tuple(file for file, _ in sources),
        )
        return manifest, sources

    def _sign(self, content: bytes) -> bytes:
        comment = b"bench"
        one = self._key.sign(hashlib.blake2b(content, digest_size=64).digest()).signature
        two = self._key.sign(one + comment).signature
        lines = (
            b"untrusted comment: bench",
            _line(b"ED" + b"benchkey" + one),
            b"trusted comment: " + comment,
            _line(two),
        )
        return b"".join(line + b"\n" for line in lines)


def agent_wheel(folder: Path, version: str, modules: Iterable[Path]) -> Path:
    """The agent as far as it is needed here."""
    files = {}
    for path in modules:
        name = path.relative_to(HERE).as_posix()
        text = path.read_text(encoding="utf-8")
        for old, new in SHORTER.get(name, ()):
            assert old in text, name
            text = text.replace(old, new)
        if name == "agent/__init__.py":
            text = f'"""A small agent."""\n\n__version__ = "{version}"\n'
        if name == "agent/update/environment.py":
            text = "\n".join(PARTS if line.startswith("PARTS = ") else line for line in text.split("\n"))
        files[name] = text
    files["agent/cli/run.py"] = f'VERSION, BAD = "{version}", "{BAD}"\n{NODE}'
    return _wheel(folder, "camera_agent", version, files, "[console_scripts]\ncamera-agent=agent.cli:main\n")


def parts_wheel(folder: Path) -> Path:
    """The libraries of this checkout, by a link."""
    site = next(path for path in sys.path if path.endswith("site-packages"))
    return _wheel(folder, "camera_agent_parts", "1.0", {"camera_agent_parts.pth": f"{site}\n"}, None)


def _wheel(folder: Path, name: str, version: str, files: dict[str, str], entry: str | None) -> Path:
    out = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    files = files | {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: bench\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    if entry:
        files[f"{info}/entry_points.txt"] = entry
    record = "".join(f"{path},sha256={_hash(text)},{len(text.encode())}\n" for path, text in files.items())
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n"
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in files.items():
            archive.writestr(zipfile.ZipInfo(path, (2026, 1, 1, 0, 0, 0)), text)
    return out


def _hash(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


def _line(data: bytes) -> bytes:
    return base64.b64encode(data)


def _modules() -> list[Path]:
    """The files that the commands load."""
    code = (
        "import sys, agent.cli, agent.cli.update, agent.cli.version, agent.cli.check_config, agent.update.boot;"
        "print('\\n'.join(m.__file__ for n, m in sys.modules.items() if n.split('.')[0] == 'agent' and m.__file__))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=HERE, timeout=60
    )
    return [Path(line) for line in done.stdout.split()]


def _pip_wheel() -> Path:
    """From this checkout's own pip: the folder of the package, zipped."""
    import ensurepip  # noqa: PLC0415

    bundled = sorted((Path(ensurepip.__file__).parent / "_bundled").glob("pip-*.whl"))
    if not bundled:
        raise Absent("this Python has no pip wheel (ensurepip)")
    return bundled[-1]


def named(link: Path) -> str:
    """The version that a link means."""
    return (target(link) or "-").split("-")[0]
