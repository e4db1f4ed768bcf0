"""Certificates of one ward: its servers', its programs' and people's, and a node's that is not enrolled over the net.

Two authorities. The nodes' is `deploy.ward.ca`'s, which nodes know and which also signs the servers. The staff's signs
who may read all and ask: no node trusts it and no node's certificate passes for one of it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from agent.durable import write_durably
from agent.i18n import Text
from deploy.ward.ca.authority import Authority
from deploy.ward.ca.policy import NODE
from deploy.ward.ca.refused import Refused
from deploy.ward.ca.register import Register
from deploy.ward.certificates import Certificates
from deploy.ward.child import WardError
from deploy.ward.site import Site, WardSettings

ROLES = ("ward.consumer", "ward.desk")
STAFF_LIFE = timedelta(days=365)
RENEW = timedelta(days=60)  # this long before the end
READABLE, PRIVATE, GROUP = 0o644, 0o600, 0o640


@dataclass(frozen=True, slots=True)
class Authorities:
    """Both, opened or made."""

    nodes: Authority
    staff: Authority
    register: Register

    @classmethod
    def of(cls, site: Site) -> "Authorities":
        """Raises WardError when what is there cannot be used."""
        nodes, staff = site.here(site.nodes), site.here(site.staff)
        authority = Authority(nodes)
        return cls(authority, Authority(staff, "ward staff authority"), Register(nodes / "ca.db"))


def certify(site: Site, settings: WardSettings) -> None:
    """Servers and roles have certificates that are good for a while, and both lists of revoked ones are fresh.

    Does nothing to what is good already. Raises WardError, OSError.
    """
    both = Authorities.of(site)
    both.nodes.write_crl(both.register.revoked())
    both.staff.write_crl(())
    tls = site.here(site.tls)
    hosts = tuple(dict.fromkeys((*settings.hosts, "localhost", "127.0.0.1")))  # programs of this machine come in too
    if not _good(tls / "server.pem", hosts):
        both.nodes.server(tls, "server", hosts)
    (tls / "server.key").chmod(GROUP)
    for role in ROLES:
        staff_certificate(site, both.staff, role)


def staff_certificate(site: Site, authority: Authority, role: str) -> Certificates:
    """Key and certificate of a role in the staff's directory; kept while they are good."""
    made = role_files(site, role)
    if not _good(made.cert, ()):
        key = ec.generate_private_key(ec.SECP256R1())
        signed = authority.sign_node(role, key.public_key(), STAFF_LIFE)
        write_durably(made.key, _pem(key), PRIVATE)
        write_durably(made.cert, signed.public_bytes(Encoding.PEM), READABLE)
    return made


def role_files(site: Site, role: str) -> Certificates:
    """Where a role's files are; `ca` is what it checks the servers with."""
    staff = site.here(site.staff)
    return Certificates(site.here(site.nodes) / "ca.pem", staff / f"{role}.pem", staff / f"{role}.key")


def node_certificate(site: Site, node: str, directory: Path) -> Certificates:
    """Key and certificate made here for a node that cannot enrol: ca.pem, node.pem and node.key in `directory`.

    Raises WardError when the name is none or the node has a certificate already.
    """
    if not NODE.fullmatch(node):
        raise WardError(
            Text(
                en=f"{node!r} is no node's name: small letters, digits and dashes",
                vi=f"{node!r} không phải tên thiết bị: chỉ dùng chữ thường, chữ số và dấu gạch ngang",
            )
        )
    both = Authorities.of(site)
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key()
    try:
        secret = both.register.new_token(node, timedelta(minutes=5))
        signed = both.register.enrol(
            node,
            secret,
            public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
            lambda: both.nodes.sign_node(node, public),
        )
    except Refused as error:
        raise WardError(
            Text(en=f"{node} has a certificate: {error}", vi=f"{node} đã có chứng chỉ: {error}"),
            Text(en="`camera-ward revoke` it first", vi="hãy thu hồi trước bằng `camera-ward revoke`"),
        ) from error
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = Certificates(directory / "ca.pem", directory / "node.pem", directory / "node.key")
    write_durably(made.key, _pem(key), PRIVATE)
    write_durably(made.cert, signed.public_bytes(Encoding.PEM), READABLE)
    write_durably(made.ca, both.nodes.ca.read_bytes(), READABLE)
    return made


def revoke_node(site: Site, node: str) -> int:
    """No certificate of `node` is good any more; how many there were."""
    both = Authorities.of(site)
    count = both.register.revoke(node)
    both.nodes.write_crl(both.register.revoked())
    return count


def _good(file: Path, hosts: tuple[str, ...]) -> bool:
    """Is it there, for these hosts, and good for a while?"""
    if not file.exists():
        return False
    certificate = x509.load_pem_x509_certificate(file.read_bytes())
    if hosts:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        if {str(one.value) for one in names} != set(hosts):
            return False
    return certificate.not_valid_after_utc - datetime.now(timezone.utc) > RENEW


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
