"""Who can open encrypted footage: the ward always; the node what it wrote since it was switched on.

Every file has a key of its own, which stands in its header twice: sealed to the ward's public key (X25519, libsodium's
sealed box), and locked with the boot key, which lies in memory only and is gone with the power.
"""

import os
from pathlib import Path

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.secret import SecretBox

from agent.footage.cipher import Clear, Sink
from agent.footage.locked import Header, read_header, read_locked
from agent.footage.ward_key import fingerprint
from agent.values import StreamFormat

KEY_BYTES = 32


class Vault:
    """Thread-safe. `ward`: to whom it locks; None: it only opens. `boot` opens what this boot wrote."""

    def __init__(self, ward: PublicKey | None = None, boot: bytes | None = None) -> None:
        self._ward = ward
        self._boot = SecretBox(boot) if boot else None

    @property
    def locks(self) -> bool:
        """Is what is written to be encrypted?"""
        return self._ward is not None

    def sink(self, path: Path, label: str, form: StreamFormat) -> Sink:
        """A file that begins. Raises OSError."""
        assert self._ward is not None
        key = os.urandom(KEY_BYTES)
        for_ward = SealedBox(self._ward).encrypt(key).hex()
        for_node = self._boot.encrypt(key).hex() if self._boot else ""
        return Sink(path, Header(label, form, fingerprint(self._ward), for_ward, for_node), key)

    def opens(self, path: Path) -> bool:
        """Is there a key here for this file? Raises OSError."""
        header = read_header(path)
        return header is not None and self.key(header) is not None

    def open(self, path: Path) -> Clear:
        """The clear bytes. Raises OSError, also when there is no key here."""
        locked = read_locked(path)
        key = self.key(locked.header) if locked else None
        if locked is None or key is None:
            raise PermissionError(0, "it can be opened with the ward's key only", str(path))
        return Clear(path, locked, key)

    def key(self, header: Header) -> bytes | None:
        """The file's key, where it can be had here."""
        if self._boot is None:
            return None
        try:
            return self._boot.decrypt(bytes.fromhex(header.for_node))
        except (CryptoError, ValueError, TypeError):
            return None


class WardVault(Vault):
    """The ward's: opens whatever was locked for its key, and locks nothing."""

    def __init__(self, private: PrivateKey) -> None:
        super().__init__()
        self._private = SealedBox(private)

    def key(self, header: Header) -> bytes | None:
        """The file's key, where it was locked for this ward."""
        try:
            return self._private.decrypt(bytes.fromhex(header.for_ward))
        except (CryptoError, ValueError, TypeError):
            return None
