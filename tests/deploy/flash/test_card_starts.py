"""What lies on a card does its work at the first start; below a folder, with the scripts as they are."""

import os
import subprocess
from pathlib import Path

import pytest

from deploy.flash.__main__ import main
from tests.deploy.flash.conftest import KEY, NODE, TOKEN, WORDS, made_with
from tests.deploy.flash.looks import ENVIRONMENT, contents, env_of, orders_of


def test_firstrun_takes_its_words_off_the_line_last(stock: Path, node: Path, tmp_path: Path) -> None:
    """The script as it is, its programs replaced by ones that note how they were called."""
    out = tmp_path / "b.img"
    assert main(made_with(stock, "--node", node, "--out", out, image="bookworm.img", python="311")) == 0
    boot = contents(out, tmp_path / "boot")
    root = tmp_path / "root"
    for name in ("etc/sudoers.d", "home/kythuat", "bin"):
        (root / name).mkdir(parents=True)
    (root / "etc/hosts").write_text("127.0.0.1\tlocalhost\n127.0.1.1\traspberrypi\n")
    for name in ("usermod", "chown", "systemctl", "userconf"):
        (root / "bin" / name).write_text(f'#!/bin/sh\necho "{name} $*" >> {root}/calls\n')
    home = root / "home/kythuat"
    there = f"kythuat:x:1000:1000::{home}:/bin/sh"
    (root / "bin" / "getent").write_text(
        f"#!/bin/sh\nif [ -e {root}/seen ]; then echo '{there}'; else touch {root}/seen; exit 2; fi\n"
    )
    for program in (root / "bin").iterdir():
        program.chmod(0o755)
    script = (boot / "firstrun.sh").read_text()
    script = script.replace("/boot/firmware", str(boot)).replace("/etc/", f"{root}/etc/")
    script = script.replace("/usr/lib/userconf-pi/userconf", "userconf")
    path = {"PATH": f"{root}/bin:{os.environ['PATH']}", "CAMERA_AGENT_ROOT": str(root)}
    for _ in range(2):  # a power cut before the line was changed: it runs once more
        subprocess.run(("sh", "-c", script), check=True, env={**ENVIRONMENT, **path}, capture_output=True)
    assert (root / "etc/hostname").read_text() == "node-0012\n"
    assert (root / "etc/hosts").read_text() == "127.0.0.1\tlocalhost\n127.0.1.1\tnode-0012\n"
    assert (root / "home/kythuat/.ssh/authorized_keys").read_text() == KEY + "\n"
    assert "userconf kythuat *" in (root / "calls").read_text()
    assert (root / "etc/systemd/system/multi-user.target.wants/camera-agent-first-boot.service").exists()
    assert "PasswordAuthentication no" in (root / "etc/ssh/sshd_config.d/10-camera-agent.conf").read_text()
    line = (boot / "cmdline.txt").read_text()
    assert "systemd." not in line and "root=PARTUUID=1a2b3c4d-02" in line and line.count("\n") == 1


def test_begin_lays_the_unit_until_the_work_is_done(card: Path, tmp_path: Path) -> None:
    boot, root = contents(card, tmp_path / "boot"), tmp_path / "root"
    (root / "usr/share/zoneinfo/Asia").mkdir(parents=True)
    (root / "usr/share/zoneinfo/Asia/Ho_Chi_Minh").touch()
    wants = root / "etc/systemd/system/multi-user.target.wants"
    wants.mkdir(parents=True)
    (wants / "userconfig.service").touch()
    command = ("sh", str(boot / "camera-agent/begin.sh"), "only-lay")
    environment = {**ENVIRONMENT, "CAMERA_AGENT_ROOT": str(root)}
    for _ in range(2):
        subprocess.run(command, check=True, env=environment)
    unit = wants / "camera-agent-first-boot.service"
    assert unit.read_bytes() == (boot / "camera-agent/first-boot.service").read_bytes()
    assert not (wants / "userconfig.service").exists()
    assert os.readlink(root / "etc/localtime") == "/usr/share/zoneinfo/Asia/Ho_Chi_Minh"  # noqa: PTH115
    unit.unlink()
    for path in sorted((boot / "camera-agent/node").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (boot / "camera-agent/node").rmdir()
    subprocess.run(command, check=True, env=environment)
    assert not unit.exists()


def test_the_first_boot_carries_out_what_lies_on_the_card(card: Path, tmp_path: Path) -> None:
    """first-boot.sh as it is, laying below a folder; the program itself is left out. Twice: cut off at its end."""
    boot, root = contents(card, tmp_path / "boot"), tmp_path / "root"
    node = boot / "camera-agent" / "node"
    orders = [order for order in orders_of(boot) if order[0] == "file"]
    wanted = {order[3]: (order[1], (node / order[4]).read_bytes()) for order in orders}
    environment = {**ENVIRONMENT, "CAMERA_AGENT_ROOT": str(root)}
    command = ("sh", str(boot / "camera-agent/first-boot.sh"))
    for _ in range(2):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
    assert "/etc/camera-agent/config.yaml" in wanted and len(wanted) > 8
    for target, (mode, data) in wanted.items():
        path = root / target.lstrip("/")
        assert (f"{path.stat().st_mode & 0o7777:04o}", path.read_bytes()) == (mode, data), target
    assert (root / "etc/camera-agent/enrol/enrol.token").read_text().strip() == TOKEN
    assert not node.exists()
    left = b"".join(path.read_bytes() for path in boot.rglob("*") if path.is_file())
    assert not [word for word in WORDS if word.encode() in left]
    assert "READY" in (boot / "camera-agent/first-boot.log").read_text("utf-8-sig")
    facts = env_of(boot)
    assert facts["MADE_FROM"] and facts["NODE"] == "node-0012"  # card.env stays


def test_packages_that_the_image_lacks_come_along(
    stock: Path, node: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    node.write_text(
        NODE.replace(
            'camera: {source: "rtsp://192.168.1.64:554/main", username: viewer, password: camera-canary-7714}',
            "camera: {source: picamera2}",
        )
    )
    out = tmp_path / "card.img"
    assert main(made_with(stock, "--node", node, "--out", out)) == 0
    assert "python3-picamera2" in capsys.readouterr().err, "the ribbon camera would not work, and the desk hears it"
    out.unlink()
    tree, debs = tmp_path / "tree", tmp_path / "debs"
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "usr/share/stand-in").mkdir(parents=True)
    (tree / "usr/share/stand-in/here").write_text("yes")
    control = (
        "Package: python3-picamera2\nVersion: 1:0.3\nArchitecture: all\nMaintainer: a <a@b.example>\nDescription: x\n"
    )
    (tree / "DEBIAN/control").write_text(control)
    debs.mkdir()
    package = debs / "python3-picamera2_1%3a0.3_all.deb"
    subprocess.run(("dpkg-deb", "--root-owner-group", "-b", str(tree), str(package)), check=True, capture_output=True)
    assert main(made_with(stock, "--node", node, "--out", out, "--debs", debs)) == 0
    assert "python3-picamera2" not in capsys.readouterr().err
    boot, root = contents(out, tmp_path / "boot"), tmp_path / "root"
    for name in ("info", "updates"):
        (root / "var/lib/dpkg" / name).mkdir(parents=True)
    (root / "var/lib/dpkg/status").touch()
    command = ("sh", str(boot / "camera-agent/first-boot.sh"))
    environment = {**ENVIRONMENT, "CAMERA_AGENT_ROOT": str(root)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (root / "usr/share/stand-in/here").read_text() == "yes", done.stdout
