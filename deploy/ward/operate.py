"""What the ward's operator does beside commands: lay the files, let nodes in and out, hand a desk to an officer."""

import contextlib
import os
import signal
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from agent.durable import write_durably
from deploy.ward.certificates import Certificates
from deploy.ward.line import Door, Line
from deploy.ward.node import NodePlace, node_config
from deploy.ward.people import certify, node_certificate, revoke_node, role_files
from deploy.ward.send import DESK
from deploy.ward.site import Site, WardSettings, as_json

READABLE, PRIVATE = 0o644, 0o600


def lay(site: Site, settings: WardSettings) -> None:
    """Configuration and certificates; again and again with the same result. Raises WardError, OSError."""
    site.lay(settings)
    certify(site, settings)
    command_key(site.here(site.state))
    make_desk(site, site.here(site.state) / "desk", "127.0.0.1")


def refresh(site: Site) -> None:
    """Once a day: certificates that end soon are made anew, lists of revoked ones too, and the broker reads them."""
    certify(site, site.settings())
    reload_broker(site)


def revoke(site: Site, node: str) -> int:
    """`node` is out: its certificates, and the connection that it has. The number of certificates."""
    count = revoke_node(site, node)
    if reload_broker(site):
        kick(site, node)
    return count


def reload_broker(site: Site) -> bool:
    """It reads its certificates and lists again; False when it does not run here."""
    with contextlib.suppress(OSError, ValueError):
        os.kill(int((site.here(site.run) / "mosquitto.pid").read_text()), signal.SIGHUP)
        return True
    return False


def kick(site: Site, node: str) -> None:
    """End the connection of `node`: who connects with its client id on the staff's door takes its place.

    Its next try meets the list of revoked certificates. Raises WardError.
    """
    settings = site.settings()
    Line(Door("127.0.0.1", settings.ports.staff, role_files(site, "ward.desk"), node)).leave()


def add_node(site: Site, node: str, folder: Path) -> Path:
    """Certificate, key and the begin of a configuration for a node that cannot enrol over the net; the latter's path.

    The folder is carried to the node by hand and removed here: its key does not stay at the ward. Raises WardError.
    """
    node_certificate(site, node, folder)
    there = Path("/etc/camera-agent")
    files = Certificates(there / "ca.pem", there / "node.pem", there / "node.key")
    public = command_key(site.here(site.state))
    write_durably(folder / public.name, public.read_bytes(), READABLE)
    source = "rtsp://192.168.1.64:554/Streaming/Channels/101"
    place = NodePlace(node, files, Path("/var/lib/camera-agent"), source, command_key=there / public.name)
    config = folder / "config.yaml"
    write_durably(config, node_config(site.settings(), place).encode(), PRIVATE)
    return config


def make_desk(site: Site, folder: Path, host: str | None = None) -> None:
    """The folder for an officer's machine: where the broker is, what to trust, certificate and key."""
    settings = site.settings()
    files = role_files(site, "ward.desk")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for source, name in ((files.ca, "ca.pem"), (files.cert, "desk.pem"), (files.key, "desk.key")):
        write_durably(folder / name, source.read_bytes(), PRIVATE)
    told = {
        "ward": settings.ward,
        "prefix": settings.prefix,
        "host": host or settings.hosts[0],
        "port": settings.ports.staff,
    }
    write_durably(folder / DESK, as_json(told).encode(), PRIVATE)


def command_key(folder: Path) -> Path:
    """The ward's command key (command.key, for the desk), made once; the public half, which nodes pin."""
    private, public = folder / "command.key", folder / "command.pub"
    if not private.exists():
        key = Ed25519PrivateKey.generate()
        write_durably(private, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), PRIVATE)
        known = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        write_durably(public, known, READABLE)
    return public
