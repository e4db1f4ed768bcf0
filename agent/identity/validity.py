"""From when until when a certificate is good, read from its DER (X.690, RFC 5280) without a library for certificates.

The running node needs no more of its certificate than this; `cryptography` would cost it more than ten megabytes.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import datetime, timezone

SEQUENCE, VERSION, UTC_TIME, GENERALIZED_TIME = 0x30, 0xA0, 0x17, 0x18
PEM = re.compile(rb"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", re.DOTALL)
LARGEST = 100_000
NS = 10**9


@dataclass(frozen=True, slots=True)
class Validity:
    """Unix nanoseconds, both ends included."""

    not_before_ns: int
    not_after_ns: int

    @property
    def life_ns(self) -> int:
        """From one end to the other."""
        return self.not_after_ns - self.not_before_ns


@dataclass(frozen=True, slots=True)
class _Element:
    tag: int
    begin: int  # of the content
    end: int


def validity_of(pem: bytes) -> Validity:
    """Of the first certificate in a PEM file. Raises ValueError."""
    found = PEM.search(pem[:LARGEST])
    if found is None:
        raise ValueError("no certificate")
    try:
        der = base64.b64decode(b"".join(found[1].split()), validate=True)
    except binascii.Error as error:
        raise ValueError("no base64") from error
    certificate = _element(der, 0, SEQUENCE)
    at = _element(der, certificate.begin, SEQUENCE).begin  # TBSCertificate
    if _element(der, at).tag == VERSION:
        at = _element(der, at).end
    for _ in range(3):  # serial number, algorithm, issuer
        at = _element(der, at).end
    span = _element(der, at, SEQUENCE)
    first = _element(der, span.begin)
    return Validity(_time(der, first), _time(der, _element(der, first.end)))


def _element(der: bytes, at: int, wanted: int | None = None) -> _Element:
    if at + 2 > len(der):
        raise ValueError("cut short")
    tag, length, begin = der[at], der[at + 1], at + 2
    if length & 0x80:
        count = length & 0x7F
        if not 1 <= count <= 4 or begin + count > len(der):
            raise ValueError("a length that is none")
        length = int.from_bytes(der[begin : begin + count], "big")
        begin += count
    if begin + length > len(der) or (wanted is not None and tag != wanted):
        raise ValueError("no certificate")
    return _Element(tag, begin, begin + length)


def _time(der: bytes, element: _Element) -> int:
    text = der[element.begin : element.end].decode("ascii")
    if element.tag == UTC_TIME:
        text = ("20" if text < "50" else "19") + text  # RFC 5280, 4.1.2.5.1
    elif element.tag != GENERALIZED_TIME:
        raise ValueError("no time")
    return int(datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=timezone.utc).timestamp()) * NS
