"""The public half of a device key: what signatures are checked with, as bytes, as PEM and as a fingerprint.

SPKI after RFC 8410, so that `openssl pkey -pubin` reads it.
"""

import base64
import hashlib
from dataclasses import dataclass

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

SPKI = bytes.fromhex("302a300506032b6570032100")  # SubjectPublicKeyInfo of Ed25519, then 32 bytes
BEGIN, END = "-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """32 bytes of Ed25519."""

    raw: bytes

    @property
    def pem(self) -> str:
        """As `openssl` writes it."""
        return f"{BEGIN}\n{base64.b64encode(SPKI + self.raw).decode()}\n{END}\n"

    @property
    def fingerprint(self) -> str:
        """sha256 of the DER form, hex: `openssl pkey -pubin -in FILE -outform DER | sha256sum`."""
        return hashlib.sha256(SPKI + self.raw).hexdigest()

    def verifies(self, data: bytes, signature: str) -> bool:
        """Is `signature` (base64) that of this key over `data`?"""
        try:
            VerifyKey(self.raw).verify(data, base64.b64decode(signature, validate=True))
        except (BadSignatureError, ValueError, TypeError):
            return False
        return True


def parse_public(pem: str) -> PublicKey:
    """Raises ValueError when it is not an Ed25519 public key in PEM."""
    body = pem.strip()
    if not (body.startswith(BEGIN) and body.endswith(END)):
        raise ValueError("not a PEM public key")
    der = base64.b64decode("".join(body[len(BEGIN) : -len(END)].split()), validate=True)
    if len(der) != len(SPKI) + 32 or not der.startswith(SPKI):
        raise ValueError("not an Ed25519 public key")
    return PublicKey(der[len(SPKI) :])
