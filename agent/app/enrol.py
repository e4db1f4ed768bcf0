"""Enrolment and renewal: the authority's answers and the node's files, joined. Only in processes that end."""

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from agent.clock import Clock
from agent.config.model import TlsSection
from agent.errors import AgentError
from agent.i18n import Text
from agent.identity.request import authorities, checked, new_key, pinned, request_for
from agent.identity.store import CA, CERT, KEY, IdentityStore, Papers
from agent.identity.token import Token
from agent.identity.validity import Validity, validity_of
from agent.system_words import reason
from agent.uplink.est import EstClient
from agent.uplink.login import Login
from agent.uplink.tls import client_context, context_of, unverified_context

FOLDER = "tls"  # in the data directory
FAULT = "certificate_renewal"


@dataclass(frozen=True, slots=True)
class Files:
    """Where a node's identity lies."""

    ca: Path
    cert: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Errand:
    """What the child that renews is told, on its standard input."""

    node: str
    url: str
    ca: str
    cert: str
    key: str


def files_of(tls: TlsSection, data_dir: Path) -> Files:
    """What `tls` names; else those of the folder `tls` in the data directory."""
    home = data_dir / FOLDER
    return Files(tls.ca or home / CA, tls.cert or home / CERT, tls.key or home / KEY)


def trusted(url: str, token: Token, ca_file: Path | None, clock: Clock) -> bytes:
    """The authority to trust (PEM): of a file, or the one with the token's fingerprint. Raises AgentError."""
    if ca_file is not None:
        try:
            return ca_file.read_bytes()
        except OSError as error:
            why = reason(error)
            raise AgentError(Text(en=f"{ca_file}: {why.en}", vi=f"{ca_file}: {why.vi}")) from error
    if token.fingerprint is None:
        raise AgentError(
            Text(
                en="this token does not tell which authority to trust",
                vi="mã đăng ký này không cho biết phải tin máy chủ cấp chứng chỉ nào",
            ),
            Text(
                en="name the ward's authority with --ca FILE, or ask for a token with a fingerprint",
                vi="hãy chỉ ra chứng chỉ của nơi cấp bằng --ca TỆP, hoặc xin mã có kèm mã nhận dạng",
            ),
        )
    with EstClient(url, unverified_context(), clock) as stranger:
        return pinned(stranger.authorities(), token.fingerprint)


def enrol(node: str, url: str, token: Token, ca_pem: bytes, store: IdentityStore) -> Validity:
    """A first certificate (or another), stored. Raises AgentError, StorageError."""
    clock = Clock()
    try:
        context = context_of(ca_pem.decode("ascii", "replace"))
    except ValueError as error:
        raise AgentError(
            Text(en="--ca holds no certificate", vi="--ca không chứa chứng chỉ"),
            Text(en="it is a PEM file", vi="phải là tệp PEM"),
        ) from error
    # Kept before it is asked with: should the answer be lost, the same key may ask again with the same token.
    key = store.pending_key() or new_key()
    try:
        request = request_for(node, key)
    except ValueError:  # cut short by a power cut
        key = new_key()
        request = request_for(node, key)
    store.keep_pending(key)
    with EstClient(url, context, clock) as client:
        answer = client.first(request, Login(node, token.secret))
    cert = checked(answer, ca_pem, key, node)
    store.put(Papers(ca_pem, cert, key))
    store.drop_pending()
    return validity_of(cert)


def renew(errand: Errand) -> None:
    """The next certificate, with a key of its own, in place of the present one. Raises AgentError, StorageError.

    One that has ended opens no door: then the authority is asked with the same key, which it knows.
    """
    clock = Clock()
    files = Files(Path(errand.ca), Path(errand.cert), Path(errand.key))
    store = IdentityStore(files.ca, files.cert, files.key)
    over = validity_of(files.cert.read_bytes()).not_after_ns <= clock.now().wall_ns
    shown = TlsSection(ca=files.ca) if over else TlsSection(ca=files.ca, cert=files.cert, key=files.key)
    context = client_context(shown, FAULT)
    key = files.key.read_bytes() if over else new_key()
    with EstClient(errand.url, context, clock) as client:
        ca_pem = authorities(client.authorities(), files.ca.read_bytes())
        answer = client.next(request_for(errand.node, key))
    store.put(Papers(ca_pem, checked(answer, ca_pem, key, errand.node), key))


def main() -> int:
    """The child: an errand on standard input; a line of JSON on standard output when it failed, and exit code 1."""
    try:
        renew(Errand(**json.loads(sys.stdin.buffer.read(100_000))))
    except AgentError as error:
        said = {"text": asdict(error.text), "hint": asdict(error.hint) if error.hint else None}
        sys.stdout.write(json.dumps(said) + "\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
