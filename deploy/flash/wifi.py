"""A wifi as NetworkManager keeps it: one keyfile, the same for every system. Pure.

The password is kept as the key that is made of it (IEEE 802.11-2020 J.4: PBKDF2-HMAC-SHA1, 4096 rounds, 32 bytes), so
that the words people may use elsewhere too are nowhere on the card. WPA3 (SAE) needs the words themselves.
Keyfile format: nm-settings-keyfile(5).
"""

import hashlib
import re
import uuid

from deploy.flash.node_file import WifiPart

WIFI, HOTSPOT = "camera-agent-wifi", "camera-agent-hotspot"
PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_. -]{0,30}[A-Za-z0-9]|[A-Za-z0-9]")
ADDRESS = "10.42.0.1"


def psk(ssid: str, password: str) -> str:
    """64 hexadecimal digits; a password that is such already stays."""
    if re.fullmatch(r"[0-9A-Fa-f]{64}", password):
        return password.lower()
    return hashlib.pbkdf2_hmac("sha1", password.encode(), ssid.encode(), 4096, 32).hex()


def wifi_keyfile(wifi: WifiPart) -> str:
    """The wifi of the place."""
    lines = [
        *_connection(WIFI, "autoconnect-retries=0"),  # for ever: the router may be slower than we are
        "[wifi]",
        "mode=infrastructure",
        f"ssid={ssid_value(wifi.ssid)}",
        "powersave=2",  # off: sleeping radios lose streams
        *(["hidden=true"] if wifi.hidden else []),
        "",
        *_security(wifi),
        "[ipv4]\nmethod=auto\n",
        "[ipv6]\nmethod=auto\n",
    ]
    return "\n".join(lines)


def hotspot_keyfile(ssid: str, password: str) -> str:
    """The node's own wifi; never started by NetworkManager itself. WPA2 with CCMP and without protected management
    frames: with them phones give up on this radio ("802.1X supplicant took too long").
    """
    return "\n".join(
        [
            *_connection(HOTSPOT, "autoconnect=false"),
            f"[wifi]\nmode=ap\nssid={ssid_value(ssid)}\nband=bg\nchannel=6\n",
            f"[wifi-security]\nkey-mgmt=wpa-psk\nproto=rsn\npairwise=ccmp\ngroup=ccmp\npmf=1\npsk={password}\n",
            f"[ipv4]\nmethod=shared\naddress1={ADDRESS}/24\n",
            "[ipv6]\nmethod=ignore\n",
        ]
    )


def hotspot_name(node: str) -> str:
    """32 bytes at most; the end of an id tells nodes apart."""
    return f"camera-{node[-25:]}"


def ssid_value(ssid: str) -> str:
    """As text where nothing in it means anything to the format, else as a list of its bytes."""
    return ssid if PLAIN.fullmatch(ssid) else "".join(f"{byte};" for byte in ssid.encode())


def _connection(name: str, *more: str) -> list[str]:
    return ["[connection]", f"id={name}", f"uuid={uuid.uuid4()}", "type=wifi", *more, ""]


def _security(wifi: WifiPart) -> list[str]:
    if wifi.security == "open" or wifi.password is None:
        return []
    if wifi.security == "wpa3":
        escaped = wifi.password.replace("\\", "\\\\")
        escaped = "\\s" + escaped[1:] if escaped.startswith(" ") else escaped
        return [f"[wifi-security]\nkey-mgmt=sae\npsk={escaped}\n"]
    return [f"[wifi-security]\nkey-mgmt=wpa-psk\npsk={psk(wifi.ssid, wifi.password)}\n"]
