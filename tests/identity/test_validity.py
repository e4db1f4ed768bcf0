"""Dates out of DER, compared with a library that reads all of it."""

from datetime import datetime, timedelta, timezone

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from agent.identity.validity import validity_of

KEY = ec.generate_private_key(ec.SECP256R1())
START = datetime(1970, 1, 2, tzinfo=timezone.utc)


def certificate(begin: datetime, end: datetime, name: str) -> bytes:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(KEY.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
    )
    return builder.sign(KEY, hashes.SHA256()).public_bytes(Encoding.PEM)


@given(st.integers(0, 28_000), st.integers(1, 90_000), st.text("abcd ", min_size=1, max_size=60))
def test_both_ends_are_read(begin_days: int, life_days: int, name: str) -> None:
    begin = START + timedelta(days=begin_days, seconds=17)
    end = begin + timedelta(days=life_days)
    found = validity_of(b"# words before\n" + certificate(begin, end, name))
    assert found.not_before_ns == int(begin.timestamp()) * 10**9
    assert found.not_after_ns == int(end.timestamp()) * 10**9


GOOD = certificate(START, START + timedelta(days=20_000), "node")


@given(st.data())
def test_what_is_damaged_is_a_value_error_or_some_date(data: st.DataObject) -> None:
    der = bytearray(x509.load_pem_x509_certificate(GOOD).public_bytes(Encoding.DER))
    for _ in range(data.draw(st.integers(1, 4))):
        der[data.draw(st.integers(0, len(der) - 1))] = data.draw(st.integers(0, 255))
    from base64 import b64encode  # noqa: PLC0415

    pem = b"-----BEGIN CERTIFICATE-----" + b64encode(der[: data.draw(st.integers(0, len(der)))])
    try:
        validity_of(pem + b"-----END CERTIFICATE-----")
    except ValueError:
        return


@pytest.mark.parametrize("pem", [b"", b"no", b"-----BEGIN CERTIFICATE-----!-----END CERTIFICATE-----"])
def test_what_is_no_certificate(pem: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        validity_of(pem)
