"""Whole updates behind the sandbox of root's units, in a machine that booted from a card: `make test-boot`.

By a person's command and by the request that the agent leaves; versions that work stay, those that crash go back.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from deploy.ward.line import Line
from tests.deploy.boot.ethernet import Cable
from tests.deploy.boot.image import card_of
from tests.deploy.boot.machine import Machine, copy_boot, mounted, switched_on
from tests.deploy.boot.test_boot import LIMIT_S, Lab, heard_birth, lab, told, wire

__all__ = ["lab", "wire"]  # fixtures
pytestmark = [
    pytest.mark.skipif(os.environ.get("BOOT") != "1", reason="boots machines for minutes: make test-boot"),
    pytest.mark.timeout(1800),
]
ROOT = Path(__file__).parents[3]
NEEDED = ("agent", "deploy", "systemd", "docs/guide/faults", "docs/reference")
FILES = ("setup.py", "pyproject.toml", "README.md", "config.example.yaml", "LICENSE", "THIRD_PARTY_NOTICES.md")
UNITS = ("camera-agent.service", "camera-agent-update.service")  # one changed for the trial, one after the proof
CRASHES = 'def run(arguments: argparse.Namespace) -> int:\n    raise RuntimeError("a trial that crashes")\n'
WAIT_S = 400.0  # far below the window of 15 minutes, in which a silent version would go back by itself
OPT, ASKS = "/opt/camera-agent", "/run/camera-agent"


@dataclass
class Trials:
    """Bundles of these sources under other versions; each version marks the units that it brings."""

    lab: Lab
    sources: Path = field(init=False)

    def __post_init__(self) -> None:
        self.sources = self.lab.folder / "sources"
        for name in NEEDED:
            shutil.copytree(ROOT / name, self.sources / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in FILES:
            shutil.copy(ROOT / name, self.sources / name)

    def bundle(self, version: str, folder: Path, *, crashes: bool = False) -> Path:
        """Signed, in `folder`."""
        for name in UNITS:
            text = (ROOT / "systemd" / name).read_text(encoding="utf-8")
            (self.sources / "systemd" / name).write_text(f"# trial {version}\n{text}", encoding="utf-8")
        text = (ROOT / "agent/cli/run.py").read_text(encoding="utf-8")
        head = CRASHES.partition("\n")[0] + "\n"
        assert head in text
        (self.sources / "agent/cli/run.py").write_text(
            text.replace(head, CRASHES) if crashes else text, encoding="utf-8"
        )
        key = self.lab.folder / "update.key"
        options = ("--arch", "x86_64", "--python", "3.13", "--release", version, "--key", str(key), "--quiet")
        command = (sys.executable, "-m", "deploy.bundle", "build", *options, "--out", str(folder))
        subprocess.run(command, cwd=self.sources, check=True, stdin=subprocess.DEVNULL)
        return folder / f"camera-agent-{version}-x86_64-cp313.bundle"


@dataclass
class Node:
    """The one in the machine."""

    machine: Machine
    root: Path

    def by_command(self, bundle: str) -> None:
        """A person's command, which goes on without a terminal."""
        self.machine.ask("sh", "-c", f"setsid camera-agent update {bundle} >/var/log/said 2>&1 </dev/null &")

    def by_request(self, bundle: Path) -> None:
        """As the agent does when it has fetched one: it lies in its own folder, and a line in /run names it."""
        theirs = "/var/lib/camera-agent/update"
        there = self.root / theirs.removeprefix("/") / bundle.name
        state = there.parents[1].stat()
        there.parent.mkdir(mode=0o700, exist_ok=True)
        shutil.move(bundle, there)
        there.chmod(0o600)
        for path in (there.parent, there):
            os.chown(path, state.st_uid, state.st_gid)
        code = f"from agent.update.wanted import *; ask(Path({ASKS!r}), Path('{theirs}/{bundle.name}'))"
        self.machine.ask("runuser", "-u", "camera-agent", "--", f"{OPT}/current/bin/python3", "-I", "-c", code)

    def ended(self, version: str) -> str:
        """The result of the update to this version, once it is decided and nothing is on trial; else empty."""
        state = self.root / OPT.removeprefix("/") / "state"
        if (state / "update.json").exists() or not (state / "history.json").exists():
            return ""
        last = json.loads((state / "history.json").read_text()).get("last") or {}
        return str(last["result"]) if str(last.get("to", "")).startswith(version) else ""

    def wait(self, version: str) -> str:
        """How it ended. A figure for whoever runs this by hand."""
        began = self.machine.age_s
        now = self.machine.wait(f"the end of {version}", lambda: self.ended(version) != "", WAIT_S)
        told(f"{version}: {self.ended(version)} after {now - began:.1f} s")
        self.machine.wait("what runs gives pictures", self.seen, 90)
        return self.ended(version)

    def seen(self) -> bool:
        """Does the version that `current` names say itself that its camera gives pictures? No older word counts."""
        said = self.machine.ask("cat", f"{ASKS}/proof.json")
        proof = json.loads(said) if said else {}
        here = Path(self.machine.ask("readlink", f"{OPT}/current")).name
        pid = self.machine.ask("systemctl", "show", "camera-agent", "-p", "MainPID", "--value")
        return proof.get("folder") == here and str(proof.get("pid")) == pid and '"captured": ["cong"]' in said

    def kept(self) -> set[str]:
        """The versions that lie there."""
        folders = (self.root / OPT.removeprefix("/") / "versions").iterdir()
        return {path.name.partition("-")[0] for path in folders}

    def runs(self) -> tuple[str, ...]:
        """The version of current, of judge, of the model's link, of the process, and of the units, without builds."""
        pid = self.machine.ask("systemctl", "show", "camera-agent", "-p", "MainPID", "--value")
        paths = [f"{OPT}/current", f"{OPT}/judge", "/usr/share/camera-agent/ssdlite.onnx"]
        told_paths = [self.machine.ask("readlink", "-f", path) for path in paths]
        told_paths.append(self.machine.ask("sh", "-c", f"tr '\\0' '\\n' </proc/{pid}/cmdline | head -1"))
        versions = [path.partition("/versions/")[2].partition("-")[0] for path in told_paths]
        heads = [(self.root / "etc/systemd/system" / name).read_text().splitlines()[0] for name in UNITS]
        return (*versions, *(head.removeprefix("# trial ") for head in heads))

    def denied(self) -> str:
        """What the judge's unit was refused, in its own words."""
        said = self.machine.ask("journalctl", "-u", "camera-agent-update.service", "--no-pager", "-o", "cat")
        words = ("Read-only file system", "Operation not permitted", "Permission denied", "Traceback", "Failed")
        return "\n".join(line for line in said.splitlines() if any(word in line for word in words))


@pytest.fixture
def updating(lab: Lab, wire: Cable) -> Iterator[tuple[Node, Path]]:
    """A node that told its birth, on a folder, which has room for three versions; and its /boot/firmware here."""
    card = card_of(lab.card("updates"))
    boot, root = copy_boot(card, lab.folder / "updates/boot"), lab.folder / "updates/root"
    with mounted(card, lab.folder / "updates/card") as there:
        subprocess.run(("cp", "-a", str(there), str(root)), check=True)
    line: Line
    with lab.listen() as line, switched_on(root, boot, wire) as machine:
        machine.wait("the birth", heard_birth(line), LIMIT_S)
        machine.wait("the end of the first boot", lambda: not (boot / "camera-agent/node").exists(), 120)
        node = Node(machine, root)
        machine.wait("a proof", lambda: '"captured": ["cong"]' in machine.ask("cat", f"{ASKS}/proof.json"), 90)
        yield node, boot


@pytest.mark.skipif(shutil.which("minisign") is None, reason="needs minisign")
def test_updates_by_hand_and_by_request_stay_or_go_back(lab: Lab, updating: tuple[Node, Path]) -> None:
    node, boot = updating
    trials = Trials(lab)

    good = trials.bundle("0.9.1", boot)
    node.by_command(f"/boot/firmware/{good.name}")
    assert node.wait("0.9.1") == "updated", (node.root / "var/log/said").read_text()
    assert node.runs() == ("0.9.1",) * 6

    node.by_request(trials.bundle("0.9.2", boot, crashes=True))
    assert node.wait("0.9.2") == "returned"
    assert node.runs() == ("0.9.1",) * 6

    node.by_request(trials.bundle("0.9.3", boot))
    assert node.wait("0.9.3") == "updated"
    assert node.runs() == ("0.9.3",) * 6

    bad = trials.bundle("0.9.4", boot, crashes=True)
    node.by_command(f"/boot/firmware/{bad.name}")
    assert node.wait("0.9.4") == "returned", (node.root / "var/log/said").read_text()
    assert node.runs() == ("0.9.3",) * 6

    assert node.denied() == ""
    # What went back is removed after its end was noted.
    node.machine.wait("the end of what went back", lambda: node.kept() == {"0.9.1", "0.9.3"}, 60)
