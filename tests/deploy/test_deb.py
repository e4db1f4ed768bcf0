"""The Debian package: what is in it, what lintian says, and with DEB=1 (root) its whole life in a fresh Debian 13."""

import os
import platform
import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.bundle.build import Order, build_bundle
from deploy.bundle.target import Target
from deploy.deb.__main__ import main
from deploy.deb.build import build_deb
from deploy.fetch import Progress
from tests.deploy.boot.roots import BOOTING, Root, is_root, missing_tools, unpack, within
from tests.deploy.small_bundle import small_bundle

QUIET = Progress(quiet=True)
pytestmark = pytest.mark.skipif(
    shutil.which("dpkg-deb") is None or platform.machine() != "x86_64", reason="needs dpkg-deb and this processor"
)


def said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("deb")
    return build_deb(small_bundle(folder, "0.1.0", python="3.13"), folder, QUIET)


def test_it_brings_the_bundle_and_wants_the_python_of_its_wheels(package: Path) -> None:
    assert package.name == "camera-agent_0.1.0-1~deb13_amd64.deb"
    wants = said("dpkg-deb", "--field", str(package), "Depends")
    assert "python3 (>= 3.13~), python3 (<< 3.14~)" in wants
    listing = said("dpkg-deb", "--contents", str(package))
    assert "./usr/lib/camera-agent/camera-agent.bundle" in listing
    assert "camera-agent -> /opt/camera-agent/current/bin/camera-agent" in listing
    assert "./opt" not in listing, "dpkg must not own what an update exchanges"
    assert all(line.split()[1] == "root/root" for line in listing.splitlines())


def test_the_same_bundle_gives_the_same_bytes(package: Path, tmp_path: Path) -> None:
    again = build_deb(small_bundle(tmp_path, "0.1.0", python="3.13"), tmp_path, QUIET)
    assert again.read_bytes() == package.read_bytes()


def test_a_damaged_bundle_becomes_no_package(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle = small_bundle(tmp_path, "0.1.0", python="3.13")
    data = bundle.read_bytes()
    at = data.index(b"model 0.1.0")
    for spoilt in (data[:at] + b"M" + data[at + 1 :], b"no bundle"):
        bundle.write_bytes(spoilt)
        assert main(["--bundle", str(bundle), "--out", str(tmp_path / "out"), "--quiet"]) == 1
    assert capsys.readouterr().err.count("\n") == 2 and not (tmp_path / "out").exists()


@pytest.mark.skipif(shutil.which("lintian") is None, reason="lintian is not installed")
def test_lintian_complains_about_nothing_that_is_not_explained(package: Path) -> None:
    done = subprocess.run(("lintian", str(package)), capture_output=True, text=True, check=False)
    # The small bundle of this test brings no manual page; the real one does.
    rest = [line for line in done.stdout.splitlines() if "no-manual-page" not in line]
    assert rest == []


@pytest.mark.skipif(os.environ.get("DEB") != "1", reason="installs into a whole Debian, minutes: make test-deb")
@pytest.mark.timeout(1200)
def test_installed_upgraded_updated_past_removed_purged(tmp_path: Path) -> None:
    if not is_root() or missing_tools():
        pytest.skip("needs root and mmdebstrap")
    root = tmp_path / "root"
    unpack(Root("amd64", BOOTING), root)
    target, inside = Target("x86_64", "3.13"), root / "tmp/deb"
    inside.mkdir()
    for version in ("0.1.0", "0.1.1"):
        bundle = build_bundle(Order(target, tmp_path, version=version), QUIET)
        build_deb(bundle, inside, QUIET)
        bundle.unlink()

    def dpkg(*options: str) -> str:
        done = within(root, "dpkg", *options)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def runs() -> str:
        return within(root, "camera-agent", "version").stdout

    old, new = (f"/tmp/deb/camera-agent_{version}-1~deb13_amd64.deb" for version in ("0.1.0", "0.1.1"))
    dpkg("--install", old)
    assert "camera-agent 0.1.0 " in runs()
    assert (root / "etc/systemd/system/multi-user.target.wants/camera-agent.service").is_symlink()
    config = root / "etc/camera-agent/config.yaml"
    config.write_text("mine: true\n")

    dpkg("--install", new)
    assert "camera-agent 0.1.1 " in runs()
    assert len(list((root / "opt/camera-agent/versions").iterdir())) == 2  # the one before stays, to go back to
    # As a node that `camera-agent update` took further than the package that somebody installs again.
    assert "stays" in dpkg("--install", "--force-downgrade", old)
    assert "camera-agent 0.1.1 " in runs()
    assert config.read_text() == "mine: true\n"

    dpkg("--remove", "camera-agent")
    assert not (root / "opt/camera-agent").exists()
    assert not list((root / "etc/systemd/system").glob("camera-agent*"))
    assert not list((root / "etc/systemd/system").glob("*/camera-agent*"))
    assert config.read_text() == "mine: true\n"
    dpkg("--purge", "camera-agent")
    for gone in ("etc/camera-agent", "var/lib/camera-agent", "usr/lib/camera-agent", "usr/share/camera-agent"):
        assert not (root / gone).exists(), gone
    assert within(root, "getent", "passwd", "camera-agent").returncode != 0
