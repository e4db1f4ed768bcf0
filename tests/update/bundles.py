"""Small bundles, and a stand-in for the system around an update."""

import hashlib
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.clock import Clock, Moment
from agent.i18n import Text
from agent.update.course import Course, Hands, Times
from agent.update.judge import Look
from agent.update.manifest import BundleFile, BundleModel, Manifest
from agent.update.place import Place, target
from agent.update.proof import Proof, write_proof
from agent.update.services import Life
from agent.update.sight import Sight, Worked
from agent.update.state import read_trial
from agent.update.take import Making, Wish, take
from agent.update.tar import pack
from tests.update.signing import Signer

OLD = "0.1.0-00000000"
CONTENTS = {
    "wheels/agent.whl": b"code",
    "pip/pip-1-py3-none-any.whl": b"pip",
    "NOTICES.md": b"thanks",
    "skipped/x": b"x",
}


def manifest_of(version: str, contents: dict[str, bytes], **more: Any) -> Manifest:
    files = tuple(
        BundleFile(path=path, size=len(data), sha256=hashlib.sha256(data).hexdigest())
        for path, data in contents.items()
    )
    values: dict[str, Any] = {
        "version": version,
        "arch": "aarch64",
        "python": "3.13",
        "created": "2026-03-05T07:30:00.250Z",
        "installed_bytes": 1000,
        "files": files,
    }
    return Manifest(**{**values, **more})


def model_of(contents: dict[str, bytes], path: str) -> BundleModel:
    return BundleModel(path=path, sha256=hashlib.sha256(contents[path]).hexdigest())


def bundle_of(folder: Path, signer: Signer | None, manifest: Manifest, contents: dict[str, bytes]) -> Path:
    sources = []
    for file in manifest.files:
        path = folder / "contents" / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(contents[file.path])
        sources.append((file, path))
    out = folder / f"camera-agent-{manifest.version}.bundle"
    pack(manifest.data(), signer.sign(manifest.data()) if signer else None, sources, out)
    return out


def make_place(root: Path, signer: Signer, release: str = "0.1.0") -> Place:
    """A device on which a version runs."""
    place = Place(root)
    old = place.folder(f"{release}-00000000")
    (old / "bin").mkdir(parents=True)
    program(old, release)
    (old / "manifest.json").write_text("{}")
    place.current.symlink_to(f"versions/{old.name}")
    place.run.mkdir(parents=True)
    place.keys.parent.mkdir(parents=True)
    place.keys.write_bytes(signer.public)
    place.config.write_text("node: {}\n")
    return place


def program(folder: Path, version: str) -> None:
    (folder / "bin").mkdir(exist_ok=True)
    script = folder / "bin/camera-agent"
    script.write_text(f"#!/bin/sh\necho camera-agent {version}\n")
    script.chmod(0o755)


def fake_make(folder: Path, manifest: Manifest) -> None:
    program(folder, manifest.version)
    for path in manifest.wheels():
        (folder / path).unlink()


MAKING = Making(make=fake_make, accepts=lambda _folder, _config: True, arch="aarch64", python="3.13")


class FakeClock(Clock):
    """Moves when somebody waits."""

    def __init__(self, boot: str = "boot-1") -> None:
        super().__init__()
        self.boot_id = boot
        self.at_s = 1000.0

    def mono_s(self) -> float:
        return self.at_s

    def now(self) -> Moment:
        return Moment(round(self.at_s * 1e9), 1_800_000_000 * 10**9, True, self.boot_id)


@dataclass
class FakeSystem:
    """systemd, and a node that proves itself when its version is among the good ones."""

    place: Place
    clock: FakeClock
    bad: set[str] = field(default_factory=set)  # versions that never prove themselves
    ends: dict[str, int] = field(default_factory=dict)  # that end by themselves so often
    folder: str | None = None
    trial: str | None = None
    pid: int = 100
    began_s: float = 0.0
    restarts: list[str] = field(default_factory=list)
    reloads: int = 0
    busy: bool = False
    has_judge: bool = False

    def start(self) -> None:
        """The service begins with what `current` names, as at a start of the device."""
        self.pid += 1
        self.folder = target(self.place.current)
        self.began_s = self.clock.at_s
        trial = read_trial(self.place)
        self.trial = trial.id if trial is not None else None
        self.prove()

    def power_off(self) -> None:
        self.folder = None
        (self.place.run / "proof.json").unlink(missing_ok=True)

    def prove(self) -> None:
        if self.folder is None or self.folder in self.bad:
            return
        proof = Proof(
            folder=self.folder,
            version=self.folder.split("-")[0],
            pid=self.pid,
            boot_id=self.clock.boot_id,
            began_s=self.began_s,
            at_s=self.clock.at_s,
            trial=self.trial,
            busy=self.busy,
            before=Worked(cams=("gate",)),
            seen=Sight(captured=("gate",)),
        )
        write_proof(self.place.run, proof)

    def life(self) -> Life:
        ends = self.ends.get(self.folder or "", 0)
        return Life(self.folder is not None, self.pid, self.folder, ends)

    def restart(self) -> None:
        self.start()
        self.restarts.append(self.folder or "")

    def reload(self) -> None:
        self.reloads += 1

    def judged(self) -> bool:
        return self.has_judge

    def wait(self, seconds: float) -> bool:
        self.clock.at_s += 15 * seconds  # in larger steps than a real wait: quicker
        self.prove()
        return False


class FakeGate:
    """Good when what captured before captures again."""

    def __init__(self, before: Worked | None, window_s: float, start_s: float) -> None:
        self._cams = set(before.cams) if before is not None else set()
        self._until_s = start_s + window_s

    def look(self, seen: Sight, now_s: float) -> Look:
        if self._cams <= set(seen.captured):
            return "good"
        if now_s < self._until_s:
            return "wait"
        return Text(en="camera gate gives no picture", vi="camera gate không cho hình")


class Device:
    """All of it."""

    def __init__(self, root: Path, release: str = "0.1.0") -> None:
        self.signer = Signer()
        self.root = root
        self.place = make_place(root / "device", self.signer, release)
        self.clock = FakeClock()
        self.system = FakeSystem(self.place, self.clock)
        self.system.start()
        self.said: list[Text] = []

    def bundle(self, version: str, contents: dict[str, bytes] | None = None, **more: Any) -> Path:
        contents = CONTENTS if contents is None else contents
        return bundle_of(self.root, self.signer, manifest_of(version, contents, **more), contents)

    def course(self, say: Callable[[Text], None] | None = None) -> Course:
        hands = Hands(self.system, FakeGate, self.clock, self.system.wait, say or self.said.append)
        return Course(self.place, hands, Times(900.0, 60.0))

    def take(self, bundle: Path, making: Making = MAKING, older: bool = False) -> str:
        return take(Wish(bundle, older), self.place, self.course(), making, self.said.append)

    def reboot(self) -> None:
        self.system.power_off()
        self.clock.boot_id = f"boot-{int(self.clock.boot_id.split('-')[1]) + 1}"
        self.clock.at_s = 10.0

    @property
    def runs(self) -> str:
        name = target(self.place.current)
        assert name is not None
        return name.split("-")[0]

    def snapshot(self) -> dict[str, str]:
        """Everything on the disk: names, kinds, modes, contents."""
        found: dict[str, Any] = {}
        for path in sorted(self.place.root.rglob("*")):
            if path.parent == self.place.run:
                continue
            about = path.lstat()
            content = path.readlink() if path.is_symlink() else path.read_bytes() if path.is_file() else None
            found[str(path)] = (stat.S_IFMT(about.st_mode), about.st_mode, content, about.st_mtime_ns)
        return {name: str(value) for name, value in found.items()}
