"""Which requests for a certificate (PKCS#10) are signed: for a node's own name, with a strong key, and nothing more."""

import base64
import binascii
import re

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from deploy.ward.ca.refused import Refused

NODE = re.compile(r"^[a-z0-9][a-z0-9-]{0,62}$")  # as `node.id` of a configuration
CURVES = ("secp256r1", "secp384r1", "secp521r1")
RSA_BITS = (2048, 8192)  # more costs the signer time
MAX_BASE64 = 12_000


def parse_request(body: bytes) -> x509.CertificateSigningRequest:
    """What a body of `simpleenroll` (base64 of DER, line breaks allowed) asks for. Raises Refused."""
    if len(body) > MAX_BASE64:
        raise Refused(413, "too_large", "no request for a certificate is that long")
    try:
        der = base64.b64decode(b"".join(body.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused(400, "bad_base64", "the body is not base64") from error
    try:
        request = x509.load_der_x509_csr(der)
        signed = request.is_signature_valid
    except (ValueError, TypeError, x509.InvalidVersion, UnsupportedAlgorithm, InvalidSignature) as error:
        raise Refused(400, "bad_request", "the body is no PKCS#10 request in DER") from error
    if not signed:
        raise Refused(400, "bad_signature", "the request is not signed by its own key")
    return request


def check_request(request: x509.CertificateSigningRequest, node: str) -> None:
    """Raises Refused unless the request is for `node` and nothing more."""
    try:
        names = [(one.oid, one.value) for one in request.subject]
        asked = list(request.extensions)
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
        raise Refused(400, "bad_request", "the name or the extensions cannot be read") from error
    if names != [(NameOID.COMMON_NAME, node)]:
        raise Refused(403, "wrong_name", f"the subject must be CN={node} and nothing else")
    if asked:
        raise Refused(403, "extra_extensions", "a node may not ask for extensions or other names")
    _check_key(request)


def key_of(request: x509.CertificateSigningRequest) -> bytes:
    """The public key as DER."""
    return request.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _check_key(request: x509.CertificateSigningRequest) -> None:
    try:
        key = request.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Refused(403, "weak_key", "this kind of key is not accepted") from error
    strong = (isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in CURVES) or (
        isinstance(key, rsa.RSAPublicKey) and RSA_BITS[0] <= key.key_size <= RSA_BITS[1]
    )
    if not strong:
        raise Refused(403, "weak_key", "use a key on P-256, P-384 or P-521, or RSA of 2048 bits or more")
