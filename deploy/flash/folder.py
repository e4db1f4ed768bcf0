"""Everything that one node's card gets on its boot partition, as names and bytes. docs/design/flash.md lists it. Pure,
but for the files that node.yaml names.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from agent.config.model import Config
from agent.i18n import Text
from agent.system_words import reason
from deploy.flash import cloud_init, firstrun, preseed
from deploy.flash.compose import CAMERA_PASSWORD, DATA, ETC, MQTT_PASSWORD, Composed
from deploy.flash.image import Family
from deploy.flash.reading import NodeSource
from deploy.flash.refused import CardError
from deploy.flash.secret import Secrets
from deploy.flash.wifi import HOTSPOT, WIFI, hotspot_keyfile, hotspot_name, wifi_keyfile

HERE = Path(__file__).parent
FIRST_BOOT = HERE.parent / "first_boot" / "first-boot.sh"
FOLDER = "camera-agent"
CONNECTIONS = "/etc/NetworkManager/system-connections"
UNITS = "/etc/systemd/system"
PROGRAMS = "/usr/local/lib/camera-agent"
SERVICE = "camera-agent:camera-agent"
MOST_FILE = 1_000_000
MOST_PACKAGE = 64_000_000


@dataclass(frozen=True, slots=True)
class CardFile:
    """`path` on the boot partition."""

    path: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Placed:
    """A file below node/, and where first-boot.sh puts it."""

    source: str
    target: str
    mode: str
    owner: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Facts:
    """What card.env tells beside the node: all but the secrets."""

    family: Family | None  # None: no image, an install bundle
    release: str
    python: str
    bundle: str  # file name; empty: none
    bundle_sha256: str
    made: str  # UTC, ISO 8601
    image: str = ""  # sha256 of the stock image, and of what all cards get
    fingerprint: str = ""  # of all that the card is made from
    update_key: bool = False
    has_hotspot: bool = True
    arch: str = "aarch64"


def node_files(source: NodeSource, composed: Composed, secrets: Secrets, facts: Facts) -> tuple[CardFile, ...]:
    """What is this node's own. Raises CardError for a file that cannot be read."""
    placed = tuple(_placed(source, composed.text, secrets, facts))
    units = ("camera-agent-hotspot.timer",) if source.wanted.hotspot and facts.has_hotspot else ()
    files = [CardFile(f"{FOLDER}/node/{each.source}", each.data) for each in placed]
    files.append(CardFile(f"{FOLDER}/node/place.list", _orders(placed, units)))
    enrol = source.wanted.enrol
    if enrol:
        files.append(CardFile(f"{FOLDER}/node/enrol.env", f"URL={enrol.url}\n".encode()))
        files.append(CardFile(f"{FOLDER}/node/enrol.token", f"{enrol.token}\n".encode()))
        if enrol.ca:
            files.append(CardFile(f"{FOLDER}/node/enrol.ca", _read(source.file.parent / enrol.ca)))
    files.append(CardFile(f"{FOLDER}/card.env", _card_env(source, facts)))
    return tuple(files)


def system_files(source: NodeSource, stock_cmdline: str, family: Family) -> tuple[CardFile, ...]:
    """What the system itself reads at its first start. Raises CardError."""
    node = source.wanted
    try:
        line = firstrun.cmdline(stock_cmdline, node.country, firstrun=family == "firstrun")
    except ValueError as error:
        raise CardError(Text(en="cmdline.txt of the image is damaged", vi="cmdline.txt của ảnh bị hỏng")) from error
    files = [CardFile("cmdline.txt", line)]
    if family == "cloud-init":
        files.append(CardFile("user-data", cloud_init.user_data(node)))
        files.append(CardFile("meta-data", cloud_init.meta_data()))
    elif family == "preseed":
        files.append(CardFile(preseed.NAME, preseed.preseed_toml(node)))
    else:
        files.append(CardFile("firstrun.sh", firstrun.firstrun_sh(node)))
    return tuple(files)


def common_files(update_key: Path | None = None, debs: Path | None = None) -> tuple[CardFile, ...]:
    """What all cards have; the bundle comes beside it. Raises CardError."""
    return (
        CardFile(f"{FOLDER}/begin.sh", _read(HERE / "boot" / "begin.sh")),
        CardFile(f"{FOLDER}/first-boot.service", _read(HERE / "boot" / "first-boot.service")),
        CardFile(f"{FOLDER}/first-boot.sh", _read(FIRST_BOOT)),
        CardFile(f"{FOLDER}/READ-ME.txt", _READ_ME.replace("\n", "\r\n").encode("utf-8-sig")),  # Windows reads it
        *((CardFile(f"{FOLDER}/update.pub", _read(update_key)),) if update_key else ()),
        *_packages(debs),
    )


def _packages(folder: Path | None) -> Iterator[CardFile]:
    if folder is None:
        return
    found = sorted(folder.glob("*.deb"))
    if not found:
        raise CardError(
            Text(en=f"{folder} has no Debian packages (*.deb)", vi=f"{folder} không có gói Debian nào (*.deb)")
        )
    for path in found:
        # apt escapes colons of versions as %3a, which a FAT file system and a shell's patterns do not mind.
        yield CardFile(f"{FOLDER}/debs/{path.name.replace(':', '%3a')}", _read(path, MOST_PACKAGE))


def brought(source: NodeSource) -> Iterator[bytes]:
    """The contents of the files that node.yaml names. Raises CardError."""
    node = source.wanted
    named = [*node.files.values()]
    named += [node.identity.ca, node.identity.cert, node.identity.key] if node.identity else []
    named += [node.enrol.ca] if node.enrol and node.enrol.ca else []
    for path in named:
        yield _read(source.file.parent / path)


def lacking(config: Config, source: NodeSource) -> tuple[str, ...]:
    """Files that the configuration names in /etc/camera-agent and that this card will not bring."""
    have = {f"{ETC}/{name}" for name in _names(source)}
    named = re.findall(rf"{re.escape(ETC)}/[A-Za-z0-9._-]+", config.model_dump_json())
    return tuple(sorted({each for each in named if each not in have}))


def _names(source: NodeSource) -> Iterator[str]:
    node = source.wanted
    yield from ("config.yaml", "setup.code", *node.passwords, *node.files)
    if node.household:
        yield "household.code"
    if node.server and node.server.password:
        yield MQTT_PASSWORD
    if node.camera and node.camera.password:
        yield CAMERA_PASSWORD


def _placed(source: NodeSource, text: str, secrets: Secrets, facts: Facts) -> Iterator[Placed]:
    node, beside = source.wanted, source.file.parent
    yield Placed("config.yaml", f"{ETC}/config.yaml", "0640", "root:camera-agent", text.encode())
    words = {"setup.code": secrets.setup, **node.passwords}
    if node.household:
        words["household.code"] = secrets.household
    if node.server and node.server.password:
        words[MQTT_PASSWORD] = node.server.password
    if node.camera and node.camera.password:
        words[CAMERA_PASSWORD] = node.camera.password
    for name, word in words.items():
        yield Placed(f"secrets/{name}", f"{ETC}/{name}", "0600", SERVICE, f"{word}\n".encode())
    for name, path in node.files.items():
        yield Placed(f"secrets/{name}", f"{ETC}/{name}", "0600", SERVICE, _read(beside / path))
    if node.identity:
        pairs = (("ca.pem", node.identity.ca), ("node.crt", node.identity.cert), ("node.key", node.identity.key))
        for name, path in pairs:
            yield Placed(f"tls/{name}", f"{DATA}/tls/{name}", "0600", SERVICE, _read(beside / path))
    if node.wifi:
        yield _connection(f"wifi/{WIFI}", WIFI, wifi_keyfile(node.wifi))
    if node.hotspot and facts.has_hotspot:
        yield _connection(f"hotspot/{HOTSPOT}", HOTSPOT, hotspot_keyfile(hotspot_name(node.node.id), secrets.hotspot))
        for name in ("camera-agent-hotspot.service", "camera-agent-hotspot.timer"):
            yield Placed(f"hotspot/{name}", f"{UNITS}/{name}", "0644", "root:root", _read(HERE / "hotspot" / name))
        program = _read(HERE / "hotspot" / "hotspot.py")
        yield Placed("hotspot/hotspot.py", f"{PROGRAMS}/hotspot.py", "0644", "root:root", program)


def _connection(source: str, name: str, text: str) -> Placed:
    # NetworkManager leaves out a keyfile that others may read.
    return Placed(f"{source}.nmconnection", f"{CONNECTIONS}/{name}.nmconnection", "0600", "root:root", text.encode())


def _orders(placed: tuple[Placed, ...], units: tuple[str, ...]) -> bytes:
    folders = {
        ETC: ("0750", "root:camera-agent"),
        f"{DATA}/tls": ("0700", SERVICE),
        PROGRAMS: ("0755", "root:root"),
    }
    lines = []
    for folder, (mode, owner) in folders.items():
        if any(each.target.startswith(f"{folder}/") for each in placed):
            lines.append(f"dir\t{mode}\t{owner}\t{folder}")
    for each in placed:
        digest = hashlib.sha256(each.data).hexdigest()
        lines.append(f"file\t{each.mode}\t{each.owner}\t{each.target}\t{each.source}\t{digest}")
    lines += [f"enable\t{unit}" for unit in units]
    return "".join(f"{line}\n" for line in lines).encode()


def _card_env(source: NodeSource, facts: Facts) -> bytes:
    node = source.wanted
    words = {
        "CARD": "1",
        "NODE": node.node.id,
        "WARD": node.node.ward,
        "HOST": node.host,
        "BUNDLE": facts.bundle,
        "BUNDLE_SHA256": facts.bundle_sha256,
        "ARCH": facts.arch,
        "PYTHON": facts.python,
        "RELEASE": facts.release,
        "FAMILY": facts.family or "jetson",
        "COUNTRY": node.country,
        "TIMEZONE": node.timezone,
        "WIFI": "yes" if node.wifi else "no",
        "SSH": "yes" if node.ssh else "no",
        "ENROL": "yes" if node.enrol else "no",
        "UPDATE_KEY": "yes" if facts.update_key else "no",
        "MADE": facts.made,
        "MADE_FROM": facts.fingerprint,
    }
    return "".join(f"{name}={value}\n" for name, value in words.items()).encode()


def _read(path: Path, most: int = MOST_FILE) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        why = reason(error)
        raise CardError(Text(en=f"{path}: {why.en}", vi=f"{path}: {why.vi}")) from error
    if len(data) > most:
        size = f"{most // 1_000_000} MB"
        raise CardError(Text(en=f"{path} is larger than {size}", vi=f"{path} lớn hơn {size}"))
    return data


_READ_ME = """Camera agent: a card made for one node. Thẻ nhớ dành riêng cho một thiết bị camera.

Put it into the Raspberry Pi and switch it on. The first start takes some minutes and needs no internet.
Lắp thẻ vào Raspberry Pi rồi cấp điện. Lần khởi động đầu mất vài phút, không cần internet.

first-boot.log (beside this file, after the first start) says how it went.
first-boot.log (cạnh tệp này, có sau lần khởi động đầu) cho biết kết quả.

Until then the folder node/ holds passwords of this node: keep the card as you would keep a key.
Trước đó, thư mục node/ chứa mật khẩu của thiết bị này: hãy giữ thẻ cẩn thận như giữ chìa khoá.
"""
