from pathlib import Path

import pytest

from agent.health.net import default_interface, hash_ssid, read_net, read_rssi, read_ssid
from tests.health.hands import write

ROUTES = """Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
wlan0\t00000000\t0100A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0
eth0\t00000000\t0100A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0
eth0\t0000A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0
"""
WIRELESS = """Inter-| sta-|   Quality        |   Discarded packets               | Missed | WE
 face | tus | link level noise |  nwid  crypt   frag  retry   misc | beacon | 22
 wlan0: 0000   53.  -57.  -256        0      0      0      0      0        0
 wlan1: 0000   70.  200.  0        0      0      0      0      0        0
"""
SIX = "00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001"


def test_the_lowest_metric_wins(tmp_path: Path) -> None:
    write(tmp_path, "proc/net/route", ROUTES)
    assert default_interface(tmp_path) == "eth0"


def test_ipv6_alone_is_a_way_out(tmp_path: Path) -> None:
    write(tmp_path, "proc/net/ipv6_route", f"{SIX} 00000400 00000001 00000000 00000003 usb0\n")
    assert default_interface(tmp_path) == "usb0"


def test_no_network_at_all(tmp_path: Path) -> None:
    net = read_net("gate-12", tmp_path)
    assert (net.iface, net.ssid_hash, net.rssi_dbm) == ("", None, None)


def test_signal_strength(tmp_path: Path) -> None:
    write(tmp_path, "proc/net/wireless", WIRELESS)
    assert read_rssi(tmp_path, "wlan0") == -57
    assert read_rssi(tmp_path, "wlan1") == -56  # a driver that prints the byte unsigned
    assert read_rssi(tmp_path, "eth0") is None


def test_the_name_of_the_wifi_does_not_leave(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tmp_path / "iw"
    tool.write_text('#!/bin/sh\nprintf "Connected to aa:bb (on %s)\\n\\tSSID: Nhà Bác Ba\\n\\tfreq: 2437\\n" "$2"\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert read_ssid("wlan0") == "Nhà Bác Ba"
    write(tmp_path, "proc/net/route", ROUTES.replace("eth0\t00000000", "eth0\t00000001"))
    write(tmp_path, "proc/net/wireless", WIRELESS)
    net = read_net("gate-12", tmp_path)
    assert net.iface == "wlan0"
    assert net.ssid_hash == hash_ssid("Nhà Bác Ba", "gate-12")
    assert "Nhà" not in repr(net)


def test_two_nodes_in_one_house_give_different_hashes() -> None:
    assert hash_ssid("home", "gate-1") != hash_ssid("home", "gate-2")
    assert len(hash_ssid("home", "gate-1")) == 12


def test_without_tools_the_name_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert read_ssid("wlan0") is None
