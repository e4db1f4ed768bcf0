"""Signs as minisign does, for tests that need many bundles."""

import base64
import hashlib
import os

from nacl.signing import SigningKey

COMMENT = "a test"


class Signer:
    """One key pair."""

    def __init__(self, prehashed: bool = True, key_id: bytes | None = None) -> None:
        self._key = SigningKey.generate()
        self._prehashed = prehashed
        self.id = os.urandom(8) if key_id is None else key_id

    @property
    def name(self) -> str:
        return self.id[::-1].hex().upper()

    @property
    def public(self) -> bytes:
        return b"untrusted comment: a key\n" + self._line(b"Ed" + self.id + bytes(self._key.verify_key))

    def sign(self, content: bytes) -> bytes:
        """The .minisig file."""
        signed = hashlib.blake2b(content, digest_size=64).digest() if self._prehashed else content
        signature = self._key.sign(signed).signature
        over_all = self._key.sign(signature + COMMENT.encode()).signature
        kind = b"ED" if self._prehashed else b"Ed"  # our node takes the first only
        return (
            b"untrusted comment: signature\n"
            + self._line(kind + self.id + signature)
            + f"trusted comment: {COMMENT}\n".encode()
            + self._line(over_all)
        )

    @staticmethod
    def _line(data: bytes) -> bytes:
        return base64.b64encode(data) + b"\n"
