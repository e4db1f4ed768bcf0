"""The way out of the house: default interface, signal strength, and a name for the wifi that is not its name.

The household's wifi name is private: only a short salted hash leaves, enough to see that a node moved to another one.
"""

import hashlib
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

TIMEOUT_S = 2.0
ROUTE_UP = 0x0001


@dataclass(frozen=True, slots=True)
class NetHealth:
    """`rssi_dbm` and `ssid_hash` are None on a cable; `iface` is '' without a default route."""

    iface: str = ""
    ssid_hash: str | None = None
    rssi_dbm: int | None = None


def read_net(node: str, root: Path = Path("/")) -> NetHealth:
    """Look at the line; `node` salts the hash, so that two nodes' hashes cannot be compared."""
    iface = default_interface(root)
    rssi = read_rssi(root, iface)
    ssid = read_ssid(iface) if rssi is not None else None
    return NetHealth(iface, hash_ssid(ssid, node) if ssid else None, rssi)


def default_interface(root: Path = Path("/")) -> str:
    """The interface of the IPv4 default route with the lowest metric, or of the IPv6 one."""
    routes: list[tuple[int, str]] = []
    for line in _lines(root / "proc/net/route")[1:]:
        field = line.split()  # Iface Destination Gateway Flags RefCnt Use Metric Mask …
        if len(field) > 7 and field[1] == field[7] == "00000000" and int(field[3], 16) & ROUTE_UP:
            routes.append((int(field[6]), field[0]))
    for line in _lines(root / "proc/net/ipv6_route"):
        field = line.split()  # dest length source length next metric refcnt use flags iface
        if len(field) == 10 and field[1] == "00" and not set(field[0]) - {"0"} and field[9] != "lo":
            routes.append((1 << 32 | int(field[5], 16), field[9]))  # after any IPv4 route
    return min(routes, default=(0, ""))[1]


def read_rssi(root: Path, iface: str) -> int | None:
    """Signal level in dBm of a wifi interface (about -30 very good, -80 hardly usable); None on a cable."""
    for line in _lines(root / "proc/net/wireless")[2:]:
        match = re.match(r"\s*([^:\s]+):\s+\S+\s+\S+\s+(-?\d+)", line)
        if match and match.group(1) == iface:
            level = int(match.group(2))
            return level if level < 0 else level - 256  # some drivers print the byte unsigned
    return None


def read_ssid(iface: str) -> str | None:
    """The wifi's name from `iw`, or the older `iwgetid`; None when neither is there or it is not joined."""
    for command, pattern in ((["iw", "dev", iface, "link"], r"^\s*SSID: (.+)$"), (["iwgetid", iface, "-r"], r"^(.+)$")):
        try:
            answer = subprocess.run(command, capture_output=True, timeout=TIMEOUT_S, check=False)
        except (OSError, subprocess.TimeoutExpired):
            continue
        match = re.search(pattern, answer.stdout.decode("utf-8", "replace"), re.MULTILINE)
        if match:
            return match.group(1).strip()
    return None


def hash_ssid(ssid: str, node: str) -> str:
    """12 hexadecimal digits of sha256."""
    return hashlib.sha256(f"{node}\0{ssid}".encode()).hexdigest()[:12]


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return []
