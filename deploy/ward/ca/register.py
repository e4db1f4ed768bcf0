"""What the authority remembers: tokens (their hashes only) and certificates, in one SQLite file (0600).

A token is good for one key: the same key may ask again until the token expires, so that an answer that was lost on the
way costs nobody a new token.
"""

import hashlib
import secrets
import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from deploy.ward.ca.authority import Revoked
from deploy.ward.ca.refused import Refused

SECRET_BYTES = 18
TABLES = """
CREATE TABLE IF NOT EXISTS tokens (
  hash TEXT PRIMARY KEY, node TEXT NOT NULL, expires REAL NOT NULL, again INTEGER NOT NULL, used_key BLOB, serial TEXT);
CREATE TABLE IF NOT EXISTS certificates (
  serial TEXT PRIMARY KEY, node TEXT NOT NULL, ends REAL NOT NULL, revoked REAL, pem BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS certificates_node ON certificates(node);
"""
KEPT_S = 400 * 86_400  # what ended so long ago is forgotten
REVIVED_S = 180 * 86_400
Signer = Callable[[], x509.Certificate]


class Register:
    """One per process. Every method is one transaction."""

    def __init__(self, file: Path) -> None:
        file.touch(mode=0o600)
        self._db = sqlite3.connect(file, isolation_level=None, timeout=10.0)
        self._db.executescript("PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL;" + TABLES)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def new_token(self, node: str, life: timedelta, again: bool = False) -> str:
        """A secret for `node`; `again`: the node has a certificate, which this enrolment replaces.

        Raises Refused (already_enrolled) when it has one and `again` is not said.
        """
        now = _now_s()
        secret = secrets.token_urlsafe(SECRET_BYTES).replace("-", "0").replace("_", "1")
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            if not again and self._live(node, now):
                raise _enrolled(node)
            self._db.execute("DELETE FROM tokens WHERE expires < ?", (now - KEPT_S,))
            self._db.execute(
                "INSERT INTO tokens(hash, node, expires, again) VALUES(?, ?, ?, ?)",
                (_hash(secret), node, now + life.total_seconds(), int(again)),
            )
        return secret

    def enrol(self, node: str, secret: str, key: bytes, sign: Signer) -> x509.Certificate:
        """Spend a token on one certificate. Raises Refused: token_wrong, _expired or _used, already_enrolled."""
        now = _now_s()
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            row = self._db.execute(
                "SELECT expires, again, used_key, serial FROM tokens WHERE hash = ? AND node = ?", (_hash(secret), node)
            ).fetchone()
            if row is None:
                raise Refused(401, "token_wrong", "no such token for this node")
            expires, again, used_key, serial = row
            if expires < now:
                raise Refused(403, "token_expired", "the token's time is over")
            if used_key is not None:
                if bytes(used_key) != key:
                    raise Refused(403, "token_used", "the token has been used")
                return self._again(serial)
            if self._live(node, now):
                if not again:
                    raise _enrolled(node)
                self._db.execute("UPDATE certificates SET revoked = ? WHERE node = ? AND revoked IS NULL", (now, node))
            made = sign()
            self._keep(node, made)
            self._db.execute(
                "UPDATE tokens SET used_key = ?, serial = ? WHERE hash = ?",
                (key, _serial(made.serial_number), _hash(secret)),
            )
        return made

    def renew(self, node: str, serial: int, sign: Signer) -> x509.Certificate:
        """One more certificate for who holds a good one. Raises Refused (revoked, unknown_certificate)."""
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            row = self._db.execute(
                "SELECT revoked FROM certificates WHERE serial = ? AND node = ?", (_serial(serial), node)
            ).fetchone()
            if row is None:
                raise Refused(403, "unknown_certificate", "this certificate was not issued here")
            if row[0] is not None:
                raise Refused(403, "revoked", "this certificate has been revoked")
            made = sign()
            self._keep(node, made)
        return made

    def revive(self, node: str, key: bytes, sign: Signer) -> x509.Certificate:
        """Another certificate for a key that had one until lately: a node that was off for months. Raises Refused.

        Whoever sends a request of that key anew gets a certificate that is of no use without it.
        """
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            rows = self._db.execute(
                "SELECT pem FROM certificates WHERE node = ? AND revoked IS NULL AND ends > ?",
                (node, _now_s() - REVIVED_S),
            ).fetchall()
            if not any(_key_of(pem) == key for (pem,) in rows):
                raise Refused(401, "no_certificate", "show the certificate that is to be renewed")
            made = sign()
            self._keep(node, made)
        return made

    def revoke(self, node: str) -> int:
        """Everything that `node` has is no longer good, tokens too; the number of certificates."""
        now = _now_s()
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute("DELETE FROM tokens WHERE node = ?", (node,))
            done = self._db.execute(
                "UPDATE certificates SET revoked = ? WHERE node = ? AND revoked IS NULL AND ends > ?",
                (now, node, now - REVIVED_S),
            )
        return done.rowcount

    def revoked(self) -> tuple[Revoked, ...]:
        """What is no longer good though its time is not over."""
        rows = self._db.execute(
            "SELECT serial, revoked FROM certificates WHERE revoked IS NOT NULL AND ends > ?", (_now_s(),)
        ).fetchall()
        return tuple(Revoked(int(serial, 16), datetime.fromtimestamp(at, timezone.utc)) for serial, at in rows)

    def nodes(self) -> tuple[tuple[str, datetime], ...]:
        """Every node that may come in, and until when."""
        rows = self._db.execute(
            "SELECT node, MAX(ends) FROM certificates WHERE revoked IS NULL AND ends > ? GROUP BY node ORDER BY node",
            (_now_s(),),
        ).fetchall()
        return tuple((node, datetime.fromtimestamp(ends, timezone.utc)) for node, ends in rows)

    def _keep(self, node: str, made: x509.Certificate) -> None:
        self._db.execute("DELETE FROM certificates WHERE ends < ?", (_now_s() - KEPT_S,))
        self._db.execute(
            "INSERT INTO certificates(serial, node, ends, pem) VALUES(?, ?, ?, ?)",
            (
                _serial(made.serial_number),
                node,
                made.not_valid_after_utc.timestamp(),
                made.public_bytes(Encoding.PEM),
            ),
        )

    def _again(self, serial: str) -> x509.Certificate:
        (pem,) = self._db.execute("SELECT pem FROM certificates WHERE serial = ?", (serial,)).fetchone()
        return x509.load_pem_x509_certificate(pem)

    def _live(self, node: str, now: float) -> bool:
        query = "SELECT 1 FROM certificates WHERE node = ? AND revoked IS NULL AND ends > ?"
        return self._db.execute(query, (node, now)).fetchone() is not None


def _enrolled(node: str) -> Refused:
    return Refused(403, "already_enrolled", f"{node} has a certificate; revoke it, or make a token with --again")


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _key_of(pem: bytes) -> bytes:
    key = x509.load_pem_x509_certificate(pem).public_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _serial(number: int) -> str:
    return f"{number:x}"  # SQLite's integers are too short


def _now_s() -> float:
    return datetime.now(timezone.utc).timestamp()
