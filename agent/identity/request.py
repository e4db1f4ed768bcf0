"""Key, request and certificate, with `cryptography`: loaded only where a node enrols or renews, in a process that ends.

A P-256 key is made on the device and never leaves it. What comes back is looked at before it is kept.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    pkcs7,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from agent.contract.base import utc
from agent.errors import AgentError
from agent.i18n import Text

LONGEST_CHAIN = 5
ASK_WARD = Text(en="nothing was stored; ask the ward's operator", vi="chưa lưu gì; hãy hỏi người vận hành ở phường")
SET_CLOCK = Text(
    en="set the clock: connect the node to a time server (timedatectl), or by hand: sudo date -s 'YYYY-MM-DD HH:MM'; "
    "then run this again",
    vi="hãy chỉnh giờ: nối thiết bị với máy chủ giờ (timedatectl), hoặc chỉnh tay: sudo date -s 'NĂM-THÁNG-NGÀY "
    "GIỜ:PHÚT'; rồi chạy lại lệnh này",
)


def new_key() -> bytes:
    """A new P-256 key, PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def request_for(node: str, key_pem: bytes) -> bytes:
    """PKCS#10 (DER): CN is the node's id, nothing else is asked for. Raises ValueError when the key is damaged."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, node)])
    key = _private(key_pem)
    return (
        x509.CertificateSigningRequestBuilder()
        .subject_name(subject)
        .sign(key, hashes.SHA256())
        .public_bytes(Encoding.DER)
    )


def pinned(answer: bytes, fingerprint: str) -> bytes:
    """The authority (PEM) with this SHA-256 among those of `cacerts`. Raises AgentError when it is not there."""
    for one in _certificates(answer):
        if one.fingerprint(hashes.SHA256()).hex() == fingerprint:
            return one.public_bytes(Encoding.PEM)
    raise AgentError(
        Text(
            en="the authority's fingerprint is not the token's: somebody may sit between this node and the ward",
            vi="mã nhận dạng (fingerprint) của máy chủ cấp chứng chỉ không khớp với mã đăng ký: có thể có kẻ chen giữa "
            "thiết bị và phường",
        ),
        Text(
            en="nothing was sent; check the address, try from another network, and ask the ward before going on",
            vi="chưa gửi gì cả; hãy kiểm tra địa chỉ, thử mạng khác và hỏi phường trước khi tiếp tục",
        ),
    )


def authorities(answer: bytes, known: bytes) -> bytes:
    """What to trust from now on (PEM): what the authority, asked over a trusted connection, says; and what is known."""
    told = [*_certificates(answer), *x509.load_pem_x509_certificates(known)]
    now = datetime.now(timezone.utc)
    good = [one for one in told if one.not_valid_after_utc > now]
    return b"".join(dict.fromkeys(one.public_bytes(Encoding.PEM) for one in good)) or known


def checked(answer: bytes, ca_pem: bytes, key_pem: bytes, node: str) -> bytes:
    """The certificate (PEM, with what links it to the authority) that `answer` holds. Raises AgentError when it is not
    ours: another key, another name, another authority, not for clients, or not now.
    """
    found = _certificates(answer)
    ours = _public(_private(key_pem).public_key())
    own = next((one for one in found if _public(one.public_key()) == ours), None)
    if own is None:
        raise _wrong("is for another key", "dành cho khoá khác")
    if _names(own) != [node]:
        raise _wrong(f"is for another node, not {node}", f"dành cho thiết bị khác, không phải {node}")
    chain = _chain(own, found, x509.load_pem_x509_certificates(ca_pem))
    _check_use(own)
    _check_dates(own)
    return b"".join(one.public_bytes(Encoding.PEM) for one in chain)


def is_own(pem: bytes, node: str) -> bool:
    """Is this certificate the one that the ward's servers know `node` by? Raises ValueError when it is none."""
    return _names(x509.load_pem_x509_certificate(pem)) == [node]


def _chain(
    own: x509.Certificate, others: Sequence[x509.Certificate], trusted: Sequence[x509.Certificate]
) -> list[x509.Certificate]:
    chain = [own]
    while len(chain) <= LONGEST_CHAIN:
        if any(_issued(chain[-1], one) for one in trusted):
            return chain
        above = next((one for one in others if one not in chain and _issued(chain[-1], one)), None)
        if above is None:
            break
        chain.append(above)
    raise _wrong("is not from the ward's authority", "không do nơi cấp của phường ký")


def _names(one: x509.Certificate) -> list[str | bytes]:
    return [each.value for each in one.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]


def _issued(one: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        one.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _check_use(own: x509.Certificate) -> None:
    try:
        uses = own.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return  # then it is for everything
    if ExtendedKeyUsageOID.CLIENT_AUTH not in uses:
        raise _wrong("is not for clients", "không dùng được cho thiết bị")


def _check_dates(own: x509.Certificate) -> None:
    now = datetime.now(timezone.utc)
    today = utc(round(now.timestamp() * 1e9))[:16].replace("T", " ")
    if own.not_valid_before_utc > now + timedelta(minutes=1):
        raise AgentError(
            Text(
                en=f"the certificate is not valid yet; the node's clock is probably wrong: {today} UTC",
                vi=f"chứng chỉ chưa có hiệu lực; có lẽ đồng hồ của thiết bị bị sai: {today} UTC",
            ),
            SET_CLOCK,
        )
    if own.not_valid_after_utc <= now:
        raise AgentError(
            Text(
                en=f"the certificate has expired already; the node's clock is probably wrong: {today} UTC",
                vi=f"chứng chỉ đã hết hạn; có lẽ đồng hồ của thiết bị bị sai: {today} UTC",
            ),
            SET_CLOCK,
        )


def _certificates(answer: bytes) -> list[x509.Certificate]:
    try:
        found = pkcs7.load_der_pkcs7_certificates(answer)
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        raise _wrong("cannot be read", "không đọc được") from error
    if not found:
        raise _wrong("is missing", "bị thiếu")
    return found


def _private(pem: bytes) -> ec.EllipticCurvePrivateKey:
    key = load_pem_private_key(pem, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError("no key on an elliptic curve")
    return key


def _public(key: object) -> bytes:
    made = getattr(key, "public_bytes", None)
    return bytes(made(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)) if made else b""


def _wrong(en: str, vi: str) -> AgentError:
    return AgentError(
        Text(en=f"the certificate that the authority gave {en}", vi=f"chứng chỉ mà máy chủ cấp trả về {vi}"), ASK_WARD
    )
