"""Runs the authority: opens its directory, its door and, once a day, renews what it needs itself (its list, its own
certificate).
"""

import asyncio
import contextlib
import signal
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import partial
from pathlib import Path

from cryptography import x509

from deploy.ward.ca.audit import Audit
from deploy.ward.ca.authority import NODE_LIFE, Authority
from deploy.ward.ca.door import Desk, application, open_door, server_context
from deploy.ward.ca.pace import Pace
from deploy.ward.ca.register import Register
from deploy.ward.certificates import Certificates

DAY_S = 86_400.0
RENEW_BEFORE = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class CaOptions:
    """How to run it. Port 0 takes a free one; `names`: what nodes call this server."""

    directory: Path
    host: str = "127.0.0.1"
    port: int = 0
    names: tuple[str, ...] = ("localhost", "127.0.0.1")
    life: timedelta = field(default=NODE_LIFE)


async def serve(options: CaOptions) -> None:
    """Until SIGTERM or SIGINT; prints "port N" when it listens. Raises OSError, WardError."""
    authority = Authority(options.directory)
    register = Register(options.directory / "ca.db")
    audit = Audit(options.directory / "audit.jsonl")
    server = _own(authority, options.names)
    context = server_context(server)
    app = application(Desk(authority, register, audit, Pace(), options.life))
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    door = await open_door(app, options.host, options.port, context)
    authority.write_crl(register.revoked())
    print(f"port {door.sockets[0].getsockname()[1]}", flush=True)
    daily = partial(_daily, authority, register, options.names)
    while not stop.is_set():
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(stop.wait(), DAY_S)
            break
        context.load_cert_chain(*daily())
    door.close()
    register.close()
    audit.close()


def _daily(authority: Authority, register: Register, names: tuple[str, ...]) -> tuple[Path, Path]:
    authority.write_crl(register.revoked())
    own = _own(authority, names)
    return own.cert, own.key


def _own(authority: Authority, names: tuple[str, ...]) -> Certificates:
    """This server's certificate; made anew when it ends soon or the names are others."""
    folder = authority.directory
    made = Certificates(authority.ca, folder / "est.pem", folder / "est.key")
    with contextlib.suppress(OSError, ValueError, x509.ExtensionNotFound):
        known = x509.load_pem_x509_certificate(made.cert.read_bytes())
        told = known.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        same = {str(name.value) for name in told} == set(names)
        in_date = known.not_valid_after_utc - datetime.now(timezone.utc) > RENEW_BEFORE
        known.verify_directly_issued_by(authority.certificate)
        if same and in_date and made.key.exists():
            return made
    return authority.server(folder, "est", names)
