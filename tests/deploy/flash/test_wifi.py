"""Keyfiles, the own wifi, and who gets which secret."""

import configparser
import importlib.util
import json
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from deploy.flash.node_file import NodeFile, WifiPart
from deploy.flash.secret import new_secrets
from deploy.flash.wifi import hotspot_keyfile, hotspot_name, psk, ssid_value, wifi_keyfile

HOTSPOT = Path("deploy/flash/hotspot")


def keyfile(text: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(text)
    return parser


def test_the_key_of_a_password_is_the_standards() -> None:
    # IEEE 802.11-2020, J.4.2, test cases 1 and 2
    assert psk("IEEE", "password") == "f42c6fc52df0ebef9ebb4b90b38a5f902e83fe1b135a70e23aed762e9710a12e"
    assert psk("ThisIsASSID", "ThisIsAPassword") == "0dc0d6eb90555ed6419756b9a15ec3e3209b63df707dd508d14581f8982721af"
    assert psk("x", "AB" * 32) == "ab" * 32


@pytest.mark.parametrize("ssid", ["Nha 51", "72;105;", " dau cach", "Nhà Lan", "a\\b", "[wifi]", "1;"])
def test_any_name_of_a_wifi_survives(ssid: str) -> None:
    told = keyfile(wifi_keyfile(WifiPart(ssid=ssid, password="matkhau123")))["wifi"]["ssid"]
    read = bytes(int(part) for part in told.rstrip(";").split(";")).decode() if told.endswith(";") else told
    assert read == ssid


def test_each_kind_of_wifi() -> None:
    wpa3 = keyfile(wifi_keyfile(WifiPart(ssid="a", password="mat\\khau12", security="wpa3")))["wifi-security"]
    assert (wpa3["key-mgmt"], wpa3["psk"]) == ("sae", "mat\\\\khau12")
    assert "wifi-security" not in keyfile(wifi_keyfile(WifiPart(ssid="a", security="open")))
    assert keyfile(wifi_keyfile(WifiPart(ssid="a", password="12345678", hidden=True)))["wifi"]["hidden"] == "true"


def test_the_own_wifi_never_starts_by_itself_and_runs_without_protected_frames() -> None:
    told = keyfile(hotspot_keyfile("camera-node-1", "acdefghjkmnpqr"))
    assert told["connection"]["autoconnect"] == "false"
    security = told["wifi-security"]
    assert (security["key-mgmt"], security["proto"], security["pmf"]) == ("wpa-psk", "rsn", "1")
    assert told["ipv4"] == {"method": "shared", "address1": "10.42.0.1/24"}
    assert len(hotspot_name("x" * 63)) == 32
    assert ssid_value(hotspot_name("node-0012")) == "camera-node-0012"


def test_three_hundred_nodes_have_nine_hundred_secrets_and_none_says_whose_it_is() -> None:
    drawn = [new_secrets() for _ in range(300)]
    words = [word for each in drawn for word in (each.setup, each.household, each.hotspot)]
    assert len(set(words)) == 900
    assert all(len(each.hotspot) == 14 and len(each.setup) == 12 for each in drawn)
    assert not [word for word in words if word in repr(drawn)]


def test_passwords_are_not_in_what_is_printed_of_a_node() -> None:
    node = NodeFile.model_validate(
        {
            "node": {"id": "a", "ward": "b"},
            "wifi": {"ssid": "x", "password": "canary-123"},
            "server": {"mqtt": "mqtts://h:1", "username": "u", "password": "canary-456"},
            "passwords": {"a.password": "canary-789"},
            "enrol": {"url": "https://h:1", "token": "canary-000"},
            "retention_days": 3,
        }
    )
    assert "canary" not in repr(node)


@pytest.fixture
def hotspot() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hotspot", HOTSPOT / "hotspot.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["hotspot"] = module
    spec.loader.exec_module(module)
    return module


def test_when_the_own_wifi_is_on(hotspot: ModuleType) -> None:
    off = hotspot.Seen(now_s=1000.0, page_open=True, own_on=False, other_wifi=False, clients=0, since_s=None)
    on = replace(off, own_on=True, since_s=900.0)
    assert hotspot.wanted(off)
    assert not hotspot.wanted(replace(off, now_s=100.0))  # the home's wifi first gets its chance
    assert not hotspot.wanted(replace(off, page_open=False))
    assert not hotspot.wanted(replace(off, other_wifi=True))
    assert hotspot.wanted(on)
    assert not hotspot.wanted(replace(on, page_open=False))
    assert not hotspot.wanted(replace(on, since_s=300.0))  # ten minutes and nobody on it
    assert hotspot.wanted(replace(on, since_s=300.0, clients=1))
    assert not hotspot.wanted(replace(off, since_s=950.0))  # a pause, in which the home's wifi may come back
    assert hotspot.wanted(replace(off, since_s=870.0))


def test_a_page_of_another_boot_is_closed(hotspot: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    note, boot = tmp_path / "open.json", tmp_path / "boot_id"
    boot.write_text("this-boot\n")
    monkeypatch.setattr(hotspot, "OPEN", note)
    monkeypatch.setattr(hotspot, "BOOT_ID", boot)
    for told, is_open in (
        ({"boot_id": "this-boot", "until_s": 60.0}, True),
        ({"boot_id": "this-boot", "until_s": 40.0}, False),
        ({"boot_id": "another", "until_s": 60.0}, False),
        ({"until_s": 60.0}, False),
        ([], False),
    ):
        note.write_text(json.dumps(told))
        assert hotspot.page_open(50.0) is is_open, told
    note.unlink()
    assert not hotspot.page_open(50.0)


def test_the_setup_page_writes_what_the_own_wifi_reads(hotspot: ModuleType) -> None:
    from agent.installer.setup.opening import FOLDER, STATE, Opening  # noqa: PLC0415

    assert Path("/var/lib/camera-agent") / FOLDER / STATE == hotspot.OPEN
    assert {"boot_id", "until_s"} <= set(Opening.__dataclass_fields__)


def test_network_manager_is_asked_and_told(
    hotspot: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program as it is, with an nmcli that answers as the real one does for a radio without a connection."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "nmcli").write_text(
        f'#!/bin/sh\necho "$*" >> {tmp_path}/calls\n'
        f'case "$*" in *device) cat {tmp_path}/devices ;; *" up "*|*" down "*) exit 0 ;; esac\n'
    )
    (programs / "nmcli").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    note, boot = tmp_path / "open.json", tmp_path / "boot_id"
    boot.write_text("b")
    note.write_text(json.dumps({"boot_id": "b", "until_s": 1e12}))
    monkeypatch.setattr(hotspot, "OPEN", note)
    monkeypatch.setattr(hotspot, "BOOT_ID", boot)
    monkeypatch.setattr(hotspot, "NOTE", tmp_path / "run" / "since")
    monkeypatch.setattr(hotspot, "PAUSE_S", 0.0)
    (tmp_path / "devices").write_text("eth0:ethernet:unavailable:\nwlan0:wifi:disconnected:\n")
    assert hotspot.main() == 0
    assert "connection up camera-agent-hotspot" in (tmp_path / "calls").read_text()
    (tmp_path / "devices").write_text("wlan0:wifi:connected:camera-agent-hotspot\n")
    note.unlink()
    assert hotspot.main() == 0
    assert "connection down camera-agent-hotspot" in (tmp_path / "calls").read_text()
    before = (tmp_path / "calls").read_text()
    (tmp_path / "devices").write_text("wlan0:wifi:connected:Nhà: 51\n")
    assert hotspot.main() == 0
    assert (tmp_path / "calls").read_text().removeprefix(before).count("connection") == 0
