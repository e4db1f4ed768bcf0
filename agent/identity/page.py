"""The certificate of the setup page, with `cryptography`: made in a process that ends, signed by itself.

No authority can vouch for a device in a house, so a browser warns once. The same certificate is shown again as long as
it fits, so that a phone which was told to trust it, and a person who compared the fingerprint, meet it again.
"""

import ipaddress
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

BUILT = datetime(2026, 11, 1, tzinfo=timezone.utc)  # a node without a clock believes it is 1970: now is later than this
DAYS = 800  # telephones take none that is good for longer than 825
MOST_NAMES = 32
NAME = "camera-agent setup"


def self_signed(names: Iterable[str]) -> tuple[bytes, bytes]:
    """Certificate and key, PEM, for these names and addresses; P-256, for servers. Raises ValueError."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = max(datetime.now(timezone.utc), BUILT)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=DAYS))
        .add_extension(x509.SubjectAlternativeName([_name(each) for each in list(names)[:MOST_NAMES]]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(Encoding.PEM), key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _name(told: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(told))
    except ValueError:
        return x509.DNSName(told)
