"""The certificate of the setup page: kept as long as it fits this device's addresses, else made anew by a child.

`python -m agent.app.setup_papers` is that child: it loads what making a key needs (30 MB) and gives it back by ending.
In: a JSON list of names on its standard input. Out: `{"cert": PEM, "key": PEM}`. The key is on no disk but the page's.
"""

import ipaddress
import json
import socket
import subprocess
import sys
import threading
from pathlib import Path

from agent.errors import AgentError
from agent.i18n import Text
from agent.identity.validity import validity_of
from agent.installer.setup.opening import OpeningFile

CHILD_S = 60.0  # a Raspberry Pi 3 takes four
NAMES = "names.json"
HOTSPOT = "10.42.0.1"  # NetworkManager's own, where the device is the hotspot
SPARE_S = 3600.0
_ONE_AT_A_TIME = threading.Lock()  # the setup page and the household's have them in common
FAILED = Text(en="the certificate of the setup page could not be made", vi="không tạo được chứng chỉ cho trang cài đặt")


def own_addresses() -> tuple[str, ...]:
    """Addresses under which others may reach this device, IPv4 first; none of the loopback, none without a scope."""
    import psutil  # noqa: PLC0415  # 1 MB that a node without a page needs for nothing else

    found: list[str] = []
    for addresses in psutil.net_if_addrs().values():
        for each in addresses:
            if each.family in (socket.AF_INET, socket.AF_INET6):
                told = ipaddress.ip_address(each.address.partition("%")[0])
                if not told.is_loopback and not told.is_link_local:
                    found.append(str(told))
    return tuple(sorted(dict.fromkeys(found), key=lambda one: (":" in one, one)))


def host_name() -> str:
    """As mDNS knows this device."""
    return f"{socket.gethostname().lower()}.local"


def papers(file: OpeningFile, now_ns: int) -> tuple[Path, Path]:
    """Certificate and key. Raises AgentError, StorageError."""
    with _ONE_AT_A_TIME:
        return _papers(file, now_ns)


def _papers(file: OpeningFile, now_ns: int) -> tuple[Path, Path]:
    names = ["localhost", host_name(), "127.0.0.1", HOTSPOT, *own_addresses()]
    kept = file.papers()
    if kept is not None and _fits(kept[0], file.folder / NAMES, names, now_ns):
        return kept
    try:
        said = subprocess.run(
            (sys.executable, "-m", "agent.app.setup_papers"),
            input=json.dumps(names).encode(),
            capture_output=True,
            timeout=CHILD_S,
            check=True,
        ).stdout
        told = json.loads(said)
        cert, key = told["cert"].encode(), told["key"].encode()
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError) as error:
        raise AgentError(FAILED) from error
    file.keep_papers(cert, key, json.dumps(sorted(names)).encode())
    kept = file.papers()
    if kept is None:
        raise AgentError(FAILED)
    return kept


def _fits(cert: Path, names_file: Path, names: list[str], now_ns: int) -> bool:
    try:
        covered = json.loads(names_file.read_text(encoding="utf-8"))
        validity = validity_of(cert.read_bytes())
    except (OSError, ValueError):
        return False
    return set(names) <= set(covered) and now_ns + SPARE_S * 1e9 < validity.not_after_ns


def main() -> int:
    """The child."""
    from agent.identity.page import self_signed  # noqa: PLC0415  # what only the child loads

    cert, key = self_signed(json.load(sys.stdin))
    sys.stdout.write(json.dumps({"cert": cert.decode(), "key": key.decode()}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
