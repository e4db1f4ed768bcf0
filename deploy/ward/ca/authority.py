"""The ward's own certificate authority: one P-256 key in a directory, and what it signs.

Files: ca.key (0600), ca.pem, crl.pem (for a broker's `crlfile`). Made at the first start.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs7,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from agent.durable import write_durably
from agent.i18n import Text
from deploy.ward.certificates import Certificates
from deploy.ward.child import WardError

AUTHORITY_LIFE = timedelta(days=3650)
SERVER_LIFE = timedelta(days=365)
NODE_LIFE = timedelta(days=90)
# A broker that finds its list out of date lets nobody in: it is rewritten every day, but a city shall not depend on it.
CRL_LIFE = timedelta(days=365)
BACKDATED = timedelta(days=1)  # clocks of nodes are behind
PUBLIC, PRIVATE = 0o644, 0o600


@dataclass(frozen=True, slots=True)
class Revoked:
    """A certificate that is no longer good."""

    serial: int
    at: datetime


class Authority:
    """Opens the authority of `directory`, or makes it. Raises WardError when what is there cannot be used."""

    def __init__(self, directory: Path, name: str = "ward authority") -> None:
        directory.mkdir(mode=0o755, parents=True, exist_ok=True)
        self.directory = directory
        self.ca = directory / "ca.pem"
        self.crl = directory / "crl.pem"
        key_file = directory / "ca.key"
        if not self.ca.exists():
            _make(name, self.ca, key_file)
        try:
            key = load_pem_private_key(key_file.read_bytes(), None)
            self.certificate = x509.load_pem_x509_certificate(self.ca.read_bytes())
        except (OSError, ValueError, TypeError) as error:
            raise WardError(
                Text(
                    en=f"the authority in {directory} cannot be used: {error}",
                    vi=f"không dùng được nơi cấp chứng chỉ trong {directory}: {error}",
                )
            ) from error
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        self._key = key

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the authority's certificate, in hexadecimal: what a token carries."""
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    def certificates(self) -> bytes:
        """What `cacerts` answers: PKCS#7, DER."""
        return pkcs7.serialize_certificates([self.certificate], Encoding.DER)

    def sign_node(self, node: str, key: CertificatePublicKeyTypes, life: timedelta = NODE_LIFE) -> x509.Certificate:
        """A client certificate with the one name `node`."""
        return self._signed(node, key, life, ExtendedKeyUsageOID.CLIENT_AUTH, None)

    def server(self, directory: Path, name: str, hosts: Iterable[str], life: timedelta = SERVER_LIFE) -> Certificates:
        """Key and certificate of a server with these host names and addresses: NAME.key and NAME.pem in `directory`."""
        directory.mkdir(parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([_host(host) for host in hosts])
        signed = self._signed(name, key.public_key(), life, ExtendedKeyUsageOID.SERVER_AUTH, names)
        made = Certificates(self.ca, directory / f"{name}.pem", directory / f"{name}.key")
        write_durably(made.key, _pem(key), PRIVATE)
        write_durably(made.cert, signed.public_bytes(Encoding.PEM), PUBLIC)
        made.cert.chmod(PUBLIC)
        return made

    def write_crl(self, revoked: Iterable[Revoked]) -> None:
        """The list of what is no longer good, for the broker's `crlfile`."""
        now = datetime.now(timezone.utc)
        builder = x509.CertificateRevocationListBuilder(self.certificate.subject, now - BACKDATED, now + CRL_LIFE)
        builder = builder.add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
        builder = builder.add_extension(self._authority_id(), critical=False)
        for one in revoked:
            entry = x509.RevokedCertificateBuilder(one.serial, one.at).build()
            builder = builder.add_revoked_certificate(entry)
        write_durably(self.crl, builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM), PUBLIC)
        self.crl.chmod(PUBLIC)  # whatever the umask: the broker is another user

    def _signed(
        self,
        name: str,
        key: CertificatePublicKeyTypes,
        life: timedelta,
        use: x509.ObjectIdentifier,
        names: x509.SubjectAlternativeName | None,
    ) -> x509.Certificate:
        now = datetime.now(timezone.utc)
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(name))
            .issuer_name(self.certificate.subject)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - BACKDATED)
            .not_valid_after(now + life)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([use]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(self._authority_id(), critical=False)
        )
        if names is not None:
            builder = builder.add_extension(names, critical=False)
        return builder.sign(self._key, hashes.SHA256())

    def _authority_id(self) -> x509.AuthorityKeyIdentifier:
        return x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())


def _make(name: str, ca: Path, key_file: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    write_durably(key_file, _pem(key), PRIVATE)  # first: a certificate without its key would stop every later start
    write_durably(ca, certificate.public_bytes(Encoding.PEM), PUBLIC)
    ca.chmod(PUBLIC)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _usage(signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)
