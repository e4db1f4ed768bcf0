"""A real partitioned image goes in, a card comes out; it is read with other eyes than make-card's."""

import configparser
import hashlib
import json
import lzma
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from agent.config.load import check_config
from deploy.flash.__main__ import main
from deploy.flash.base import settle
from tests.deploy.flash.conftest import KEY, NODE, TOKEN, WORDS, has, made_with
from tests.deploy.flash.stock import BOOT_AT, BOOT_SIZE, PRESEED, ROOT_AT, ROOT_SIZE, Stock, make_bundle, make_image

ENVIRONMENT = {**os.environ, "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin", "MTOOLS_SKIP_CHECK": "1"}


def contents(image: Path, into: Path) -> Path:
    """The boot partition as a folder."""
    fat = into.with_suffix(".fat")
    fat.write_bytes(image.read_bytes()[BOOT_AT : BOOT_AT + BOOT_SIZE])
    into.mkdir()
    command = ("mcopy", "-i", str(fat), "-s", "-n", "-Q", "-m", "::/*", f"{into}/")
    subprocess.run(command, check=True, env=ENVIRONMENT, capture_output=True)
    return into


def env_of(folder: Path) -> dict[str, str]:
    lines = (folder / "camera-agent" / "card.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def orders_of(folder: Path) -> list[list[str]]:
    return [line.split("\t") for line in (folder / "camera-agent/node/place.list").read_text().splitlines()]


@pytest.fixture(scope="module")
def card(stock: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once; nothing changes it."""
    folder = tmp_path_factory.mktemp("card")
    (folder / "node.yaml").write_text(NODE)
    out = folder / "card.img"
    assert main(made_with(stock, "--node", folder / "node.yaml", "--out", out)) == 0
    return out


def test_a_card_has_everything_and_the_system_is_untouched(stock: Path, card: Path, tmp_path: Path) -> None:
    boot = contents(card, tmp_path / "boot")
    folder = boot / "camera-agent"
    facts = env_of(boot)
    bundle = folder / facts["BUNDLE"]
    assert hashlib.sha256(bundle.read_bytes()).hexdigest() == facts["BUNDLE_SHA256"]
    assert bundle.read_bytes() == (stock / bundle.name).read_bytes()
    assert (facts["NODE"], facts["PYTHON"], facts["FAMILY"]) == ("node-0012", "3.13", "cloud-init")
    assert all(re.fullmatch(r"[A-Za-z0-9._:/@+,-]*", value) for value in facts.values())  # as first-boot.sh reads it
    for order in orders_of(boot):
        if order[0] == "file":
            data = (folder / "node" / order[4]).read_bytes()
            assert hashlib.sha256(data).hexdigest() == order[5], order
    assert check_config(folder / "node" / "config.yaml") == ()
    assert (folder / "node/enrol.token").read_text().strip() == TOKEN
    assert (folder / "first-boot.sh").read_bytes() == Path("deploy/first_boot/first-boot.sh").read_bytes()
    assert (boot / "network-config").read_text() == "network:\n  version: 2\n"
    assert (boot / "kernel8.img").read_bytes() == b"kernel" * 1000
    before, after = (stock / "trixie.img").read_bytes(), card.read_bytes()
    assert after[ROOT_AT : ROOT_AT + ROOT_SIZE] == before[ROOT_AT : ROOT_AT + ROOT_SIZE]
    assert after[:BOOT_AT] == before[:BOOT_AT]
    told = (card.parent / "card.img.sha256").read_text().split()
    assert told == [hashlib.sha256(after).hexdigest(), "card.img"]
    assert card.stat().st_mode & 0o777 == 0o600


def test_both_file_systems_are_clean(card: Path, tmp_path: Path) -> None:
    data = card.read_bytes()
    for name, at, size, check in (
        ("fat", BOOT_AT, BOOT_SIZE, ("fsck.vfat", "-n")),
        ("ext4", ROOT_AT, ROOT_SIZE, ("e2fsck", "-f", "-n")),
    ):
        part = tmp_path / name
        part.write_bytes(data[at : at + size])
        done = subprocess.run((*check, str(part)), env=ENVIRONMENT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_system_is_told_of_a_user_with_a_key_and_no_password(card: Path, tmp_path: Path) -> None:
    boot = contents(card, tmp_path / "boot")
    told = yaml.safe_load((boot / "user-data").read_text())
    (user,) = told["users"]
    assert (user["name"], user["lock_passwd"], user["ssh_authorized_keys"]) == ("kythuat", True, [KEY])
    assert told["ssh_pwauth"] is False
    assert not {"passwd", "plain_text_passwd", "hashed_passwd"} & user.keys()
    assert told["bootcmd"] == told["runcmd"] == [["sh", "/boot/firmware/camera-agent/begin.sh"]]
    meta = yaml.safe_load((boot / "meta-data").read_text())
    assert re.fullmatch(r"card-[0-9a-f-]{36}", meta["instance-id"])
    line = (boot / "cmdline.txt").read_text()
    assert line.count("\n") == 1 and line.endswith("\n")
    assert {"root=PARTUUID=1a2b3c4d-02", "cfg80211.ieee80211_regdom=VN", "cgroup_enable=memory"} < set(line.split())
    assert "ds=nocloud" not in line  # it would overrule meta-data


@pytest.mark.skipif(not has("cloud-init"), reason="cloud-init is not installed")
def test_cloud_init_finds_its_data_right(stock: Path, card: Path, node: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone.yaml"
    alone.write_text(re.sub("^ssh:.*\n", "", node.read_text(), flags=re.MULTILINE))
    other = tmp_path / "alone.img"
    assert main(made_with(stock, "--node", alone, "--out", other)) == 0
    for image in (card, other):
        told = contents(image, tmp_path / image.stem) / "user-data"
        command = ("cloud-init", "schema", "--config-file", str(told))
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_wifi_password_is_nowhere_on_the_card(card: Path, tmp_path: Path) -> None:
    data = card.read_bytes()
    assert WORDS[0].encode() not in data
    assert WORDS[1].encode() in data  # this one the node must know
    boot = contents(card, tmp_path / "boot")
    keyfile = configparser.ConfigParser(interpolation=None)
    keyfile.read(boot / "camera-agent/node/wifi/camera-agent-wifi.nmconnection")
    key = hashlib.pbkdf2_hmac("sha1", WORDS[0].encode(), "Nhà Lan".encode(), 4096, 32).hex()
    assert keyfile["wifi-security"]["psk"] == key
    assert bytes(int(part) for part in keyfile["wifi"]["ssid"].rstrip(";").split(";")).decode() == "Nhà Lan"
    for name in ("user-data", "meta-data", "network-config", "cmdline.txt"):  # cloud-init keeps copies of them
        assert key not in (boot / name).read_text()
    targets = {order[3]: order[1:3] for order in orders_of(boot) if order[0] == "file"}
    place = "/etc/NetworkManager/system-connections/camera-agent-wifi.nmconnection"
    assert targets[place] == ["0600", "root:root"]


def test_bookworm_gets_firstrun(stock: Path, node: Path, tmp_path: Path) -> None:
    out = tmp_path / "b.img"
    assert main(made_with(stock, "--node", node, "--out", out, image="bookworm.img", python="311")) == 0
    boot = contents(out, tmp_path / "boot")
    script = (boot / "firstrun.sh").read_text()
    assert KEY in script
    subprocess.run(("sh", "-n", str(boot / "firstrun.sh")), check=True)
    words = (boot / "cmdline.txt").read_text().split()
    assert "systemd.run=/boot/firmware/firstrun.sh" in words
    assert not (boot / "user-data").exists()
    assert env_of(boot)["FAMILY"] == "firstrun"
    assert not any(word in script for word in WORDS)


@pytest.mark.parametrize("has_user", [True, False])
def test_preseed_gets_its_file(stock: Path, node: Path, tmp_path: Path, has_user: bool) -> None:
    tomllib = pytest.importorskip("tomllib")
    make_image(tmp_path / "preseed.img", PRESEED)
    if not has_user:
        node.write_text(re.sub("^ssh:.*\n", "", node.read_text(), flags=re.MULTILINE))
    out = tmp_path / "p.img"
    bundle = stock / "camera-agent-0.1.0-aarch64-cp313.bundle"
    line = ["--image", str(tmp_path / "preseed.img"), "--bundle", str(bundle), "--node", str(node), "--out", str(out)]
    assert main(line) == 0
    boot = contents(out, tmp_path / "boot")
    text = (boot / "rpi-preseed.toml").read_text()
    told = tomllib.loads(text)
    assert told["system"]["hostname"] == "node-0012"
    assert told["runcmd"] == {"early": ["sh /boot/firmware/camera-agent/begin.sh"]}
    assert (told["user"]["password"], told["user"]["password_encrypted"]) == ("*", True)
    assert told["ssh"]["enabled"] is has_user and told["ssh"]["password_authentication"] is False
    assert told["ssh"].get("authorized_keys", []) == ([KEY] if has_user else [])
    assert not any(word in text for word in WORDS)
    assert env_of(boot)["FAMILY"] == "preseed"
    assert "systemd.run" not in (boot / "cmdline.txt").read_text()


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


@pytest.mark.parametrize(
    ("stock_image", "said"),
    [
        (Stock(lib="arm-linux-gnueabihf"), "64-bit"),
        (Stock(machine_id="0123456789abcdef0123456789abcdef\n"), "started before"),
        (Stock(packages=("network-manager",)), "cloud-init"),
    ],
)
def test_an_image_that_would_not_work_is_refused(
    stock: Path, node: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], stock_image: Stock, said: str
) -> None:
    make_image(tmp_path / "other.img", stock_image)
    out = tmp_path / "out" / "card.img"
    bundle = stock / "camera-agent-0.1.0-aarch64-cp313.bundle"
    line = ["--image", str(tmp_path / "other.img"), "--bundle", str(bundle), "--node", str(node), "--out", str(out)]
    assert main(line) == 1
    assert said in capsys.readouterr().err
    assert list(out.parent.iterdir()) == []


def test_a_bundle_for_another_python_and_one_without_room_are_refused(
    stock: Path, node: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out" / "card.img"
    assert main(made_with(stock, "--node", node, "--out", out, python="311")) == 1
    assert "cp313.bundle" in capsys.readouterr().err
    large = make_bundle(tmp_path / "large", size=41_000_000)
    line = ["--image", str(stock / "trixie.img"), "--bundle", str(large), "--node", str(node), "--out", str(out)]
    assert main(line) == 1
    assert "MB free" in capsys.readouterr().err
    assert list(out.parent.iterdir()) == []


def test_packed_images_are_unpacked_and_checked(
    stock: Path, node: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    packed = tmp_path / "raspios.img.xz"
    packed.write_bytes(lzma.compress((stock / "trixie.img").read_bytes(), preset=0))
    bundle = stock / "camera-agent-0.1.0-aarch64-cp313.bundle"
    out = tmp_path / "out" / "card.img"
    line = ["--image", str(packed), "--bundle", str(bundle), "--node", str(node), "--out", str(out), "--quiet"]
    right = hashlib.sha256(packed.read_bytes()).hexdigest()
    beside = tmp_path / "raspios.img.xz.sha256"
    beside.write_text(f"{right[::-1]}  raspios.img.xz\n")
    assert main(line) == 1
    assert right in capsys.readouterr().err
    beside.write_text(f"{right}  raspios.img.xz\n")
    assert main(line) == 0
    assert out.stat().st_size == (stock / "trixie.img").stat().st_size
    out.unlink()
    beside.unlink()
    whole = packed.read_bytes()
    packed.write_bytes(whole[: len(whole) // 2])
    assert main(line) == 1
    assert "cut off" in capsys.readouterr().err
    assert not out.exists()


def test_the_same_node_twice_is_two_cards(stock: Path, card: Path, node: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.img"
    assert main(made_with(stock, "--node", node, "--out", other)) == 0
    one, two = contents(card, tmp_path / "one"), contents(other, tmp_path / "two")
    names = ("camera-agent/node/secrets/setup.code", "camera-agent/node/secrets/household.code", "meta-data")
    for name in (*names, "camera-agent/node/hotspot/camera-agent-hotspot.nmconnection"):
        assert (one / name).read_bytes() != (two / name).read_bytes(), name


def test_no_secret_is_shown(
    stock: Path, node: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], commands: list[tuple[str, ...]]
) -> None:
    out = tmp_path / "card.img"
    line = ["--image", str(stock / "trixie.img"), "--bundle", str(stock / "camera-agent-0.1.0-aarch64-cp313.bundle")]
    assert main([*line, "--node", str(node), "--dry-run"]) == 0
    assert main([*line, "--node", str(node), "--out", str(out)]) == 0
    boot = contents(out, tmp_path / "boot")
    codes = [(boot / f"camera-agent/node/secrets/{name}.code").read_text().strip() for name in ("setup", "household")]
    keyfile = (boot / "camera-agent/node/hotspot/camera-agent-hotspot.nmconnection").read_text()
    codes.append(re.findall(r"^psk=(.*)$", keyfile, re.MULTILINE)[0])
    told = capfd.readouterr()
    seen = told.out + told.err + json.dumps(commands)
    assert len(commands) > 5
    assert not [word for word in (*WORDS, *codes) if word in seen]


@pytest.mark.parametrize("moment", ["base.img", "base.img at the end"])
def test_killed_it_leaves_no_card(stock: Path, node: Path, tmp_path: Path, moment: str) -> None:
    """Killed as soon as it writes, and when only the renaming is left; the next run clears up and ends well."""
    out = tmp_path / "out" / "card.img"
    line = made_with(stock, "--node", node, "--out", out)
    hook = (
        "import os, signal, sys\n"
        "import deploy.flash.order as order, deploy.flash.base as base\n"
        "def die(*_): os.kill(os.getpid(), signal.SIGKILL)\n"
        + ("base._sparse = die\n" if moment == "base.img" else "order.settle = die\n")
        + "from deploy.flash.__main__ import main\nsys.exit(main(sys.argv[1:]))\n"
    )
    done = subprocess.run((sys.executable, "-c", hook, *line), check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert not out.exists()
    assert list(out.parent.glob(".make-card-*"))
    assert main(line) == 0
    assert sorted(path.name for path in out.parent.iterdir()) == ["card.img", "card.img.sha256"]


def test_a_full_disk_leaves_no_card(stock: Path, node: Path, tmp_path: Path) -> None:
    """The largest file that may be written ends in the middle of the image: as a full disk, without being root."""
    out = tmp_path / "out" / "card.img"
    limit = f"import resource, sys\nresource.setrlimit(resource.RLIMIT_FSIZE, ({45 << 20}, {45 << 20}))\n"
    hook = limit + "from deploy.flash.__main__ import main\nsys.exit(main(sys.argv[1:]))\n"
    line = made_with(stock, "--node", node, "--out", out)
    done = subprocess.run((sys.executable, "-c", hook, *line), check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert "no room" in done.stderr
    assert list(out.parent.iterdir()) == []


def test_what_is_not_found_again_is_no_card(
    stock: Path, node: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A disk that loses a bit of the node's files."""

    def lose(image: Path) -> None:
        data = image.read_bytes()
        at = data.find(WORDS[1].encode() + b"\n")
        if at >= 0:
            with image.open("r+b") as file:
                file.seek(at)
                file.write(b"M")
        settle(image)

    monkeypatch.setattr("deploy.flash.card.settle", lose)
    out = tmp_path / "out" / "card.img"
    assert main(made_with(stock, "--node", node, "--out", out)) == 1
    assert "mqtt.password" in capsys.readouterr().err
    assert list(out.parent.iterdir()) == []
