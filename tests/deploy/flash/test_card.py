"""A real partitioned image goes in, a card comes out; it is read with other eyes than make-card's."""

import configparser
import hashlib
import json
import lzma
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from agent.config.load import check_config
from deploy.flash.__main__ import main
from tests.deploy.flash.conftest import KEY, TOKEN, WORDS, has, made_with
from tests.deploy.flash.looks import ENVIRONMENT, contents, env_of, orders_of
from tests.deploy.flash.stock import BOOT_AT, BOOT_SIZE, PRESEED, ROOT_AT, ROOT_SIZE, make_image


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
