"""Stock images and bundles, made once; a node.yaml to start from; and what is seen of the programs that run."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deploy.flash.__main__ import main
from tests.deploy.flash.stock import BOOKWORM, TRIXIE, make_bundle, make_image, missing_tools

TOKEN = "einmal-und-nie-wieder." + "ab" * 32
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMWk1uyFq0WlPG5Jq6s9fVt4sfC5cCPEO1bu5xGq0wPv thu@may"
WORDS = ("mat-khau-wifi-canary", "mqtt-canary-5521", "camera-canary-7714", TOKEN)
NODE = f"""node: {{id: node-0012, ward: phuong-1, label: Ngã tư chợ}}
wifi: {{ssid: "Nhà Lan", password: {WORDS[0]}}}
ssh: {{user: kythuat, key: {KEY}}}
enrol: {{url: "https://ward.example:9443", token: {TOKEN}}}
server:
  mqtt: [mqtts://ward.example:8883]
  username: node-0012
  password: {WORDS[1]}
  upload: https://ward.example:8443/files/
camera: {{source: "rtsp://192.168.1.64:554/main", username: viewer, password: {WORDS[2]}}}
retention_days: 30
household: true
contact: [Công an phường, 028 3829 1234]
notice: {{purpose: Giữ gìn an ninh trật tự, controller: UBND phường, contact: "Công an phường, 028 3829 1234"}}
"""


@pytest.fixture(scope="session")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with trixie.img, bookworm.img and a bundle for each; nothing in it is changed by a test."""
    lacking = missing_tools()
    if lacking:
        pytest.skip(f"not installed: {lacking}")
    folder = tmp_path_factory.mktemp("stock")
    make_image(folder / "trixie.img", TRIXIE)
    make_image(folder / "bookworm.img", BOOKWORM)
    make_bundle(folder, "3.13")
    make_bundle(folder, "3.11")
    return folder


@pytest.fixture(scope="session")
def card(stock: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once; nothing changes it."""
    folder = tmp_path_factory.mktemp("card")
    (folder / "node.yaml").write_text(NODE)
    out: Path = folder / "card.img"
    assert main(made_with(stock, "--node", folder / "node.yaml", "--out", out)) == 0
    return out


@pytest.fixture
def node(tmp_path: Path) -> Path:
    path = tmp_path / "node.yaml"
    path.write_text(NODE)
    return path


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Every command line that is run: what the process list would show."""
    seen: list[tuple[str, ...]] = []
    real: Callable[..., Any] = subprocess.run

    def run(command: Any, *args: Any, **options: Any) -> Any:
        seen.append(tuple(str(part) for part in command))
        return real(command, *args, **options)

    monkeypatch.setattr("deploy.flash.tool.subprocess.run", run)
    return seen


def made_with(stock: Path, *more: object, image: str = "trixie.img", python: str = "313") -> list[str]:
    """The command line for one card."""
    bundle = stock / f"camera-agent-0.1.0-aarch64-cp{python}.bundle"
    return ["--quiet", "--image", str(stock / image), "--bundle", str(bundle), *(str(each) for each in more)]


def has(program: str) -> bool:
    return shutil.which(program) is not None or shutil.which(program, path="/usr/sbin:/sbin") is not None
